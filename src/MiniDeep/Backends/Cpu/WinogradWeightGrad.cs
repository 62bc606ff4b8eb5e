using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// The gradient to a 3 x 3 kernel by Winograd's F(3 x 3, 4 x 4): a tile of 4 x 4 gradients runs over the 6 x 6 source pixels below it, 36 multiplications instead of 144. The
/// products of all tiles are summed in the transformed space, and only the sums are transformed back: dw = A^T (sum of (B^T d B) x (G dz G^T)) A.
/// </summary>
/// <remarks>The kernel is computed block by block of channels, so that a block's 36 sums stay in the second cache.</remarks>
[SkipLocalsInit]
internal static unsafe class WinogradWeightGrad<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const int Tile = WinogradGrid.Tile, Side = WinogradGrid.Side, Points = WinogradGrid.Points;

    /// <summary>The most channels of the source and of the result in a block.</summary>
    private const int BlockChannels = 64;

    /// <summary>The fewest gradients of a channel, in all images of a chunk, that repay the transform of the sums.</summary>
    private const int LeastGradients = 128;

    /// <summary>The tiles that are transformed at a time, in bytes: more make fewer passes over the sums.</summary>
    private const nint BlockBytes = 1 << 20;

    public static bool Supports(in ConvShape shape, int images)
        => Winograd<TSimd, TVec, T>.SuitsKernel(in shape) && images * (long)shape.OutHeight * shape.OutWidth >= LeastGradients;

    /// <summary>Blocks of channels that the kernel is computed in.</summary>
    public static int Blocks(in ConvShape shape) => Blocks(shape.SourceChannels) * Blocks(shape.OutChannels);

    private static int Blocks(int channels) => (channels + BlockChannels - 1) / BlockChannels;

    /// <summary>One block of channels of dw, the sum over some images. False where it isn't finite: then dw is not to be used.</summary>
    public static bool Run(in ConvShape shape, int block, T* x, T* dz, int images, T* dw, Scratch scratch)
    {
        int sourceBlocks = Blocks(shape.SourceChannels);
        int source = block % sourceBlocks * BlockChannels, result = block / sourceBlocks * BlockChannels;
        int sources = Math.Min(BlockChannels, shape.SourceChannels - source), results = Math.Min(BlockChannels, shape.OutChannels - result);
        nint tile = Winograd<TSimd, TVec, T>.Whole(sources), gradientTile = Winograd<TSimd, TVec, T>.Whole(results);
        (int mostRows, int mostImages) = Winograd<TSimd, TVec, T>.Split(in shape, tile + gradientTile, BlockBytes, shape.OutHeight, images);

        // the source, and the gradients, in whole tiles
        ConvShape xShape = Winograd<TSimd, TVec, T>.WholeTiles(in shape), dzShape = Gradients(in xShape, in shape);
        bool always = shape.OutChannels % TSimd.Count != 0;
        int planeRows = WinogradGrid.Whole(mostRows);
        T* xPlane = Conv<TSimd, TVec, T>.NewPlane(in xShape, planeRows, scratch, always: true);
        T* dzPlane = Conv<TSimd, TVec, T>.NewPlane(in dzShape, planeRows, scratch, always);
        nint most = new WinogradGrid(mostRows, shape.OutWidth, mostImages).Count, mPoint = Winograd<TSimd, TVec, T>.PointStride(sources, results);
        T* v = scratch.Take<T>(Points * Winograd<TSimd, TVec, T>.PointStride(most, tile)), d = scratch.Take<T>(Points * Winograd<TSimd, TVec, T>.PointStride(most, gradientTile));
        T* m = scratch.Take<T>(Points * mPoint);
        // sums are added to from the start: a point may have no tile in the first block
        new Span<T>(m, (int)(Points * mPoint)).Clear();
        for (int image = 0; image < images; image += mostImages)
        {
            int some = Math.Min(mostImages, images - image);
            for (int row = 0; row < shape.OutHeight; row += mostRows)
            {
                int rows = Math.Min(mostRows, shape.OutHeight - row), wholeRows = WinogradGrid.Whole(rows);
                WinogradGrid grid = new(rows, shape.OutWidth, some);
                nint vPoint = Winograd<TSimd, TVec, T>.PointStride(grid.Count, tile), dPoint = Winograd<TSimd, TVec, T>.PointStride(grid.Count, gradientTile);
                for (int i = 0; i < some; i++)
                {
                    T* xTiles = Plane(in xShape, x + (image + i) * shape.SourceSize, row, wholeRows, xPlane, out nint xRow);
                    Winograd<TSimd, TVec, T>.Transform(xTiles + source, xRow, shape.SourceChannels, sources, in grid, i, v, vPoint);
                    T* dzTiles = Plane(in dzShape, dz + (image + i) * shape.OutSize, row, wholeRows, dzPlane, out nint dzRow);
                    Transform(dzTiles + result, dzRow, shape.OutChannels, results, in grid, i, d, dPoint);
                }
                for (int point = 0; point < Points; point++)
                {
                    (int start, int count) = grid.At(point);
                    if (count == 0) continue;
                    TileShape product = TileShape.Flat(count, 1, tile, gradientTile, gradientTile);
                    for (nint j = 0; j < gradientTile; j += 2 * TSimd.Count)
                    {
                        int vectors = gradientTile - j > TSimd.Count ? 2 : 1;
                        T* sum = m + point * mPoint + j;
                        Tiles<TSimd, TVec, T>.Panel(
                            &product, vectors, sources, vectors * TSimd.Count, false, v + point * vPoint + start * tile, d + point * dPoint + start * gradientTile + j, sum, sum, gradientTile);
                    }
                }
            }
        }
        bool finite = true;
        for (nint c = 0; c < results; c += TSimd.Count)
        {
            T* to = dw + source * (nint)shape.OutChannels + result + c;
            finite &= results - c >= TSimd.Count
                ? Taps<AllLanes>(in shape, sources, m + c, gradientTile, mPoint, to, TSimd.Count)
                : Taps<SomeLanes>(in shape, sources, m + c, gradientTile, mPoint, to, results - c);
        }
        return finite;
    }

    /// <summary>Some rows of an image in <paramref name="plane"/>, or where they are if that is null.</summary>
    private static T* Plane(in ConvShape shape, T* image, int row, int rows, T* plane, out nint planeRow)
    {
        // rows of padding may hold what lay there before
        bool padded = row < shape.Top || row + shape.PlaneRows(rows) > shape.Top + shape.SourceHeight;
        if (plane != null && padded) new Span<T>(plane, (int)(shape.PlaneRows(rows) * shape.PlaneWidth * shape.SourceChannels)).Clear();
        return Conv<TSimd, TVec, T>.Plane(in shape, image, row, rows, plane, out planeRow, plane != null);
    }

    /// <summary>dz as a plane of whole tiles.</summary>
    private static ConvShape Gradients(in ConvShape whole, in ConvShape shape) => whole with
    {
        SourceHeight = shape.OutHeight,
        SourceWidth = shape.OutWidth,
        SourceChannels = shape.OutChannels,
        KernelHeight = 1,
        KernelWidth = 1,
        Top = 0,
        Left = 0,
    };

    /// <summary>d = G dz G^T, as <see cref="Winograd{TSimd, TVec, T}.Transform(T*, nint, nint, nint, in WinogradGrid, int, T*, nint)"/> has v.</summary>
    private static void Transform(T* dz, nint line, nint pixel, nint channels, in WinogradGrid grid, int image, T* d, nint plane)
    {
        nint tile = Winograd<TSimd, TVec, T>.Whole(channels), edge = grid.Columns * Tile * pixel, points = Side * plane;
        WinogradNumbers<TVec> numbers = WinogradLine<TSimd, TVec, T>.Numbers;
        for (int row = 0; row < grid.Rows + grid.EdgeRows; row++, dz += Tile * line)
        {
            T* full = d + grid.Full(image, row) * tile, right = d + grid.Right(image, row) * tile;
            for (nint c = 0; c < channels; c += TSimd.Count)
            {
                if (row < grid.Rows) GradientRow<Four, Four>(dz + c, line, pixel, grid.Columns, full + c, tile, points, plane, in numbers);
                else GradientRow<Two, Four>(dz + c, line, pixel, grid.Columns, full + c, tile, points, plane, in numbers);
                if (grid.EdgeColumns == 0) continue;
                // turned over, the right edge is a bottom edge
                if (row < grid.Rows) GradientRow<Two, Four>(dz + edge + c, pixel, line, 1, right + c, tile, plane, points, in numbers);
                else GradientRow<Two, Two>(dz + edge + c, line, pixel, 1, right + c, tile, points, plane, in numbers);
            }
        }
    }

    /// <summary>Tiles of so many rows and columns side by side, for one vector of channels; strides as in <see cref="Winograd{TSimd, TVec, T}"/>'s SourceRow.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void GradientRow<TRows, TColumns>(T* dz, nint row, nint pixel, int tiles, T* d, nint tile, nint line, nint point, in WinogradNumbers<TVec> n)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        TVec a = n.A, b = n.B, a2 = n.A2, b2 = n.B2;
        for (; tiles > 0; tiles--, dz += Tile * pixel, d += tile)
        {
            GradientLines<One, TRows, TColumns>(dz, row, pixel, d, line, point, a, b, a2, b2);
            GradientLines<Two, TRows, TColumns>(dz, row, pixel, d, line, point, a, b, a2, b2);
            if (TRows.Value == Tile) GradientLines<Three, TRows, TColumns>(dz, row, pixel, d, line, point, a, b, a2, b2);
        }
    }

    /// <summary>Two lines of points: 0 and infinity, ±a or ±b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientLines<TPair, TRows, TColumns>(T* dz, nint row, nint pixel, T* d, nint line, nint point, TVec a, TVec b, TVec a2, TVec b2)
        where TPair : struct, IConstant
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        T* first = d + Winograd<TSimd, TVec, T>.First<TPair>() * line, second = d + Winograd<TSimd, TVec, T>.Second<TPair>() * line;
        GradientColumn<TPair, TRows>(dz, row, a, b, a2, b2, out TVec p0, out TVec q0);
        GradientColumn<TPair, TRows>(dz + pixel, row, a, b, a2, b2, out TVec p1, out TVec q1);
        if (TColumns.Value == WinogradGrid.Edge)
        {
            EdgeLine(p0, p1, first, point, a);
            EdgeLine(q0, q1, second, point, a);
            return;
        }
        GradientColumn<TPair, TRows>(dz + 2 * pixel, row, a, b, a2, b2, out TVec p2, out TVec q2);
        GradientColumn<TPair, TRows>(dz + 3 * pixel, row, a, b, a2, b2, out TVec p3, out TVec q3);
        GradientLine(p0, p1, p2, p3, first, point, a, b, a2, b2);
        GradientLine(q0, q1, q2, q3, second, point, a, b, a2, b2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientColumn<TPair, TRows>(T* dz, nint row, TVec a, TVec b, TVec a2, TVec b2, out TVec first, out TVec second)
        where TPair : struct, IConstant
        where TRows : struct, IConstant
    {
        TVec y0 = TSimd.Load(dz);
        if (TPair.Value == 1)
        {
            first = y0;
            second = TSimd.Load(dz + (TRows.Value - 1) * row);
            return;
        }
        TVec y1 = TSimd.Load(dz + row);
        if (TRows.Value == WinogradGrid.Edge)
        {
            WinogradLine<TSimd, TVec, T>.EdgeGradientPair(a, y0, y1, out first, out second);
            return;
        }
        TVec y2 = TSimd.Load(dz + 2 * row), y3 = TSimd.Load(dz + 3 * row);
        if (TPair.Value == 2) WinogradLine<TSimd, TVec, T>.GradientPair(a, a2, y0, y1, y2, y3, out first, out second);
        else WinogradLine<TSimd, TVec, T>.GradientPair(b, b2, y0, y1, y2, y3, out first, out second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientLine(TVec y0, TVec y1, TVec y2, TVec y3, T* d, nint plane, TVec a, TVec b, TVec a2, TVec b2)
    {
        TSimd.Store(d, y0);
        TSimd.Store(d + 5 * plane, y3);
        WinogradLine<TSimd, TVec, T>.GradientPair(a, a2, y0, y1, y2, y3, out TVec plus, out TVec minus);
        TSimd.Store(d + plane, plus);
        TSimd.Store(d + 2 * plane, minus);
        WinogradLine<TSimd, TVec, T>.GradientPair(b, b2, y0, y1, y2, y3, out plus, out minus);
        TSimd.Store(d + 3 * plane, plus);
        TSimd.Store(d + 4 * plane, minus);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EdgeLine(TVec y0, TVec y1, T* d, nint plane, TVec a)
    {
        TSimd.Store(d, y0);
        TSimd.Store(d + 5 * plane, y1);
        WinogradLine<TSimd, TVec, T>.EdgeGradientPair(a, y0, y1, out TVec plus, out TVec minus);
        TSimd.Store(d + plane, plus);
        TSimd.Store(d + 2 * plane, minus);
    }

    /// <summary>The nine taps of some source channels and one vector of results.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static bool Taps<TLanes>(in ConvShape shape, int sources, T* m, nint row, nint plane, T* dw, nint used)
        where TLanes : struct, IConstant
    {
        nint line = Side * plane, channels = shape.OutChannels, tap = shape.SourceChannels * channels;
        TVec zeros = TSimd.Zero;
        for (; sources > 0; sources--, m += row, dw += channels)
        {
            TapColumn(m, line, out TVec a0, out TVec b0, out TVec c0);
            TapColumn(m + plane, line, out TVec a1, out TVec b1, out TVec c1);
            TapColumn(m + 2 * plane, line, out TVec a2, out TVec b2, out TVec c2);
            TapColumn(m + 3 * plane, line, out TVec a3, out TVec b3, out TVec c3);
            TapColumn(m + 4 * plane, line, out TVec a4, out TVec b4, out TVec c4);
            TapColumn(m + 5 * plane, line, out TVec a5, out TVec b5, out TVec c5);
            TapLine<TLanes>(a0, a1, a2, a3, a4, a5, dw, tap, used, ref zeros);
            TapLine<TLanes>(b0, b1, b2, b3, b4, b5, dw + 3 * tap, tap, used, ref zeros);
            TapLine<TLanes>(c0, c1, c2, c3, c4, c5, dw + 6 * tap, tap, used, ref zeros);
        }
        // lanes that don't exist may hold anything
        T* lanes = stackalloc T[16];
        TSimd.Store(lanes, zeros);
        for (nint i = 0; i < used; i++)
        {
            if (Real<T>.ToDouble(lanes[i]) != 0) return false;
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TapColumn(T* m, nint line, out TVec g0, out TVec g1, out TVec g2)
        => WinogradLine<TSimd, TVec, T>.Taps(
            TSimd.Load(m), TSimd.Load(m + line), TSimd.Load(m + 2 * line), TSimd.Load(m + 3 * line), TSimd.Load(m + 4 * line), TSimd.Load(m + 5 * line),
            out g0, out g1, out g2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TapLine<TLanes>(TVec m0, TVec m1, TVec m2, TVec m3, TVec m4, TVec m5, T* dw, nint tap, nint used, ref TVec zeros)
        where TLanes : struct, IConstant
    {
        WinogradLine<TSimd, TVec, T>.Taps(m0, m1, m2, m3, m4, m5, out TVec g0, out TVec g1, out TVec g2);
        zeros = TSimd.MultiplyAdd(TSimd.Zero, TSimd.Add(g0, TSimd.Add(g1, g2)), zeros);
        if (TLanes.Value == AllLanes.Value)
        {
            TSimd.Store(dw, g0);
            TSimd.Store(dw + tap, g1);
            TSimd.Store(dw + 2 * tap, g2);
        }
        else
        {
            Lanes<TSimd, TVec, T>.Store(dw, used, g0);
            Lanes<TSimd, TVec, T>.Store(dw + tap, used, g1);
            Lanes<TSimd, TVec, T>.Store(dw + 2 * tap, used, g2);
        }
    }
}
