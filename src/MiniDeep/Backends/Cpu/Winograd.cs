using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Some images' bands of rows, and the part of them that is transformed at a time.</summary>
internal unsafe struct WinogradBlock<T>
    where T : unmanaged
{
    public ConvShape Shape;

    /// <summary>At most so many rows of results of so many images are transformed at a time.</summary>
    public int Rows, Images;

    /// <summary>An image's padded plane, from the band's first row on.</summary>
    public T* Plane;
    public nint PlaneRow;

    /// <summary>The tiles that are transformed now.</summary>
    public WinogradGrid Grid;

    /// <summary>The transformed source [36, tiles, in] and its products [36, tiles, out], channels in whole vectors: a pixel's, and from one point to the next.</summary>
    public T* V, M;
    public nint VTile, VPoint, MTile, MPoint;

    /// <summary>For each tile the results whose windows hold nothing but zeros (<see cref="WinogradZeros{TSimd, TVec, T}"/>), and the images that have any.</summary>
    public ushort* Zeros;
    public uint WithZeros;
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
    private const int Tile = WinogradGrid.Tile, Side = WinogradGrid.Side, Points = WinogradGrid.Points;

    /// <summary>The most bytes of transformed kernel: beyond them it comes from memory, block after block.</summary>
    private const nint KernelBytes = 1 << 22;

    /// <summary>The fewest channels: with fewer the sums are too short, and the vectors too empty, to repay the transforms.</summary>
    private const int LeastChannels = 12;

    /// <summary>The fewest results of an image and a channel that repay the transform of the kernel. The batch doesn't count: an image of finite results has the same bits in any.</summary>
    private const int LeastResults = 16;

    /// <summary>The most images in a block.</summary>
    private const int MostImages = 16;

    /// <summary>The tiles that are transformed at a time: their two sets of planes should stay in the second cache; fewer make more, shorter products.</summary>
    private const nint BlockBytes = 3 << 17;

    public static bool Supports(in ConvShape shape)
        => SuitsKernel(in shape) && KernelSize(in shape) * sizeof(T) <= KernelBytes && shape.OutHeight * (long)shape.OutWidth >= LeastResults;

    /// <summary>Whether the kernel and the channels are such that transforms pay.</summary>
    public static bool SuitsKernel(in ConvShape shape)
        => shape.KernelHeight == 3 && shape.KernelWidth == 3 && shape.Groups == 1 && shape.StrideHeight == 1 && shape.StrideWidth == 1
            && shape.DilationHeight == 1 && shape.DilationWidth == 1 && shape.SourceChannels >= LeastChannels && shape.OutChannels >= LeastChannels;

    /// <summary>The convolution with whole tiles of results: its padded plane holds all that the tiles read.</summary>
    public static ConvShape WholeTiles(in ConvShape shape) => shape with { OutHeight = WinogradGrid.Whole(shape.OutHeight), OutWidth = WinogradGrid.Whole(shape.OutWidth) };

    /// <summary>Channels in whole vectors.</summary>
    public static nint Whole(nint channels) => (channels + TSimd.Count - 1) / TSimd.Count * TSimd.Count;

    /// <summary>From one point to the next: an odd number of vectors, so that what a tile has at all of them doesn't fall into the same few lines of the first cache.</summary>
    public static nint PointStride(nint rows, nint channels) => rows * Whole(channels) / TSimd.Count % 2 == 0 ? rows * Whole(channels) + TSimd.Count : rows * Whole(channels);

    /// <summary>Elements of the transformed kernel [36, in, out in whole vectors].</summary>
    public static nint KernelSize(in ConvShape shape) => Points * PointStride(shape.SourceChannels, shape.OutChannels);

    /// <summary>Rows of results of one image, or several images' bands, of whose tiles so many bytes are transformed at a time.</summary>
    public static (int Rows, int Images) Split(in ConvShape shape, nint channels, nint bytes, int rows, int images)
    {
        nint most = bytes / (Points * channels * sizeof(T) * WinogradGrid.Whole(shape.OutWidth) / Tile) * Tile, all = WinogradGrid.Whole(rows);
        return most < all ? ((int)Math.Max(most, Tile), 1) : (rows, (int)Math.Clamp(most / all, 1, Math.Min(images, MostImages)));
    }

    /// <summary>Working memory for bands of so many rows of results of up to so many images.</summary>
    public static WinogradBlock<T> NewBlock(in ConvShape shape, int rows, int images, Scratch scratch)
    {
        nint source = Whole(shape.SourceChannels), channels = Whole(shape.OutChannels);
        ConvShape whole = WholeTiles(in shape);
        WinogradBlock<T> block = new()
        {
            Shape = shape,
            PlaneRow = whole.PlaneWidth * whole.SourceChannels,
            Plane = Conv<TSimd, TVec, T>.NewPlane(in whole, WinogradGrid.Whole(rows), scratch, always: true),
            VTile = source,
            MTile = channels,
        };
        (block.Rows, block.Images) = Split(in shape, source + channels, BlockBytes, rows, images);
        nint tiles = new WinogradGrid(block.Rows, shape.OutWidth, block.Images).Count;
        block.V = scratch.Take<T>(Points * PointStride(tiles, source));
        block.M = scratch.Take<T>(Points * PointStride(tiles, channels));
        block.Zeros = scratch.Take<ushort>(tiles);
        return block;
    }

    /// <summary>Fills the plane, for a band of so many rows.</summary>
    public static void Fill(ref WinogradBlock<T> block, T* image, int row, int rows)
    {
        ConvShape whole = WholeTiles(in block.Shape);
        Conv<TSimd, TVec, T>.FillPlane(in whole, image, row, WinogradGrid.Whole(rows), block.Plane);
    }

    /// <summary>For tiles of so many rows of so many images: what <see cref="Transform(ref WinogradBlock{T}, int, int)"/> and <see cref="Multiply"/> then work on.</summary>
    public static void Begin(ref WinogradBlock<T> block, int images, int rows)
    {
        block.Grid = new WinogradGrid(rows, block.Shape.OutWidth, images);
        block.WithZeros = 0;
        block.VPoint = PointStride(block.Grid.Count, block.VTile);
        block.MPoint = PointStride(block.Grid.Count, block.MTile);
    }

    /// <summary>The plane's tiles, from row <paramref name="from"/> of the band on, become those of one of the block's images.</summary>
    public static void Transform(ref WinogradBlock<T> block, int image, int from)
    {
        nint source = block.Shape.SourceChannels;
        Transform(block.Plane + from * block.PlaneRow, block.PlaneRow, source, source, in block.Grid, image, block.V, block.VPoint);
        if (WinogradZeros<TSimd, TVec, T>.Find(in block, image, from)) block.WithZeros |= 1u << image;
    }

    /// <summary>The products of all tiles.</summary>
    public static void Multiply(ref WinogradBlock<T> block, T* u)
    {
        nint source = block.Shape.SourceChannels, channels = block.MTile, uPoint = PointStride(source, channels);
        TileShape product = TileShape.Flat(source, block.VTile, 1, channels, channels);
        for (int point = 0; point < Points; point++)
        {
            (int start, int count) = block.Grid.At(point);
            if (count == 0) continue;
            T* v = block.V + point * block.VPoint + start * block.VTile, m = block.M + point * block.MPoint + start * channels;
            for (nint j = 0; j < channels; j += 2 * TSimd.Count)
            {
                int vectors = channels - j > TSimd.Count ? 2 : 1;
                Tiles<TSimd, TVec, T>.Panel(&product, vectors, count, vectors * TSimd.Count, false, v, u + point * uPoint + j, m + j, null, 0);
            }
        }
    }

    /// <summary>u = G g G^T for every pair of channels; w is readable a vector beyond its end.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void TransformKernel(in ConvShape shape, T* w, T* u)
    {
        nint channels = shape.OutChannels, tap = shape.SourceChannels * channels, plane = PointStride(shape.SourceChannels, channels);
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

    /// <summary>
    /// v = B^T d B, [36, tiles, channels], for one of a grid's images and some channels: x is its padded plane from the first tile's corner on, with pixels
    /// <paramref name="pixel"/> elements apart.
    /// </summary>
    public static void Transform(T* x, nint planeRow, nint pixel, nint channels, in WinogradGrid grid, int image, T* v, nint plane)
    {
        nint tile = Whole(channels), edge = grid.Columns * Tile * pixel, line = Side * plane;
        WinogradNumbers<TVec> numbers = WinogradLine<TSimd, TVec, T>.Numbers;
        for (int row = 0; row < grid.Rows + grid.EdgeRows; row++, x += Tile * planeRow)
        {
            bool bottom = row == grid.Rows;
            T* full = v + grid.Full(image, row) * tile, right = v + grid.Right(image, row) * tile;
            for (nint c = 0; c < channels; c += TSimd.Count)
            {
                SourceRow<One>(bottom, x + c, planeRow, pixel, grid.Columns, full + c, tile, line, plane, in numbers);
                SourceRow<Two>(bottom, x + c, planeRow, pixel, grid.Columns, full + c, tile, line, plane, in numbers);
                if (!bottom) SourceRow<Three, Four>(x + c, planeRow, pixel, grid.Columns, full + c, tile, line, plane, in numbers);
                if (grid.EdgeColumns == 0) continue;
                if (bottom)
                {
                    SourceCorner<One>(x + edge + c, planeRow, pixel, right + c, line, plane, in numbers);
                    SourceCorner<Two>(x + edge + c, planeRow, pixel, right + c, line, plane, in numbers);
                    continue;
                }
                // turned over, the right edge is a bottom edge
                SourceRow<One, Two>(x + edge + c, pixel, planeRow, 1, right + c, tile, plane, line, in numbers);
                SourceRow<Two, Two>(x + edge + c, pixel, planeRow, 1, right + c, tile, plane, line, in numbers);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SourceRow<TPair>(
        bool bottom, T* x, nint planeRow, nint pixel, int tiles, T* v, nint tile, nint line, nint point, in WinogradNumbers<TVec> n)
        where TPair : struct, IConstant
    {
        if (bottom) SourceRow<TPair, Two>(x, planeRow, pixel, tiles, v, tile, line, point, in n);
        else SourceRow<TPair, Four>(x, planeRow, pixel, tiles, v, tile, line, point, in n);
    }

    /// <summary>
    /// Two of the six lines of points for one row of full tiles, four or two results high, and one vector of channels: 0 and infinity, ±a or ±b; neighbours share two columns
    /// of d. From one line of points to the next, and from one point of a line to the next, is given.
    /// </summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void SourceRow<TPair, TRows>(T* x, nint planeRow, nint pixel, int tiles, T* v, nint tile, nint line, nint point, in WinogradNumbers<TVec> n)
        where TPair : struct, IConstant
        where TRows : struct, IConstant
    {
        TVec a = n.A, b = n.B, minusA2 = n.MinusA2, minusB2 = n.MinusB2, minusSum = n.MinusSum, difference = n.Difference;
        T* first = v + First<TPair>() * line;
        T* second = v + Second<TPair>() * line;
        SourceColumn<TPair, TRows>(x, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p0, out TVec q0);
        SourceColumn<TPair, TRows>(x + pixel, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p1, out TVec q1);
        x += 2 * pixel;
        for (; tiles > 0; tiles--, x += Tile * pixel, first += tile, second += tile)
        {
            SourceColumn<TPair, TRows>(x, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p2, out TVec q2);
            SourceColumn<TPair, TRows>(x + pixel, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p3, out TVec q3);
            SourceColumn<TPair, TRows>(x + 2 * pixel, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p4, out TVec q4);
            SourceColumn<TPair, TRows>(x + 3 * pixel, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p5, out TVec q5);
            SourceLine(p0, p1, p2, p3, p4, p5, first, point, a, b, minusA2, minusB2, minusSum);
            SourceLine(q0, q1, q2, q3, q4, q5, second, point, a, b, minusA2, minusB2, minusSum);
            (p0, p1, q0, q1) = (p4, p5, q4, q5);
        }
    }

    /// <summary>Two lines of points of the one tile that is two results wide and two high.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void SourceCorner<TPair>(T* x, nint planeRow, nint pixel, T* v, nint line, nint point, in WinogradNumbers<TVec> n)
        where TPair : struct, IConstant
    {
        TVec a = n.A, b = n.B, minusA2 = n.MinusA2, minusB2 = n.MinusB2, minusSum = n.MinusSum, difference = n.Difference;
        SourceColumn<TPair, Two>(x, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p0, out TVec q0);
        SourceColumn<TPair, Two>(x + pixel, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p1, out TVec q1);
        SourceColumn<TPair, Two>(x + 2 * pixel, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p2, out TVec q2);
        SourceColumn<TPair, Two>(x + 3 * pixel, planeRow, a, b, minusA2, minusB2, minusSum, difference, out TVec p3, out TVec q3);
        EdgeLine(p0, p1, p2, p3, v + First<TPair>() * line, point, a, minusA2, minusB2, difference);
        EdgeLine(q0, q1, q2, q3, v + Second<TPair>() * line, point, a, minusA2, minusB2, difference);
    }

    /// <summary>A pair's two lines of points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint First<TPair>()
        where TPair : struct, IConstant
        => TPair.Value == 1 ? 0 : TPair.Value == 2 ? 1 : 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Second<TPair>()
        where TPair : struct, IConstant
        => TPair.Value == 1 ? Side - 1 : TPair.Value == 2 ? 2 : 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SourceColumn<TPair, TRows>(
        T* x, nint row, TVec a, TVec b, TVec minusA2, TVec minusB2, TVec minusSum, TVec difference, out TVec first, out TVec second)
        where TPair : struct, IConstant
        where TRows : struct, IConstant
    {
        TVec d1 = TSimd.Load(x + row), d2 = TSimd.Load(x + 2 * row);
        if (TRows.Value == WinogradGrid.Edge)
        {
            if (TPair.Value == 1) WinogradLine<TSimd, TVec, T>.EdgeEnds(minusA2, minusB2, TSimd.Load(x), d1, d2, TSimd.Load(x + 3 * row), out first, out second);
            else WinogradLine<TSimd, TVec, T>.EdgePair(a, difference, d1, d2, out first, out second);
            return;
        }
        TVec d3 = TSimd.Load(x + 3 * row), d4 = TSimd.Load(x + 4 * row);
        if (TPair.Value == 1) WinogradLine<TSimd, TVec, T>.SourceEnds(minusSum, TSimd.Load(x), d1, d2, d3, d4, TSimd.Load(x + 5 * row), out first, out second);
        else if (TPair.Value == 2) WinogradLine<TSimd, TVec, T>.SourcePair(a, minusB2, d1, d2, d3, d4, out first, out second);
        else WinogradLine<TSimd, TVec, T>.SourcePair(b, minusA2, d1, d2, d3, d4, out first, out second);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EdgeLine(TVec d0, TVec d1, TVec d2, TVec d3, T* v, nint plane, TVec a, TVec minusA2, TVec minusB2, TVec difference)
    {
        WinogradLine<TSimd, TVec, T>.EdgeEnds(minusA2, minusB2, d0, d1, d2, d3, out TVec zero, out TVec infinity);
        TSimd.Store(v, zero);
        TSimd.Store(v + 5 * plane, infinity);
        WinogradLine<TSimd, TVec, T>.EdgePair(a, difference, d1, d2, out TVec plus, out TVec minus);
        TSimd.Store(v + plane, plus);
        TSimd.Store(v + 2 * plane, minus);
    }
}
