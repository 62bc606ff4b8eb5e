using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The sizes of an indexing: x is [Outer, Size, Inner], the result [Outer, Count, Inner].</summary>
internal readonly record struct IndexShape(int Outer, int Size, int Count, int Inner);

/// <summary>Rows fetched by position, and added back.</summary>
internal static unsafe class IndexLoops
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long At(byte* indices, DType dtype, nint i) => dtype == DType.Int64 ? ((long*)indices)[i] : ((int*)indices)[i];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GatherElements<T>(T* x, byte* indices, DType dtype, T* y, in IndexShape shape)
        where T : unmanaged
    {
        for (nint outer = 0; outer < shape.Outer; outer++, x += shape.Size)
        {
            for (nint i = 0; i < shape.Count; i++) *y++ = x[At(indices, dtype, i)];
        }
    }

    public static void GatherRows(byte* x, byte* indices, DType dtype, byte* y, in IndexShape shape, long rowBytes)
    {
        for (nint outer = 0; outer < shape.Outer; outer++, x += shape.Size * rowBytes)
        {
            for (nint i = 0; i < shape.Count; i++, y += rowBytes) Buffer.MemoryCopy(x + At(indices, dtype, i) * rowBytes, y, rowBytes, rowBytes);
        }
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
