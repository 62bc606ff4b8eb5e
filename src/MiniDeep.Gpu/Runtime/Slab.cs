using ILGPU;
using ILGPU.Runtime;

namespace MiniDeep;

/// <summary>A piece of a device's memory.</summary>
internal sealed class GpuBlock(GpuBackend owner, Slab slab, long offset, long bytes) : MemoryBlock(bytes)
{
    private bool _freed;

    public GpuBackend Owner { get; } = owner;

    /// <summary>The bytes.</summary>
    public ArrayView<byte> View { get; } = slab.View.SubView(offset, bytes);

    public override void Free()
    {
        if (_freed) return;
        _freed = true;
        Owner.Free(slab);
    }
}

/// <summary>
/// One allocation of the driver's, given away in pieces: a driver takes tens of microseconds for an allocation and rounds it up to pages. The pool above keeps
/// and reuses the pieces; a slab goes back when all of its pieces have.
/// </summary>
internal sealed class Slab(MemoryBuffer1D<byte, Stride1D.Dense> buffer)
{
    /// <summary>Pieces start at multiples of this: whole cache lines, and any type is aligned.</summary>
    public const int Alignment = 256;

    private long _used;

    public long Bytes => buffer.Length;

    public ArrayView<byte> View => buffer.View.BaseView;

    /// <summary>Pieces that haven't gone back.</summary>
    public int Pieces { get; private set; }

    /// <summary>The offset of a new piece; -1 where it doesn't fit.</summary>
    public long Take(long bytes)
    {
        if (_used + bytes > buffer.Length) return -1;
        long offset = _used;
        _used += bytes;
        Pieces++;
        return offset;
    }

    /// <summary>Takes a piece back; whether it was the last.</summary>
    public bool Return() => --Pieces == 0;

    /// <summary>Starts from the front again, when no piece is out.</summary>
    public void Rewind() => _used = 0;

    public void Release() => buffer.Dispose();
}
