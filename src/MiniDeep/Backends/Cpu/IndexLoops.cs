using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>The sizes of an indexing: x is [Outer, Size, Inner], the result [Outer, Count, Inner].</summary>
internal readonly record struct IndexShape(int Outer, int Size, int Count, int Inner);

/// <summary>Rows fetched by position, and added back.</summary>
internal static unsafe class IndexLoops
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long At(byte* indices, DType dtype, nint i) => dtype == DType.Int64 ? ((long*)indices)[i] : ((int*)indices)[i];

    [MethodImpl(JitOptions.Kernel)]
    public static void GatherElements<T>(T* x, byte* indices, DType dtype, T* y, in IndexShape shape)
        where T : unmanaged
    {
        for (nint outer = 0; outer < shape.Outer; outer++, x += shape.Size)
        {
            for (nint i = 0; i < shape.Count; i++) *y++ = x[At(indices, dtype, i)];
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    public static void GatherRows(byte* x, byte* indices, DType dtype, byte* y, in IndexShape shape, long rowBytes)
    {
        for (nint outer = 0; outer < shape.Outer; outer++, x += shape.Size * rowBytes)
        {
            for (nint i = 0; i < shape.Count; i++, y += rowBytes)
            {
                if (i + Ahead < shape.Count) Prefetch(x + At(indices, dtype, i + Ahead) * rowBytes, rowBytes);
                Buffer.MemoryCopy(x + At(indices, dtype, i) * rowBytes, y, rowBytes, rowBytes);
            }
        }
    }

    /// <summary>Rows that are asked for before they are wanted: memory answers late, and no processor foresees where the next one lies.</summary>
    private const int Ahead = 4;

    private const int CacheLine = 64, MostPrefetched = 4096;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* row, long bytes)
    {
        if (!Sse.IsSupported) return;
        byte* end = row + Math.Min(bytes, MostPrefetched);
        for (; row < end; row += CacheLine) Sse.Prefetch0(row);
    }

    /// <summary>In order of the positions, so that rows that meet are always added in the same order.</summary>
    public static void ScatterAdd(delegate*<Row*, void> add, byte* dy, byte* indices, DType dtype, byte* dx, in IndexShape shape, int elementSize)
    {
        long rowBytes = (long)shape.Inner * elementSize;
        if (rowBytes == 0) return;
        Row row = new() { N = shape.Inner };
        for (nint outer = 0; outer < shape.Outer; outer++, dx += shape.Size * rowBytes)
        {
            for (nint i = 0; i < shape.Count; i++, dy += rowBytes)
            {
                row.A = row.Y = dx + At(indices, dtype, i) * rowBytes;
                row.B = dy;
                add(&row);
            }
        }
    }
}
