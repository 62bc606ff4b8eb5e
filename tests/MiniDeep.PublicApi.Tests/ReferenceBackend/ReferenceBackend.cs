namespace MiniDeep.Reference;

/// <summary>The memory of the reference backend: a managed array.</summary>
internal sealed class ReferenceBlock(long bytes) : MemoryBlock(bytes)
{
    public byte[] Data { get; } = new byte[bytes];
}

/// <summary>
/// The seam written down as loops, one element after the other, in double: the oracle of the conformance suites and the example of a backend that sees
/// nothing but the public API. Every operation reads its operands whole before it writes, so being in place is never a special case.
/// Integers are computed exactly, in 64 bits.
/// </summary>
internal sealed partial class ReferenceBackend : IBackend
{
    /// <summary>Whether the fused members do their work; otherwise they decline it, and an op takes the plain chain.</summary>
    public bool Fuses { get; init; } = true;

    public long PoolThreshold => long.MaxValue;

    public MemoryBlock Allocate(long bytes) => new ReferenceBlock(bytes);

    public void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset) =>
        source.CopyTo(Elements.Memory(destination).AsSpan((int)byteOffset));

    public void Download(Storage source, long byteOffset, Span<byte> destination) =>
        Elements.Memory(source).AsSpan((int)byteOffset, destination.Length).CopyTo(destination);

    public void Synchronize()
    {
    }
}
