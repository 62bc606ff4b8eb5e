using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Some images' bands of rows in whole tiles, and the part of them that is transformed at a time.</summary>
internal unsafe struct WinogradBlock<T>
    where T : unmanaged
{
    public ConvShape Shape;

    /// <summary>At most so many rows of results of so many images are transformed at a time.</summary>
    public int Rows, Images;

    /// <summary>An image's padded plane, from the band's first row on.</summary>
    public T* Plane;
    public nint PlaneRow;

    /// <summary>The transformed source [36, tiles, in] and its products [36, tiles, out], channels in whole vectors: from one point, and from one image's tiles, to the next.</summary>
    public T* V, M;
    public nint VPoint, VImage, MPoint, MImage;
    public int Tiles;
}

/// <summary>
/// Convolution with a 3 x 3 kernel by Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016):
/// 36 multiplications for sixteen outputs instead of 144. Under a 2 x 2 pool one output tile is four windows, which are pooled in registers.
/// </summary>
[SkipLocalsInit]
internal static unsafe class Winograd<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Results along a tile's side.</summary>
    public const int Tile = 4;

    /// <summary>Points along a side of the transformed tile, and all of them.</summary>
    public const int Side = Tile + 2, Points = Side * Side;

    /// <summary>The most bytes of transformed kernel: beyond them it comes from memory, block after block.</summary>
    private const nint KernelBytes = 1 << 22;

    /// <summary>The fewest channels: with fewer the sums are too short, and the vectors too empty, to repay the transforms.</summary>
    private const int LeastChannels = 12;

    /// <summary>The fewest results of an image and a channel that repay the transform of the kernel. The batch doesn't count: an image has the same bits in any.</summary>
    private const int LeastResults = 16;

    /// <summary>The most images in a block.</summary>
    private const int MostImages = 16;

    /// <summary>The tiles that are transformed at a time: their two sets of planes should stay in the second cache; fewer make more, shorter products.</summary>
    private const nint BlockBytes = 5 << 15;

    public static bool Supports(in ConvShape shape)
        => SuitsKernel(in shape) && KernelSize(in shape) * sizeof(T) <= KernelBytes && shape.OutHeight * (long)shape.OutWidth >= LeastResults;

    /// <summary>Whether the kernel and the channels are such that transforms pay.</summary>
    public static bool SuitsKernel(in ConvShape shape)
        => shape.KernelHeight == 3 && shape.KernelWidth == 3 && shape.Groups == 1 && shape.StrideHeight == 1 && shape.StrideWidth == 1
            && shape.DilationHeight == 1 && shape.DilationWidth == 1 && shape.SourceChannels >= LeastChannels && shape.OutChannels >= LeastChannels;

    /// <summary>The convolution with whole tiles of results: its padded plane holds all that the tiles read.</summary>
    public static ConvShape WholeTiles(in ConvShape shape) => shape with { OutHeight = WholeTiles(shape.OutHeight), OutWidth = WholeTiles(shape.OutWidth) };

    /// <summary>Rows or columns of results in whole tiles.</summary>
    public static int WholeTiles(int results) => Tiles(results) * Tile;

    /// <summary>Tiles that cover so many rows or columns of results.</summary>
    public static int Tiles(int results) => (results + Tile - 1) / Tile;

    /// <summary>Channels in whole vectors.</summary>
    public static nint Whole(nint channels) => (channels + TSimd.Count - 1) / TSimd.Count * TSimd.Count;

    /// <summary>From one point's plane to the next: an odd number of vectors, so that what a tile has in all of them doesn't fall into the same few lines of the first cache.</summary>
    public static nint Plane(nint rows, nint channels) => rows * Whole(channels) / TSimd.Count % 2 == 0 ? rows * Whole(channels) + TSimd.Count : rows * Whole(channels);

    /// <summary>Elements of the transformed kernel [36, in, out in whole vectors].</summary>
    public static nint KernelSize(in ConvShape shape) => Points * Plane(shape.SourceChannels, shape.OutChannels);

    /// <summary>Working memory for bands of so many rows of results of up to so many images.</summary>
    public static WinogradBlock<T> NewBlock(in ConvShape shape, int rows, int images, Scratch scratch)
    {
        nint tile = Points * (Whole(shape.SourceChannels) + Whole(shape.OutChannels)) * sizeof(T), most = BlockBytes / (tile * Tiles(shape.OutWidth));
        // either some rows of one image's band, or some images' whole bands
        bool part = most < Tiles(rows);
        int tileRows = part ? (int)Math.Max(most, 1) : Tiles(rows);
        ConvShape whole = WholeTiles(in shape);
        WinogradBlock<T> block = new()
        {
            Shape = shape,
            Rows = tileRows * Tile,
            Images = part ? 1 : (int)Math.Clamp(most / tileRows, 1, Math.Min(images, MostImages)),
            PlaneRow = whole.PlaneWidth * whole.SourceChannels,
            Plane = Conv<TSimd, TVec, T>.NewPlane(in whole, WholeTiles(rows), scratch, always: true),
        };
        nint tiles = (nint)block.Images * tileRows * Tiles(shape.OutWidth);
        block.V = scratch.Take<T>(Points * Plane(tiles, shape.SourceChannels));
        block.M = scratch.Take<T>(Points * Plane(tiles, shape.OutChannels));
        return block;
    }

    /// <summary>Fills the plane, for a band of so many rows.</summary>
    public static void Fill(ref WinogradBlock<T> block, T* image, int row, int rows)
    {
        ConvShape whole = WholeTiles(in block.Shape);
        Conv<TSimd, TVec, T>.FillPlane(in whole, image, row, WholeTiles(rows), block.Plane);
    }

    /// <summary>u = G g G^T for every pair of channels; w is readable a vector beyond its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformKernel(in ConvShape shape, T* w, T* u)
    {
        nint channels = shape.OutChannels, tap = shape.SourceChannels * channels, plane = Plane(shape.SourceChannels, channels);
        for (int source = shape.SourceChannels; source > 0; source--, w += channels)
        {
            T* k = w;
            for (nint c = 0; c < channels; c += TSimd.Count, k += TSimd.Count, u += TSimd.Count)
            {
                KernelColumn(k, 3 * tap, out TVec a0, out TVec a1, out TVec a2, out TVec a3, out TVec a4, out TVec a5);
                KernelColumn(k + tap, 3 * tap, out TVec b0, out TVec b1, out TVec b2, out TVec b3, out TVec b4, out TVec b5);
                KernelColumn(k + 2 * tap, 3 * tap, out TVec c0, out TVec c1, out TVec c2, out TVec c3, out TVec c4, out TVec c5);
                KernelLine(a0, b0, c0, u, plane);
                KernelLine(a1, b1, c1, u + Side * plane, plane);
                KernelLine(a2, b2, c2, u + 2 * Side * plane, plane);
                KernelLine(a3, b3, c3, u + 3 * Side * plane, plane);
                KernelLine(a4, b4, c4, u + 4 * Side * plane, plane);
                KernelLine(a5, b5, c5, u + 5 * Side * plane, plane);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KernelColumn(T* k, nint row, out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec r4, out TVec r5)
        => WinogradLine<TSimd, TVec, T>.Kernel(TSimd.Load(k), TSimd.Load(k + row), TSimd.Load(k + 2 * row), out r0, out r1, out r2, out r3, out r4, out r5);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void KernelLine(TVec a, TVec b, TVec c, T* u, nint plane)
    {
        WinogradLine<TSimd, TVec, T>.Kernel(a, b, c, out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec r4, out TVec r5);
        TSimd.Store(u, r0);
        TSimd.Store(u + plane, r1);
        TSimd.Store(u + 2 * plane, r2);
        TSimd.Store(u + 3 * plane, r3);
        TSimd.Store(u + 4 * plane, r4);
        TSimd.Store(u + 5 * plane, r5);
    }

    /// <summary>For tiles of so many rows of so many images: what <see cref="Transform"/> and <see cref="Multiply"/> then work on.</summary>
    public static void Begin(ref WinogradBlock<T> block, int images, int rows)
    {
        int imageTiles = Tiles(rows) * Tiles(block.Shape.OutWidth);
        nint source = Whole(block.Shape.SourceChannels), channels = Whole(block.Shape.OutChannels);
        block.Tiles = images * imageTiles;
        (block.VImage, block.VPoint) = (imageTiles * source, Plane(block.Tiles, source));
        (block.MImage, block.MPoint) = (imageTiles * channels, Plane(block.Tiles, channels));
    }

    /// <summary>The plane's tiles, from row <paramref name="from"/> of the band on, become those of one of the block's images.</summary>
    public static void Transform(ref WinogradBlock<T> block, int image, int from, int rows)
    {
        nint source = block.Shape.SourceChannels;
        TransformSource(
            block.Plane + from * block.PlaneRow, block.PlaneRow, source, source, Tiles(rows), Tiles(block.Shape.OutWidth), block.V + image * block.VImage, block.VPoint);
    }

    /// <summary>The products of all tiles.</summary>
    public static void Multiply(ref WinogradBlock<T> block, T* u)
    {
        nint source = block.Shape.SourceChannels, wholeSource = Whole(source), channels = Whole(block.Shape.OutChannels), uPoint = Plane(source, channels);
        TileShape product = TileShape.Flat(source, wholeSource, 1, channels, channels);
        for (int point = 0; point < Points; point++)
        {
            for (nint j = 0; j < channels; j += 2 * TSimd.Count)
            {
                int vectors = channels - j > TSimd.Count ? 2 : 1;
                Tiles<TSimd, TVec, T>.Panel(
                    &product, vectors, block.Tiles, vectors * TSimd.Count, false, block.V + point * block.VPoint, u + point * uPoint + j, block.M + point * block.MPoint + j, null, 0);
            }
        }
    }

    /// <summary>v = B^T d B for some rows of tiles and some channels of pixels that are <paramref name="pixel"/> elements apart: [36, tiles, channels], the points' planes given.</summary>
    public static void TransformSource(T* x, nint planeRow, nint pixel, nint channels, int rows, int columns, T* v, nint plane)
    {
        nint whole = Whole(channels);
        TVec a = WinogradLine<TSimd, TVec, T>.A, b = WinogradLine<TSimd, TVec, T>.B, minusA2 = WinogradLine<TSimd, TVec, T>.MinusA2;
        TVec minusB2 = WinogradLine<TSimd, TVec, T>.MinusB2, minusSum = WinogradLine<TSimd, TVec, T>.MinusSum;
        for (int row = 0; row < rows; row++, x += Tile * planeRow)
        {
            for (nint c = 0; c < channels; c += TSimd.Count)
            {
                T* to = v + row * columns * whole + c;
                SourceRow<One>(x + c, planeRow, pixel, columns, to, whole, plane, a, b, minusA2, minusB2, minusSum);
                SourceRow<Two>(x + c, planeRow, pixel, columns, to, whole, plane, a, b, minusA2, minusB2, minusSum);
                SourceRow<Three>(x + c, planeRow, pixel, columns, to, whole, plane, a, b, minusA2, minusB2, minusSum);
            }
        }
    }

    /// <summary>Two of the six lines of points for one row of tiles and one vector of channels: 0 and infinity, ±a or ±b; neighbours share two columns of d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SourceRow<TPair>(
        T* x, nint planeRow, nint pixel, int tiles, T* v, nint tile, nint plane, TVec a, TVec b, TVec minusA2, TVec minusB2, TVec minusSum)
        where TPair : struct, IConstant
    {
        T* first = v + (TPair.Value == 1 ? 0 : TPair.Value == 2 ? Side : 3 * Side) * plane;
        T* second = v + (TPair.Value == 1 ? 5 * Side : TPair.Value == 2 ? 2 * Side : 4 * Side) * plane;
        TVec point = TPair.Value == 2 ? a : b, minusOther = TPair.Value == 1 ? minusSum : TPair.Value == 2 ? minusB2 : minusA2;
        SourceColumn<TPair>(x, planeRow, point, minusOther, out TVec p0, out TVec q0);
        SourceColumn<TPair>(x + pixel, planeRow, point, minusOther, out TVec p1, out TVec q1);
        x += 2 * pixel;
        for (; tiles > 0; tiles--, x += Tile * pixel, first += tile, second += tile)
        {
            SourceColumn<TPair>(x, planeRow, point, minusOther, out TVec p2, out TVec q2);
            SourceColumn<TPair>(x + pixel, planeRow, point, minusOther, out TVec p3, out TVec q3);
            SourceColumn<TPair>(x + 2 * pixel, planeRow, point, minusOther, out TVec p4, out TVec q4);
            SourceColumn<TPair>(x + 3 * pixel, planeRow, point, minusOther, out TVec p5, out TVec q5);
            SourceLine(p0, p1, p2, p3, p4, p5, first, plane, a, b, minusA2, minusB2, minusSum);
            SourceLine(q0, q1, q2, q3, q4, q5, second, plane, a, b, minusA2, minusB2, minusSum);
            (p0, p1, q0, q1) = (p4, p5, q4, q5);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SourceColumn<TPair>(T* x, nint row, TVec point, TVec minusOther, out TVec first, out TVec second)
        where TPair : struct, IConstant
    {
        TVec d1 = TSimd.Load(x + row), d2 = TSimd.Load(x + 2 * row), d3 = TSimd.Load(x + 3 * row), d4 = TSimd.Load(x + 4 * row);
        if (TPair.Value == 1) WinogradLine<TSimd, TVec, T>.SourceEnds(minusOther, TSimd.Load(x), d1, d2, d3, d4, TSimd.Load(x + 5 * row), out first, out second);
        else WinogradLine<TSimd, TVec, T>.SourcePair(point, minusOther, d1, d2, d3, d4, out first, out second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SourceLine(
        TVec d0, TVec d1, TVec d2, TVec d3, TVec d4, TVec d5, T* v, nint plane, TVec a, TVec b, TVec minusA2, TVec minusB2, TVec minusSum)
    {
        WinogradLine<TSimd, TVec, T>.SourceEnds(minusSum, d0, d1, d2, d3, d4, d5, out TVec zero, out TVec infinity);
        TSimd.Store(v, zero);
        TSimd.Store(v + 5 * plane, infinity);
        WinogradLine<TSimd, TVec, T>.SourcePair(a, minusB2, d1, d2, d3, d4, out TVec plus, out TVec minus);
        TSimd.Store(v + plane, plus);
        TSimd.Store(v + 2 * plane, minus);
        WinogradLine<TSimd, TVec, T>.SourcePair(b, minusA2, d1, d2, d3, d4, out plus, out minus);
        TSimd.Store(v + 3 * plane, plus);
        TSimd.Store(v + 4 * plane, minus);
    }
}
