using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Convolution with a 3 x 3 kernel by Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016):
/// 16 multiplications for four outputs instead of 36. Under a 2 x 2 pool one output tile is one window, so the four outputs are pooled in registers.
/// </summary>
[SkipLocalsInit]
internal static unsafe class Winograd<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>The products in a tile's transformed space.</summary>
    private const int Points = 16;

    /// <summary>The most bytes of transformed kernel: beyond them it falls out of the second cache.</summary>
    private const nint KernelBytes = 1 << 20;

    /// <summary>The fewest channels: with fewer the sums are too short, and the vectors too empty, to repay the transforms.</summary>
    private const int LeastChannels = 12;

    /// <summary>The fewest results of an image and a channel that repay the transform of the kernel. The batch doesn't count: an image has the same bits in any.</summary>
    private const int LeastResults = 16;

    /// <summary>The tiles that are transformed at a time: their two sets of 16 planes should stay in the second cache; fewer make more, shorter products.</summary>
    private const nint BlockBytes = 5 << 15;

    public static bool Supports(in ConvShape shape)
        => shape.KernelHeight == 3 && shape.KernelWidth == 3 && shape.Groups == 1 && shape.StrideHeight == 1 && shape.StrideWidth == 1
            && shape.DilationHeight == 1 && shape.DilationWidth == 1 && shape.SourceChannels >= LeastChannels && shape.OutChannels >= LeastChannels
            && KernelSize(in shape) * sizeof(T) <= KernelBytes && shape.OutHeight * (long)shape.OutWidth >= LeastResults;

    /// <summary>Channels in whole vectors.</summary>
    private static nint Whole(nint channels) => (channels + TSimd.Count - 1) / TSimd.Count * TSimd.Count;

    /// <summary>Elements of the transformed kernel [16, in, out in whole vectors].</summary>
    public static nint KernelSize(in ConvShape shape) => Points * shape.SourceChannels * Whole(shape.OutChannels);

    /// <summary>Tiles beside each other; the last may be half one.</summary>
    private static int Columns(in ConvShape shape) => (shape.OutWidth + 1) / 2;

    /// <summary>Rows of tiles in a block of a band that has so many rows of results.</summary>
    public static int BlockRows(in ConvShape shape, int rows)
    {
        nint tile = Points * (Whole(shape.SourceChannels) + Whole(shape.OutChannels)) * sizeof(T);
        return (int)Math.Clamp(BlockBytes / (tile * Columns(in shape)), 1, Math.Max(1, (rows + 1) / 2));
    }

    /// <summary>Elements of working memory for a block.</summary>
    public static nint BlockSize(in ConvShape shape, int blockRows)
        => Points * (nint)blockRows * Columns(in shape) * (Whole(shape.SourceChannels) + Whole(shape.OutChannels));

    /// <summary>u = G g G^T for every pair of channels; w is readable a vector beyond its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformKernel(in ConvShape shape, T* w, T* u)
    {
        nint channels = shape.OutChannels, tap = shape.SourceChannels * channels, plane = shape.SourceChannels * Whole(channels);
        TVec half = TSimd.Broadcast(Real<T>.Of(0.5));
        for (int source = shape.SourceChannels; source > 0; source--, w += channels)
        {
            T* k = w;
            for (nint c = 0; c < channels; c += TSimd.Count, k += TSimd.Count, u += TSimd.Count)
            {
                Spread(half, TSimd.Load(k), TSimd.Load(k + 3 * tap), TSimd.Load(k + 6 * tap), out TVec a0, out TVec a1, out TVec a2, out TVec a3);
                Spread(half, TSimd.Load(k + tap), TSimd.Load(k + 4 * tap), TSimd.Load(k + 7 * tap), out TVec b0, out TVec b1, out TVec b2, out TVec b3);
                Spread(half, TSimd.Load(k + 2 * tap), TSimd.Load(k + 5 * tap), TSimd.Load(k + 8 * tap), out TVec c0, out TVec c1, out TVec c2, out TVec c3);
                SpreadLine(half, a0, b0, c0, u, plane);
                SpreadLine(half, a1, b1, c1, u + 4 * plane, plane);
                SpreadLine(half, a2, b2, c2, u + 8 * plane, plane);
                SpreadLine(half, a3, b3, c3, u + 12 * plane, plane);
            }
        }
    }

    /// <summary>One column of G g: a, (a + b + c) / 2, (a - b + c) / 2, c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(TVec half, TVec a, TVec b, TVec c, out TVec r0, out TVec r1, out TVec r2, out TVec r3)
    {
        TVec outer = TSimd.Multiply(half, TSimd.Add(a, c)), middle = TSimd.Multiply(half, b);
        r0 = a;
        r1 = TSimd.Add(outer, middle);
        r2 = TSimd.Subtract(outer, middle);
        r3 = c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadLine(TVec half, TVec a, TVec b, TVec c, T* u, nint tap)
    {
        Spread(half, a, b, c, out TVec r0, out TVec r1, out TVec r2, out TVec r3);
        TSimd.Store(u, r0);
        TSimd.Store(u + tap, r1);
        TSimd.Store(u + 2 * tap, r2);
        TSimd.Store(u + 3 * tap, r3);
    }

    /// <summary>Elements of a plane that whole tiles can be read from, for a band of so many rows.</summary>
    public static nint PlaneSize(in ConvShape shape, int rows)
        => (shape.PlaneRows(rows + rows % 2) * shape.PlaneWidth + 1) * shape.SourceChannels + TSimd.Count;

    /// <summary>Some rows of windows: x is the padded plane from the first one's first row on; y, low and argmax (or null) start at the first window. False where a
    /// result isn't finite.</summary>
    public static bool Block<TPool>(in ConvShape shape, int blockRows, T* x, nint planeRow, T* u, T* bias, T* y, T* low, byte* argmax, T* work)
        where TPool : struct, IConstant
    {
        nint channels = shape.OutChannels, whole = Whole(channels), tiles = blockRows * (nint)Columns(in shape);
        T* m = Products(in shape, blockRows, x, planeRow, u, work);
        bool finite = true;
        for (nint c = 0; c < channels; c += TSimd.Count)
        {
            int used = (int)Math.Min(TSimd.Count, channels - c);
            T* columnBias = bias == null ? null : bias + c;
            byte* columnArgmax = argmax == null ? null : argmax + c;
            finite &= used == TSimd.Count
                ? Gather<TPool, AllLanes>(m + c, tiles * whole, whole, tiles, columnBias, y + c, low + c, columnArgmax, channels, used)
                : Gather<TPool, SomeLanes>(m + c, tiles * whole, whole, tiles, columnBias, y + c, low + c, columnArgmax, channels, used);
        }
        return finite;
    }

    /// <summary>A band of results, y = conv(x) + bias, block by block. False where one isn't finite: then y is not to be used.</summary>
    public static bool Band(in ConvShape shape, int rows, T* x, nint planeRow, T* u, T* bias, T* y, T* work)
    {
        nint channels = shape.OutChannels, whole = Whole(channels);
        int block = BlockRows(in shape, rows);
        for (int row = 0; row < rows; row += 2 * block)
        {
            int left = Math.Min(2 * block, rows - row), blockRows = (left + 1) / 2;
            T* m = Products(in shape, blockRows, x + row * planeRow, planeRow, u, work);
            for (nint c = 0; c < channels; c += TSimd.Count)
            {
                int used = (int)Math.Min(TSimd.Count, channels - c);
                nint plane = blockRows * Columns(in shape) * whole;
                T* columnBias = bias == null ? null : bias + c, result = y + row * shape.ResultRow + c;
                bool finite = used == TSimd.Count
                    ? Results<AllLanes>(in shape, left, m + c, plane, columnBias, result, used)
                    : Results<SomeLanes>(in shape, left, m + c, plane, columnBias, result, used);
                if (!finite) return false;
            }
        }
        return true;
    }

    /// <summary>The 16 products of a block's tiles: [16, tiles, channels] in <paramref name="work"/>.</summary>
    private static T* Products(in ConvShape shape, int blockRows, T* x, nint planeRow, T* u, T* work)
    {
        nint source = shape.SourceChannels, wholeSource = Whole(source), channels = Whole(shape.OutChannels);
        int columns = Columns(in shape), tiles = blockRows * columns;
        nint vPlane = tiles * wholeSource, mPlane = tiles * channels;
        T* v = work, m = work + Points * vPlane;
        for (int row = 0; row < blockRows; row++)
        {
            for (nint c = 0; c < source; c += TSimd.Count)
            {
                TransformRow(x + 2 * row * planeRow + c, planeRow, source, columns, v + row * columns * wholeSource + c, wholeSource, vPlane);
            }
        }
        TileShape product = TileShape.Flat(source, wholeSource, 1, channels, channels);
        for (int point = 0; point < Points; point++)
        {
            for (nint j = 0; j < channels; j += 2 * TSimd.Count)
            {
                int vectors = channels - j > TSimd.Count ? 2 : 1;
                Tiles<TSimd, TVec, T>.Panel(
                    &product, vectors, tiles, vectors * TSimd.Count, false, v + point * vPlane, u + point * source * channels + j, m + point * mPlane + j, null, 0);
            }
        }
        return m;
    }

    /// <summary>v = B^T d B for one row of windows and one vector of channels; neighbours share two columns of d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformRow(T* x, nint planeRow, nint pixel, int windows, T* v, nint tile, nint plane)
    {
        Column(x, planeRow, out TVec a0, out TVec a1, out TVec a2, out TVec a3);
        Column(x + pixel, planeRow, out TVec b0, out TVec b1, out TVec b2, out TVec b3);
        x += 2 * pixel;
        for (; windows > 0; windows--, x += 2 * pixel, v += tile)
        {
            Column(x, planeRow, out TVec c0, out TVec c1, out TVec c2, out TVec c3);
            Column(x + pixel, planeRow, out TVec d0, out TVec d1, out TVec d2, out TVec d3);
            Line(a0, b0, c0, d0, v, plane);
            Line(a1, b1, c1, d1, v + 4 * plane, plane);
            Line(a2, b2, c2, d2, v + 8 * plane, plane);
            Line(a3, b3, c3, d3, v + 12 * plane, plane);
            (a0, a1, a2, a3, b0, b1, b2, b3) = (c0, c1, c2, c3, d0, d1, d2, d3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(T* x, nint planeRow, out TVec t0, out TVec t1, out TVec t2, out TVec t3)
    {
        TVec d0 = TSimd.Load(x), d1 = TSimd.Load(x + planeRow), d2 = TSimd.Load(x + 2 * planeRow), d3 = TSimd.Load(x + 3 * planeRow);
        t0 = TSimd.Subtract(d0, d2);
        t1 = TSimd.Add(d1, d2);
        t2 = TSimd.Subtract(d2, d1);
        t3 = TSimd.Subtract(d1, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Line(TVec d0, TVec d1, TVec d2, TVec d3, T* v, nint plane)
    {
        TSimd.Store(v, TSimd.Subtract(d0, d2));
        TSimd.Store(v + plane, TSimd.Add(d1, d2));
        TSimd.Store(v + 2 * plane, TSimd.Subtract(d2, d1));
        TSimd.Store(v + 3 * plane, TSimd.Subtract(d1, d3));
    }

    /// <summary>A^T m A, the four outputs of each tile, pooled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Gather<TPool, TLanes>(T* m, nint plane, nint pixel, nint tiles, T* bias, T* y, T* low, byte* argmax, nint channels, int used)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
    {
        TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias), zeros = TSimd.Zero;
        T* lanes = stackalloc T[32];
        byte* places = stackalloc byte[16];
        for (; tiles > 0; tiles--, m += pixel, y += channels, low += channels)
        {
            Outputs(m, plane, start, out TVec a, out TVec b, out TVec c, out TVec d);
            if (TLanes.Value == AllLanes.Value)
            {
                PoolQuad<TSimd, TVec, T>.Store<TPool>(a, b, c, d, y, low, argmax, ref zeros);
            }
            else
            {
                PoolQuad<TSimd, TVec, T>.Store<TPool>(a, b, c, d, lanes, lanes + 16, places, ref zeros);
                PoolQuad<TSimd, TVec, T>.CopyPart<TPool>(lanes, lanes + 16, places, used, y, low, argmax);
            }
            if (argmax != null) argmax += channels;
        }
        return Real<T>.ToDouble(TSimd.Sum(zeros)) == 0;
    }

    /// <summary>A^T m A, the outputs of each tile that exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Results<TLanes>(in ConvShape shape, int rows, T* m, nint plane, T* bias, T* y, int used)
        where TLanes : struct, IConstant
    {
        nint channels = Whole(shape.OutChannels), pixel = shape.ResultPixel, line = shape.ResultRow;
        TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias), zeros = TSimd.Zero;
        for (; rows > 0; rows -= 2, y += 2 * line)
        {
            T* p = y;
            for (int columns = shape.OutWidth; columns > 0; columns -= 2, m += channels, p += 2 * pixel)
            {
                Outputs(m, plane, start, out TVec a, out TVec b, out TVec c, out TVec d);
                Put<TLanes>(p, a, used, ref zeros);
                if (columns > 1) Put<TLanes>(p + pixel, b, used, ref zeros);
                if (rows == 1) continue;
                Put<TLanes>(p + line, c, used, ref zeros);
                if (columns > 1) Put<TLanes>(p + line + pixel, d, used, ref zeros);
            }
        }
        return Real<T>.ToDouble(TSimd.Sum(zeros)) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes>(T* y, TVec value, int used, ref TVec zeros)
        where TLanes : struct, IConstant
    {
        zeros = TSimd.MultiplyAdd(TSimd.Zero, value, zeros);
        if (TLanes.Value == AllLanes.Value) TSimd.Store(y, value);
        else Lanes<TSimd, TVec, T>.Store(y, used, value);
    }

    /// <summary>A tile's four outputs, row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Outputs(T* m, nint plane, TVec start, out TVec a, out TVec b, out TVec c, out TVec d)
    {
        T* p = m;
        Sums(p, plane, out TVec top0, out TVec top1);
        p += 4 * plane;
        Sums(p, plane, out TVec first0, out TVec first1);
        p += 4 * plane;
        Sums(p, plane, out TVec second0, out TVec second1);
        p += 4 * plane;
        Sums(p, plane, out TVec bottom0, out TVec bottom1);
        a = TSimd.Add(start, TSimd.Add(top0, TSimd.Add(first0, second0)));
        b = TSimd.Add(start, TSimd.Add(top1, TSimd.Add(first1, second1)));
        c = TSimd.Add(start, TSimd.Subtract(TSimd.Subtract(first0, second0), bottom0));
        d = TSimd.Add(start, TSimd.Subtract(TSimd.Subtract(first1, second1), bottom1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums(T* m, nint plane, out TVec left, out TVec right)
    {
        TVec m1 = TSimd.Load(m + plane), m2 = TSimd.Load(m + 2 * plane);
        left = TSimd.Add(TSimd.Load(m), TSimd.Add(m1, m2));
        right = TSimd.Subtract(TSimd.Subtract(m1, m2), TSimd.Load(m + 3 * plane));
    }
}
