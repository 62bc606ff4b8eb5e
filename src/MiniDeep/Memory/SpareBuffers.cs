namespace MiniDeep;

/// <summary>
/// Small buffers that were given back before the collector found them: the next one of the same size is still in the cache, and the collector has less to clear. A few for each thread, so
/// without a lock.
/// </summary>
internal sealed class SpareBuffers
{
    private const int Count = 16;

    /// <summary>Smaller ones are made as fast as found.</summary>
    private const long Smallest = 1024;

    [ThreadStatic] private static SpareBuffers? t_own;

    private readonly Storage?[] _spare = new Storage?[Count];
    private int _next;

    /// <summary>A buffer of exactly this size, if there is one.</summary>
    public static Storage? Take(Device device, long bytes, DType dtype, int length)
    {
        if (bytes < Smallest || t_own is not { } own) return null;
        foreach (ref Storage? slot in own._spare.AsSpan())
        {
            if (slot is not { } storage || storage.Block.Bytes != bytes || !ReferenceEquals(storage.Device, device)) continue;
            slot = null;
            // a storage of its own: whoever still has the old one sees that it was given back
            return new Storage(device, storage.Block, dtype, length);
        }
        return null;
    }

    /// <summary>Takes a buffer whose only owner doesn't need it any more; one that lies here longest makes room.</summary>
    public static void Put(Storage storage)
    {
        if (storage.Block.Bytes < Smallest || storage.IsSpare) return;
        storage.Generation++;
        storage.IsSpare = true;
        SpareBuffers own = t_own ??= new SpareBuffers();
        own._spare[own._next] = storage;
        own._next = (own._next + 1) % Count;
    }
}
