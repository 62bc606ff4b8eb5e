using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The last two of a tile's four rows of results.</summary>
internal readonly struct LowerRows : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => -WinogradGrid.Tile; }
}

/// <summary>
/// A^T m A: the results of Winograd's tiles, from the products of <see cref="Winograd{TSimd, TVec, T}.Multiply"/>. Results that stick out are dropped. False where a result
/// isn't finite: then none is to be used.
/// </summary>
[SkipLocalsInit]
internal static unsafe class WinogradResults<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const int Tile = WinogradGrid.Tile, Side = WinogradGrid.Side;

    /// <summary>Some rows of an image's results, y = conv(x) + bias.</summary>
    public static bool Plain(in WinogradBlock<T> block, int image, int rows, T* bias, T* y)
    {
        TVec zeros = TSimd.Zero;
        WinogradNumbers<TVec> numbers = WinogradLine<TSimd, TVec, T>.Numbers;
        for (int c = 0; c < block.Shape.OutChannels; c += TSimd.Count)
        {
            TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias + c);
            int used = Math.Min(TSimd.Count, block.Shape.OutChannels - c);
            if (used == TSimd.Count) Plain<AllLanes>(in block, image, rows, block.M + c, start, y + c, used, in numbers, ref zeros);
            else Plain<SomeLanes>(in block, image, rows, block.M + c, start, y + c, used, in numbers, ref zeros);
        }
        if ((block.WithZeros >> image & 1) != 0) WinogradZeros<TSimd, TVec, T>.Clear(in block, image, rows, bias, y);
        return Real<T>.ToDouble(TSimd.Sum(zeros)) == 0;
    }

    private static void Plain<TLanes>(
        in WinogradBlock<T> block, int image, int rows, T* m, TVec start, T* y, int used, in WinogradNumbers<TVec> n, ref TVec zeros)
        where TLanes : struct, IConstant
    {
        WinogradGrid grid = block.Grid;
        nint pixel = block.Shape.ResultPixel, line = block.Shape.ResultRow, plane = block.MPoint, tile = block.MTile;
        int columns = block.Shape.OutWidth, done = grid.Columns * Tile;
        for (int row = 0; row < grid.Rows + grid.EdgeRows; row++, rows -= Tile, y += Tile * line)
        {
            T* full = m + grid.Full(image, row) * tile, right = m + grid.Right(image, row) * tile;
            bool whole = row < grid.Rows;
            PlainTiles<TLanes, Four>(whole, full, tile, plane, grid.Columns, start, y, pixel, line, rows, columns, used, in n, ref zeros);
            if (grid.EdgeColumns != 0) PlainTiles<TLanes, Two>(whole, right, tile, plane, 1, start, y + done * pixel, pixel, line, rows, columns - done, used, in n, ref zeros);
        }
    }

    /// <summary>Tiles side by side, of four rows of results or of two.</summary>
    private static void PlainTiles<TLanes, TColumns>(
        bool whole, T* m, nint tile, nint plane, int tiles, TVec start, T* y, nint pixel, nint line, int rows, int columns, int used, in WinogradNumbers<TVec> n, ref TVec zeros)
        where TLanes : struct, IConstant
        where TColumns : struct, IConstant
    {
        nint points = Side * plane;
        // turned over, the right edge is a bottom edge
        if (whole && TColumns.Value == WinogradGrid.Edge) PlainRow<TLanes, Two, Four>(m, tile, plane, points, tiles, start, y, line, pixel, columns, rows, used, in n, ref zeros);
        else if (whole) PlainRow<TLanes, Four, Four>(m, tile, points, plane, tiles, start, y, pixel, line, rows, columns, used, in n, ref zeros);
        else PlainRow<TLanes, Two, TColumns>(m, tile, points, plane, tiles, start, y, pixel, line, rows, columns, used, in n, ref zeros);
    }

    /// <summary>
    /// Tiles of so many rows and columns, side by side, of which <paramref name="rows"/> and <paramref name="columns"/> are left. From one line of points to the next, and from
    /// one point of a line to the next, is given.
    /// </summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void PlainRow<TLanes, TRows, TColumns>(
        T* m, nint tile, nint lines, nint point, int tiles, TVec start, T* y, nint pixel, nint line, int rows, int columns, int used, in WinogradNumbers<TVec> n, ref TVec zeros)
        where TLanes : struct, IConstant
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        TVec a = n.A, b = n.B, a2 = n.A2, b2 = n.B2, check = zeros;
        for (; tiles > 0; tiles--, m += tile, y += Tile * pixel, columns -= Tile)
        {
            Results<TRows, TColumns>(false, m, lines, point, start, a, b, a2, b2, out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec s0, out TVec s1, out TVec s2, out TVec s3);
            Put<TLanes, TColumns>(y, pixel, columns, used, r0, r1, r2, r3, ref check);
            if (rows > 1) Put<TLanes, TColumns>(y + line, pixel, columns, used, s0, s1, s2, s3, ref check);
            if (TRows.Value == WinogradGrid.Edge) continue;
            Results<TRows, TColumns>(true, m, lines, point, start, a, b, a2, b2, out r0, out r1, out r2, out r3, out s0, out s1, out s2, out s3);
            Put<TLanes, TColumns>(y + 2 * line, pixel, columns, used, r0, r1, r2, r3, ref check);
            if (rows > 3) Put<TLanes, TColumns>(y + 3 * line, pixel, columns, used, s0, s1, s2, s3, ref check);
        }
        zeros = check;
    }

    /// <summary>A row of a tile's results, as far as they exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes, TColumns>(T* y, nint pixel, int columns, int used, TVec r0, TVec r1, TVec r2, TVec r3, ref TVec zeros)
        where TLanes : struct, IConstant
        where TColumns : struct, IConstant
    {
        Put<TLanes>(y, used, r0, ref zeros);
        if (columns > 1) Put<TLanes>(y + pixel, used, r1, ref zeros);
        if (TColumns.Value == WinogradGrid.Edge) return;
        Put<TLanes>(y + 2 * pixel, used, r2, ref zeros);
        if (columns > 3) Put<TLanes>(y + 3 * pixel, used, r3, ref zeros);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes>(T* y, int used, TVec value, ref TVec zeros)
        where TLanes : struct, IConstant
    {
        zeros = TSimd.MultiplyAdd(TSimd.Zero, value, zeros);
        if (TLanes.Value == AllLanes.Value) TSimd.Store(y, value);
        else Lanes<TSimd, TVec, T>.Store(y, used, value);
    }

    /// <summary>An image's results pooled by 2 x 2, an even number of rows and columns: y, low and argmax (or null) start at the first window.</summary>
    public static bool Pooled<TPool>(in WinogradBlock<T> block, int image, T* bias, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        TVec zeros = TSimd.Zero;
        WinogradNumbers<TVec> numbers = WinogradLine<TSimd, TVec, T>.Numbers;
        for (int c = 0; c < block.Shape.OutChannels; c += TSimd.Count)
        {
            TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias + c);
            int used = Math.Min(TSimd.Count, block.Shape.OutChannels - c);
            byte* places = argmax == null ? null : argmax + c;
            if (used == TSimd.Count) Pooled<TPool, AllLanes>(in block, image, block.M + c, start, y + c, low + c, places, used, in numbers, ref zeros);
            else Pooled<TPool, SomeLanes>(in block, image, block.M + c, start, y + c, low + c, places, used, in numbers, ref zeros);
        }
        return Real<T>.ToDouble(TSimd.Sum(zeros)) == 0;
    }

    private static void Pooled<TPool, TLanes>(
        in WinogradBlock<T> block, int image, T* m, TVec start, T* y, T* low, byte* argmax, int used, in WinogradNumbers<TVec> n, ref TVec zeros)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
    {
        WinogradGrid grid = block.Grid;
        nint channels = block.Shape.OutChannels, line = block.Shape.OutWidth / 2 * channels, plane = block.MPoint, tile = block.MTile, at = 0;
        ushort* some = (block.WithZeros >> image & 1) != 0 ? block.Zeros : null;
        for (int row = 0; row < grid.Rows + grid.EdgeRows; row++, at += 2 * line)
        {
            int full = grid.Full(image, row), right = grid.Right(image, row);
            bool whole = row < grid.Rows;
            PooledTiles<TPool, TLanes, Four>(
                whole, some == null ? null : some + full, m + full * tile, tile, plane, grid.Columns, start, y, low, argmax, at, channels, line, used, in n, ref zeros);
            if (grid.EdgeColumns == 0) continue;
            nint edge = at + grid.Columns * (Tile / 2) * channels;
            PooledTiles<TPool, TLanes, Two>(
                whole, some == null ? null : some + right, m + right * tile, tile, plane, 1, start, y, low, argmax, edge, channels, line, used, in n, ref zeros);
        }
    }

    /// <summary>Tiles side by side, of four rows of results or of two; <paramref name="some"/> are their windows of zeros, or null.</summary>
    private static void PooledTiles<TPool, TLanes, TColumns>(
        bool whole, ushort* some, T* m, nint tile, nint plane, int tiles, TVec start, T* y, T* low, byte* argmax, nint at, nint channels, nint line, int used,
        in WinogradNumbers<TVec> n, ref TVec zeros)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
        where TColumns : struct, IConstant
    {
        for (int i = 0, run; i < tiles; i += run, m += run * tile, at += run * (Tile / 2) * channels)
        {
            run = 1;
            if (some != null && some[i] != 0)
            {
                Zeros<TPool, TLanes, TColumns>(whole, some[i], m, plane, start, y, low, argmax, at, channels, line, used, in n, ref zeros);
                continue;
            }
            while (i + run < tiles && (some == null || some[i + run] == 0)) run++;
            if (!whole)
            {
                Windows<TPool, TLanes, Two, TColumns>(m, tile, plane, run, start, y, low, argmax, at, channels, used, in n, ref zeros);
                continue;
            }
            Windows<TPool, TLanes, Four, TColumns>(m, tile, plane, run, start, y, low, argmax, at, channels, used, in n, ref zeros);
            Windows<TPool, TLanes, LowerRows, TColumns>(m, tile, plane, run, start, y, low, argmax, at + line, channels, used, in n, ref zeros);
        }
    }

    /// <summary>A tile with windows of zeros: its results first, then the pool.</summary>
    private static void Zeros<TPool, TLanes, TColumns>(
        bool whole, int windows, T* m, nint plane, TVec start, T* y, T* low, byte* argmax, nint at, nint channels, nint line, int used, in WinogradNumbers<TVec> n, ref TVec zeros)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
        where TColumns : struct, IConstant
    {
        int rows = whole ? Tile : WinogradGrid.Edge, columns = TColumns.Value, pixel = TSimd.Count, row = Tile * TSimd.Count;
        T* values = stackalloc T[Tile * Tile * 16];
        T* lanes = stackalloc T[32];
        byte* places = stackalloc byte[16];
        PlainTiles<AllLanes, TColumns>(whole, m, 0, plane, 1, start, values, pixel, row, rows, columns, pixel, in n, ref zeros);
        for (int i = 0; windows >> i != 0; i++)
        {
            if ((windows >> i & 1) != 0) TSimd.Store(values + i * pixel, start);
        }
        for (int i = 0; i < rows; i += 2, at += line)
        {
            for (int j = 0; j < columns; j += 2)
            {
                T* window = values + i * row + j * pixel;
                Window<TPool, TLanes>(
                    TSimd.Load(window), TSimd.Load(window + pixel), TSimd.Load(window + row), TSimd.Load(window + row + pixel), y, low, argmax, at + j / 2 * channels, used, lanes, places,
                    ref zeros);
            }
        }
    }

    /// <summary>One row of windows of tiles side by side: with both rows of a tile in one loop they would be more than the JIT inlines.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Windows<TPool, TLanes, TRows, TColumns>(
        T* m, nint tile, nint plane, int tiles, TVec start, T* y, T* low, byte* argmax, nint at, nint channels, int used, in WinogradNumbers<TVec> n, ref TVec zeros)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        TVec a = n.A, b = n.B, a2 = n.A2, b2 = n.B2, check = zeros;
        T* lanes = stackalloc T[32];
        byte* places = stackalloc byte[16];
        for (; tiles > 0; tiles--, m += tile, at += 2 * channels)
        {
            Results<TRows, TColumns>(
                TRows.Value == LowerRows.Value, m, Side * plane, plane, start, a, b, a2, b2, out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec s0, out TVec s1, out TVec s2, out TVec s3);
            Window<TPool, TLanes>(r0, r1, s0, s1, y, low, argmax, at, used, lanes, places, ref check);
            if (TColumns.Value == Tile) Window<TPool, TLanes>(r2, r3, s2, s3, y, low, argmax, at + channels, used, lanes, places, ref check);
        }
        zeros = check;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Window<TPool, TLanes>(
        TVec a, TVec b, TVec c, TVec d, T* y, T* low, byte* argmax, nint at, int used, T* lanes, byte* places, ref TVec zeros)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
    {
        byte* place = argmax == null ? null : argmax + at;
        if (TLanes.Value == AllLanes.Value)
        {
            PoolQuad<TSimd, TVec, T>.Store<TPool>(a, b, c, d, y + at, low + at, place, ref zeros);
            return;
        }
        PoolQuad<TSimd, TVec, T>.Store<TPool>(a, b, c, d, lanes, lanes + 16, places, ref zeros);
        PoolQuad<TSimd, TVec, T>.CopyPart<TPool>(lanes, lanes + 16, places, used, y + at, low + at, place);
    }

    /// <summary>Two of a tile's rows of results, r and s: the first two or, of four, the <paramref name="lower"/>. Two columns are r0, r1, s0 and s1 only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Results<TRows, TColumns>(
        bool lower, T* m, nint line, nint point, TVec start, TVec a, TVec b, TVec a2, TVec b2,
        out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec s0, out TVec s1, out TVec s2, out TVec s3)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        Column<TRows>(lower, m, line, a, b, a2, b2, out TVec p0, out TVec q0);
        Column<TRows>(lower, m + point, line, a, b, a2, b2, out TVec p1, out TVec q1);
        Column<TRows>(lower, m + 2 * point, line, a, b, a2, b2, out TVec p2, out TVec q2);
        Column<TRows>(lower, m + 5 * point, line, a, b, a2, b2, out TVec p5, out TVec q5);
        if (TColumns.Value == WinogradGrid.Edge)
        {
            WinogradLine<TSimd, TVec, T>.Edge(b, p0, p1, p2, p5, out r0, out r1);
            WinogradLine<TSimd, TVec, T>.Edge(b, q0, q1, q2, q5, out s0, out s1);
            r2 = r3 = s2 = s3 = TSimd.Zero;
        }
        else
        {
            Column<TRows>(lower, m + 3 * point, line, a, b, a2, b2, out TVec p3, out TVec q3);
            Column<TRows>(lower, m + 4 * point, line, a, b, a2, b2, out TVec p4, out TVec q4);
            WinogradLine<TSimd, TVec, T>.Top(a, b, p0, p1, p2, p3, p4, out r0, out r1);
            WinogradLine<TSimd, TVec, T>.Bottom(a, b, a2, b2, p1, p2, p3, p4, p5, out r2, out r3);
            WinogradLine<TSimd, TVec, T>.Top(a, b, q0, q1, q2, q3, q4, out s0, out s1);
            WinogradLine<TSimd, TVec, T>.Bottom(a, b, a2, b2, q1, q2, q3, q4, q5, out s2, out s3);
            (r2, r3, s2, s3) = (TSimd.Add(start, r2), TSimd.Add(start, r3), TSimd.Add(start, s2), TSimd.Add(start, s3));
        }
        (r0, r1, s0, s1) = (TSimd.Add(start, r0), TSimd.Add(start, r1), TSimd.Add(start, s0), TSimd.Add(start, s1));
    }

    /// <summary>One column of points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column<TRows>(bool lower, T* m, nint row, TVec a, TVec b, TVec a2, TVec b2, out TVec first, out TVec second)
        where TRows : struct, IConstant
    {
        TVec m1 = TSimd.Load(m + row), m2 = TSimd.Load(m + 2 * row);
        if (TRows.Value == WinogradGrid.Edge)
        {
            WinogradLine<TSimd, TVec, T>.Edge(b, TSimd.Load(m), m1, m2, TSimd.Load(m + 5 * row), out first, out second);
            return;
        }
        TVec m3 = TSimd.Load(m + 3 * row), m4 = TSimd.Load(m + 4 * row);
        if (lower) WinogradLine<TSimd, TVec, T>.Bottom(a, b, a2, b2, m1, m2, m3, m4, TSimd.Load(m + 5 * row), out first, out second);
        else WinogradLine<TSimd, TVec, T>.Top(a, b, TSimd.Load(m), m1, m2, m3, m4, out first, out second);
    }
}
