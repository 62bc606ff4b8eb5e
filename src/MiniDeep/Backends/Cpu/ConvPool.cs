using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The arguments of convolution, bias, activation and max-pool in one: y, argmax and slope have the pooled shape.</summary>
internal unsafe struct ConvPoolCall<T> : IKernelCall<T>
    where T : unmanaged
{
    /// <summary>The convolution, cut to the rows and columns that the windows cover.</summary>
    public ConvShape Shape;
    public int WindowHeight, WindowWidth;
    public T* X, W, Bias, Y, Slope;
    public byte* Argmax;
    public FusedActivation Activation;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        fixed (ConvPoolCall<T>* call = &this) ConvPool<TSimd, TVec, T>.Run(call);
    }

    /// <summary>Windows side by side that stay inside; their place fits a byte. Depthwise kernels have a loop of their own, which knows no pool.</summary>
    public static bool Supports(in ConvGeometry conv, in PoolGeometry pool)
        => !ConvShape.Forward(conv).Depthwise && pool.StrideHeight == pool.WindowHeight && pool.StrideWidth == pool.WindowWidth && pool.PadTop == 0 && pool.PadLeft == 0
            && (long)pool.OutHeight * pool.WindowHeight <= pool.InHeight && (long)pool.OutWidth * pool.WindowWidth <= pool.InWidth
            && pool.WindowHeight * pool.WindowWidth <= 256;

    public static ConvShape Cut(in ConvGeometry conv, in PoolGeometry pool)
        => ConvShape.Forward(conv with { OutHeight = pool.OutHeight * pool.WindowHeight, OutWidth = pool.OutWidth * pool.WindowWidth }, flatten: false);
}

/// <summary>Some rows of one image, or of a few, as the kernels under a pool share them.</summary>
internal unsafe struct PoolBand<T>
    where T : unmanaged
{
    public ConvPoolCall<T>* Call;

    /// <summary>The kernel and the bias, readable to the end of the last vector; the kernel in Winograd's space, or null.</summary>
    public T* W, Bias, Transformed;

    /// <summary>The padded plane from the band's first row on.</summary>
    public T* Source;
    public nint PlaneRow;

    /// <summary>Where <see cref="Transformed"/> is given.</summary>
    public WinogradBlock<T> Block;

    public T* Values, Slopes;
    public int Image, Images, Row, Rows;

    /// <summary>Where a row of windows starts in the pooled result: <paramref name="row"/> counts the convolution's rows within the band.</summary>
    public readonly nint Offset(int row)
    {
        ref ConvShape shape = ref Call->Shape;
        return ((nint)Image * (shape.OutHeight / Call->WindowHeight) + (Row + row) / Call->WindowHeight) * (shape.OutWidth / Call->WindowWidth) * shape.OutChannels;
    }
}

/// <summary>
/// Image by image, and within it panel by panel of channels: the rows under one row of windows are convolved into a buffer that stays in the first cache,
/// activated and pooled there. The activation comes before the pool, as in the plain chain; 2 x 2 windows go to <see cref="ConvPoolQuads{TSimd, TVec, T}"/>.
/// </summary>
[SkipLocalsInit]
internal static unsafe class ConvPool<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    public static void Run(ConvPoolCall<T>* call)
    {
        ref ConvShape shape = ref call->Shape;
        if (shape.Batch == 0 || shape.OutSize == 0) return;
        using Scratch scratch = Scratch.Open();
        Bands bands = new() { Call = call, W = Conv<TSimd, TVec, T>.Kernel(in shape, call->W, false, scratch), Bias = call->Bias };
        if (call->Bias != null && shape.GroupOut % TSimd.Count != 0)
        {
            bands.Bias = scratch.Take<T>(shape.OutChannels + 2 * TSimd.Count);
            new Span<T>(bands.Bias + shape.OutChannels, 2 * TSimd.Count).Clear();
            new Span<T>(call->Bias, shape.OutChannels).CopyTo(new Span<T>(bands.Bias, shape.OutChannels));
        }
        bands.Quads = ConvPoolQuads<TSimd, TVec, T>.Supports(call);
        if (bands.Quads && FastPaths.Allow(FastPath.Winograd) && Winograd<TSimd, TVec, T>.Supports(in shape))
        {
            bands.Transformed = scratch.Take<T>(Winograd<TSimd, TVec, T>.KernelSize(in shape));
            Winograd<TSimd, TVec, T>.TransformKernel(in shape, bands.W, bands.Transformed);
        }
        Conv<TSimd, TVec, T>.Plan(in shape, bands.Transformed == null ? call->WindowHeight : WinogradGrid.Tile, out bands.Rows, out bands.Images);
        ThreadTeam.Run(ref bands, bands.Count);
    }

    private struct Bands : IChunkedWork
    {
        public ConvPoolCall<T>* Call;
        public T* W, Bias, Transformed;
        public int Rows, Images;
        public bool Quads;

        private readonly int BandsPerImage => (Call->Shape.OutHeight + Rows - 1) / Rows;
        public readonly int Count => (Call->Shape.Batch + Images - 1) / Images * BandsPerImage;

        public readonly void Execute(int chunk)
        {
            int row = chunk % BandsPerImage * Rows, first = chunk / BandsPerImage * Images;
            using Scratch scratch = Scratch.Open();
            ref ConvShape shape = ref Call->Shape;
            PoolBand<T> band = new()
            {
                Call = Call,
                W = W,
                Bias = Bias,
                Transformed = Transformed,
                Row = row,
                Rows = Math.Min(Rows, shape.OutHeight - row),
            };
            int last = Math.Min(first + Images, shape.Batch);
            bool slopes = Call->Slope != null, low = Quads && !slopes && Call->Activation.Kind == UnaryKind.Swish;
            nint buffer = (nint)Call->WindowHeight * shape.OutWidth * 2 * TSimd.Count;
            band.Values = scratch.Take<T>(buffer);
            if (Transformed != null)
            {
                band.Block = Winograd<TSimd, TVec, T>.NewBlock(in shape, band.Rows, last - first, scratch);
                if (low) band.Slopes = scratch.Take<T>(band.Block.Images * ConvPoolQuads<TSimd, TVec, T>.PooledSize(in shape, Rows));
                for (band.Image = first; band.Image < last; band.Image += band.Images)
                {
                    band.Images = Math.Min(band.Block.Images, last - band.Image);
                    ConvPoolQuads<TSimd, TVec, T>.Run(&band);
                }
                return;
            }
            T* plane = Conv<TSimd, TVec, T>.NewPlane(in shape, Rows, scratch);
            band.Images = 1;
            if (slopes && !Quads) band.Slopes = scratch.Take<T>(buffer);
            else if (low) band.Slopes = scratch.Take<T>(ConvPoolQuads<TSimd, TVec, T>.PooledSize(in shape, Rows));
            for (band.Image = first; band.Image < last; band.Image++)
            {
                band.Source = Conv<TSimd, TVec, T>.Plane(in shape, Call->X + band.Image * shape.SourceSize, row, band.Rows, plane, out band.PlaneRow);
                if (Quads) ConvPoolQuads<TSimd, TVec, T>.Run(&band);
                else Band(&band);
            }
        }
    }

    private static void Band(PoolBand<T>* band)
    {
        ConvPoolCall<T>* call = band->Call;
        ref ConvShape shape = ref call->Shape;
        int windowRows = call->WindowHeight, pooledWidth = shape.OutWidth / call->WindowWidth;
        T* values = band->Values, slopes = band->Slopes;
        for (int group = 0; group < shape.Groups; group++)
        {
            int width = 2 * TSimd.Count;
            for (int j = 0; j < shape.GroupOut; j += width)
            {
                int used = Math.Min(width, shape.GroupOut - j), vectors = used > TSimd.Count ? 2 : 1;
                int column = group * shape.GroupOut + j, lanes = vectors * TSimd.Count;
                for (int i = 0; i < band->Rows; i += windowRows)
                {
                    Convolve(band, group, column, vectors, i);
                    Activate<TSimd, TVec, T>.Forward(call->Activation, values, values, slopes, (nint)windowRows * shape.OutWidth * lanes);
                    nint offset = band->Offset(i) + column;
                    for (int v = 0; v < vectors; v++, offset += TSimd.Count)
                    {
                        Pool(call, values + v * TSimd.Count, slopes == null ? null : slopes + v * TSimd.Count, lanes, pooledWidth, Math.Min(TSimd.Count, used - v * TSimd.Count), offset);
                    }
                }
            }
        }
    }

    /// <summary>The rows under one row of windows, for up to two vectors of channels, to the band's values.</summary>
    public static void Convolve(PoolBand<T>* band, int group, int column, int vectors, int row)
    {
        ref ConvShape shape = ref band->Call->Shape;
        int lanes = vectors * TSimd.Count;
        TileShape walk = Conv<TSimd, TVec, T>.Walk(in shape, band->PlaneRow, lanes);
        T* source = band->Source + row * shape.StrideHeight * band->PlaneRow + group * shape.GroupSource;
        for (int i = 0; i < band->Call->WindowHeight; i++)
        {
            Tiles<TSimd, TVec, T>.Panel(
                &walk, vectors, shape.OutWidth, lanes, false, source + i * shape.StrideHeight * band->PlaneRow, band->W + column,
                band->Values + i * shape.OutWidth * lanes, band->Bias == null ? null : band->Bias + column, 0);
        }
    }

    /// <summary>One row of windows, one vector of channels.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Pool(ConvPoolCall<T>* call, T* values, T* slopes, nint pixel, int count, int used, nint offset)
    {
        int height = call->WindowHeight, width = call->WindowWidth;
        nint channels = call->Shape.OutChannels, line = call->Shape.OutWidth * pixel;
        T* y = call->Y + offset;
        T* slope = call->Slope == null ? null : call->Slope + offset;
        byte* argmax = call->Argmax == null ? null : call->Argmax + offset;
        TVec one = TSimd.Broadcast(Real<T>.Of(1));
        T* lanes = stackalloc T[16];
        byte* places = stackalloc byte[16];
        for (int window = 0; window < count; window++)
        {
            TVec best = TSimd.Load(values), place = TSimd.Zero, number = TSimd.Zero, bestSlope = slopes == null ? TSimd.Zero : TSimd.Load(slopes);
            for (int i = 0; i < height; i++)
            {
                for (int j = 0; j < width; j++, number = TSimd.Add(number, one))
                {
                    TVec value = TSimd.Load(values + i * line + j * pixel);
                    TVec better = TSimd.AndNot(TSimd.Equal(best, best), TSimd.GreaterThanOrEqual(best, value));
                    best = TSimd.Select(better, value, best);
                    place = TSimd.Select(better, number, place);
                    if (slopes != null) bestSlope = TSimd.Select(better, TSimd.Load(slopes + i * line + j * pixel), bestSlope);
                }
            }
            if (used == TSimd.Count)
            {
                TSimd.Store(y, best);
                if (argmax != null) ByteLanes<TSimd, TVec, T>.Store(argmax, place);
                if (slope != null) TSimd.Store(slope, bestSlope);
            }
            else
            {
                TSimd.Store(lanes, best);
                for (int lane = 0; lane < used; lane++) y[lane] = lanes[lane];
                ByteLanes<TSimd, TVec, T>.Store(places, place);
                for (int lane = 0; lane < used && argmax != null; lane++) argmax[lane] = places[lane];
                TSimd.Store(lanes, bestSlope);
                for (int lane = 0; lane < used && slope != null; lane++) slope[lane] = lanes[lane];
            }
            values += width * pixel;
            y += channels;
            if (slopes != null) slopes += width * pixel;
            if (slope != null) slope += channels;
            if (argmax != null) argmax += channels;
        }
    }
}
