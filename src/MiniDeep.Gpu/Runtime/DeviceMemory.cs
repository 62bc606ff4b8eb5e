using ILGPU;
using ILGPU.Runtime;

namespace MiniDeep;

/// <summary>The memory of one device, in slabs. Used under the backend's lock.</summary>
internal sealed class DeviceMemory(Accelerator accelerator, string deviceName, DriverGuard driver)
{
    /// <summary>Blocks of up to a quarter of this share an allocation.</summary>
    private const long SlabBytes = 8 << 20;

    private const string Allocating = "allocating memory", Freeing = "freeing memory";

    private Slab? _open;

    /// <summary>What is allocated on the device.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>The largest total to be allocated, for tests of what happens when memory runs out.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>Gives what the pool holds for nobody back; called when there is no memory left.</summary>
    public Action? Trim { get; set; }

    /// <summary>What messages say of the memory.</summary>
    public string Held => $"MiniDeep holds {Megabytes(HeldBytes)} of the device's {Megabytes(accelerator.MemorySize)}";

    /// <summary>A piece for an operation's own use, which no pool above asks for.</summary>
    /// <exception cref="OutOfMemoryException">The device has no such piece, though all that nobody uses was given back.</exception>
    public (Slab Slab, long Offset, long Bytes) TakeOrTrim(long bytes)
    {
        try
        {
            return Take(bytes);
        }
        catch (OutOfMemoryException) when (Trim is not null)
        {
            Trim();
            return Take(bytes);
        }
    }

    /// <exception cref="OutOfMemoryException">The device has no such piece.</exception>
    public (Slab Slab, long Offset, long Bytes) Take(long bytes)
    {
        long rounded = checked(Math.Max(bytes, 1) + Slab.Alignment - 1) / Slab.Alignment * Slab.Alignment;
        if (rounded > SlabBytes / 4)
        {
            Slab own = NewSlab(rounded, bytes);
            return (own, own.Take(rounded), rounded);
        }
        long offset = _open?.Take(rounded) ?? -1;
        if (offset < 0)
        {
            _open = NewSlab(SlabBytes, bytes);
            offset = _open.Take(rounded);
        }
        return (_open!, offset, rounded);
    }

    public void Return(Slab slab)
    {
        if (!slab.Return()) return;
        if (ReferenceEquals(slab, _open))
        {
            slab.Rewind();
            return;
        }
        HeldBytes -= slab.Bytes;
        // the memory of a lost device is gone
        if (driver.IsLost) return;
        try
        {
            driver.Enter(Freeing);
            slab.Release();
        }
        catch (Exception failure) when (DriverErrors.IsDriver(failure))
        {
            throw driver.Error(Freeing, failure);
        }
    }

    private Slab NewSlab(long bytes, long requested)
    {
        if (HeldBytes + bytes > Limit) throw OutOfMemory(requested, null);
        MemoryBuffer1D<byte, Stride1D.Dense> buffer;
        try
        {
            driver.Enter(Allocating);
            buffer = accelerator.Allocate1D<byte>(bytes);
        }
        catch (Exception failure) when (DriverErrors.IsOutOfMemory(failure))
        {
            throw OutOfMemory(requested, failure);
        }
        catch (Exception failure) when (DriverErrors.IsDriver(failure))
        {
            throw driver.Error(Allocating, failure);
        }
        HeldBytes += bytes;
        return new Slab(buffer);
    }

    private OutOfMemoryException OutOfMemory(long bytes, Exception? inner) => new(
        $"{deviceName} has no room for {Megabytes(bytes)}: {Held}. Use a smaller batch, or free tensors that are kept.", inner);

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.###} MB");
}
