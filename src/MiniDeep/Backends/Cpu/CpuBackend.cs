using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniDeep;

/// <summary>A managed array: a bug shows stale numbers and can't corrupt the process.</summary>
internal sealed class CpuBlock(byte[] array) : MemoryBlock(array.Length)
{
    public readonly byte[] Array = array;
}

/// <summary>
/// The backend of the host: dispatch only. Each member resolves the dtype at this door, pins its operands and hands pointers to the generic kernels.
/// Every storage argument stays alive to the end of the call (it is pinned through its array, and the storage is kept by
/// <see cref="GC.KeepAlive"/>): otherwise the pool could hand a live input to a kernel that rents scratch memory.
/// </summary>
internal sealed partial class CpuBackend : IBackend
{
    public static readonly CpuBackend Instance = new();

    /// <summary>Arrays from here on live on the large object heap, which only full collections free.</summary>
    public long PoolThreshold => 80 * 1024;

    public MemoryBlock Allocate(long bytes) => bytes <= Array.MaxLength
        ? new CpuBlock(GC.AllocateUninitializedArray<byte>((int)bytes))
        : throw new OutOfMemoryException($"A CPU buffer holds at most {Array.MaxLength:N0} bytes; {bytes:N0} were asked for.");

    public void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset)
    {
        source.CopyTo(BytesOf(destination).AsSpan((int)byteOffset));
        GC.KeepAlive(destination);
    }

    public void Download(Storage source, long byteOffset, Span<byte> destination)
    {
        BytesOf(source).AsSpan((int)byteOffset, destination.Length).CopyTo(destination);
        GC.KeepAlive(source);
    }

    public void Synchronize()
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte[] BytesOf(Storage storage)
    {
        Debug.Assert(storage.Block is CpuBlock);
        return Unsafe.As<CpuBlock>(storage.Block).Array;
    }

    /// <summary>The first byte of a view, for a <c>fixed</c> statement; null where there is no view.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Pin(in TensorView view)
    {
        if (view.Storage is null) return ref Unsafe.NullRef<byte>();
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(BytesOf(view.Storage)), (nint)view.Offset * view.DType.Size());
    }
}
