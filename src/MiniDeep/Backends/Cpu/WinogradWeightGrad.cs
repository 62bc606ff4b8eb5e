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
    private const int Tile = Winograd<TSimd, TVec, T>.Tile, Side = Winograd<TSimd, TVec, T>.Side, Points = Winograd<TSimd, TVec, T>.Points;

    /// <summary>The most channels of the source and of the result in a block.</summary>
    private const int BlockChannels = 64;

    /// <summary>The fewest tiles in a chunk that repay the transform of the sums.</summary>
    private const int LeastTiles = 8;

    /// <summary>The tiles that are transformed at a time, in bytes: more make fewer passes over the sums.</summary>
    private const nint BlockBytes = 1 << 18;

    public static bool Supports(in ConvShape shape, int images)
        => Winograd<TSimd, TVec, T>.SuitsKernel(in shape)
            && images * (long)Winograd<TSimd, TVec, T>.Tiles(shape.OutHeight) * Winograd<TSimd, TVec, T>.Tiles(shape.OutWidth) >= LeastTiles;

    /// <summary>Blocks of channels that the kernel is computed in.</summary>
    public static int Blocks(in ConvShape shape) => Blocks(shape.SourceChannels) * Blocks(shape.OutChannels);

    private static int Blocks(int channels) => (channels + BlockChannels - 1) / BlockChannels;

    /// <summary>One block of channels of dw, the sum over some images. False where it isn't finite: then dw is not to be used.</summary>
    public static bool Run(in ConvShape shape, int block, T* x, T* dz, int images, T* dw, Scratch scratch)
    {
        int sourceBlocks = Blocks(shape.SourceChannels);
        int source = block % sourceBlocks * BlockChannels, result = block / sourceBlocks * BlockChannels;
        int sources = Math.Min(BlockChannels, shape.SourceChannels - source), results = Math.Min(BlockChannels, shape.OutChannels - result);
        int columns = Winograd<TSimd, TVec, T>.Tiles(shape.OutWidth), rows = Winograd<TSimd, TVec, T>.Tiles(shape.OutHeight);
        nint wholeSources = Winograd<TSimd, TVec, T>.Whole(sources), wholeResults = Winograd<TSimd, TVec, T>.Whole(results);
        int most = (int)Math.Clamp(BlockBytes / (Points * (wholeSources + wholeResults) * sizeof(T) * columns), 1, rows);

        // the source, and the gradients, in whole tiles
        ConvShape xShape = Winograd<TSimd, TVec, T>.WholeTiles(in shape), dzShape = Gradients(in xShape, in shape);
        bool always = shape.OutChannels % TSimd.Count != 0;
        T* xPlane = Conv<TSimd, TVec, T>.NewPlane(in xShape, xShape.OutHeight, scratch, always: true);
        T* dzPlane = Conv<TSimd, TVec, T>.NewPlane(in dzShape, dzShape.OutHeight, scratch, always);
        T* v = scratch.Take<T>(Points * Winograd<TSimd, TVec, T>.Plane((nint)most * columns, sources));
        T* d = scratch.Take<T>(Points * Winograd<TSimd, TVec, T>.Plane((nint)most * columns, results));
        nint mPlane = Winograd<TSimd, TVec, T>.Plane(sources, results);
        T* m = scratch.Take<T>(Points * mPlane);
        bool first = true;
        for (int image = 0; image < images; image++, x += shape.SourceSize, dz += shape.OutSize)
        {
            T* xTiles = Conv<TSimd, TVec, T>.Plane(in xShape, x, 0, xShape.OutHeight, xPlane, out nint xRow, always: true);
            T* dzTiles = Conv<TSimd, TVec, T>.Plane(in dzShape, dz, 0, dzShape.OutHeight, dzPlane, out nint dzRow, always);
            for (int row = 0; row < rows; row += most, first = false)
            {
                int some = Math.Min(most, rows - row);
                nint tiles = (nint)some * columns, vPlane = Winograd<TSimd, TVec, T>.Plane(tiles, sources), dPlane = Winograd<TSimd, TVec, T>.Plane(tiles, results);
                Winograd<TSimd, TVec, T>.TransformSource(xTiles + row * Tile * xRow + source, xRow, shape.SourceChannels, sources, some, columns, v, vPlane);
                TransformGradients(dzTiles + row * Tile * dzRow + result, dzRow, shape.OutChannels, results, some, columns, d);
                TileShape product = TileShape.Flat(tiles, 1, wholeSources, wholeResults, wholeResults);
                for (int point = 0; point < Points; point++)
                {
                    for (nint j = 0; j < wholeResults; j += 2 * TSimd.Count)
                    {
                        int vectors = wholeResults - j > TSimd.Count ? 2 : 1;
                        T* sum = m + point * mPlane + j;
                        Tiles<TSimd, TVec, T>.Panel(
                            &product, vectors, sources, vectors * TSimd.Count, false, v + point * vPlane, d + point * dPlane + j, sum, first ? null : sum, wholeResults);
                    }
                }
            }
        }
        bool finite = true;
        for (nint c = 0; c < results; c += TSimd.Count)
        {
            T* to = dw + source * (nint)shape.OutChannels + result + c;
            finite &= results - c >= TSimd.Count
                ? Taps<AllLanes>(in shape, sources, m + c, wholeResults, mPlane, to, TSimd.Count)
                : Taps<SomeLanes>(in shape, sources, m + c, wholeResults, mPlane, to, results - c);
        }
        return finite;
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

    /// <summary>d = G dz G^T for some rows of tiles and some channels of pixels that are <paramref name="pixel"/> elements apart: [36, tiles, channels].</summary>
    private static void TransformGradients(T* dz, nint row, nint pixel, nint channels, int rows, int columns, T* d)
    {
        nint whole = Winograd<TSimd, TVec, T>.Whole(channels), plane = Winograd<TSimd, TVec, T>.Plane((nint)rows * columns, channels);
        TVec a = WinogradLine<TSimd, TVec, T>.A, b = WinogradLine<TSimd, TVec, T>.B, a2 = WinogradLine<TSimd, TVec, T>.A2, b2 = WinogradLine<TSimd, TVec, T>.B2;
        for (int i = 0; i < rows; i++, dz += Tile * row)
        {
            for (nint c = 0; c < channels; c += TSimd.Count) GradientRow(dz + c, row, pixel, columns, d + i * columns * whole + c, whole, plane, a, b, a2, b2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientRow(T* dz, nint row, nint pixel, int tiles, T* d, nint tile, nint plane, TVec a, TVec b, TVec a2, TVec b2)
    {
        for (; tiles > 0; tiles--, dz += Tile * pixel, d += tile)
        {
            T* line = dz;
            GradientLine(TSimd.Load(line), TSimd.Load(line + pixel), TSimd.Load(line + 2 * pixel), TSimd.Load(line + 3 * pixel), d, plane, a, b, a2, b2);
            line += 3 * row;
            GradientLine(
                TSimd.Load(line), TSimd.Load(line + pixel), TSimd.Load(line + 2 * pixel), TSimd.Load(line + 3 * pixel), d + 5 * Side * plane, plane, a, b, a2, b2);
            GradientLines(dz, row, pixel, a, a2, d + Side * plane, plane, a, b, a2, b2);
            GradientLines(dz, row, pixel, b, b2, d + 3 * Side * plane, plane, a, b, a2, b2);
        }
    }

    /// <summary>The two lines of points at plus and minus <paramref name="point"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientLines(T* dz, nint row, nint pixel, TVec point, TVec square, T* d, nint plane, TVec a, TVec b, TVec a2, TVec b2)
    {
        GradientColumn(dz, row, point, square, out TVec p0, out TVec q0);
        GradientColumn(dz + pixel, row, point, square, out TVec p1, out TVec q1);
        GradientColumn(dz + 2 * pixel, row, point, square, out TVec p2, out TVec q2);
        GradientColumn(dz + 3 * pixel, row, point, square, out TVec p3, out TVec q3);
        GradientLine(p0, p1, p2, p3, d, plane, a, b, a2, b2);
        GradientLine(q0, q1, q2, q3, d + Side * plane, plane, a, b, a2, b2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientColumn(T* dz, nint row, TVec point, TVec square, out TVec plus, out TVec minus)
        => WinogradLine<TSimd, TVec, T>.GradientPair(
            point, square, TSimd.Load(dz), TSimd.Load(dz + row), TSimd.Load(dz + 2 * row), TSimd.Load(dz + 3 * row), out plus, out minus);

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

    /// <summary>The nine taps of some source channels and one vector of results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
