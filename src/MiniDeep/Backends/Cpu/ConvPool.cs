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

    /// <summary>Windows side by side that stay inside; their place fits a byte.</summary>
    public static bool Supports(in PoolGeometry pool)
        => pool.StrideHeight == pool.WindowHeight && pool.StrideWidth == pool.WindowWidth && pool.PadTop == 0 && pool.PadLeft == 0
            && (long)pool.OutHeight * pool.WindowHeight <= pool.InHeight && (long)pool.OutWidth * pool.WindowWidth <= pool.InWidth
            && pool.WindowHeight * pool.WindowWidth <= 256;

    public static ConvShape Cut(in ConvGeometry conv, in PoolGeometry pool)
        => ConvShape.Forward(conv with { OutHeight = pool.OutHeight * pool.WindowHeight, OutWidth = pool.OutWidth * pool.WindowWidth }, flatten: false);
}

/// <summary>
/// Image by image, and within it panel by panel of channels: the rows under one row of windows are convolved into a buffer that stays in the first cache,
/// activated and pooled there. The activation comes before the pool, as in the plain chain, so that ties fall the same way.
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
        Conv<TSimd, TVec, T>.Plan(in shape, call->WindowHeight, out bands.Rows, out bands.Images);
        ThreadTeam.Run(ref bands, bands.Count);
    }

    private struct Bands : IChunkedWork
    {
        public ConvPoolCall<T>* Call;
        public T* W, Bias;
        public int Rows, Images;

        private readonly int BandsPerImage => (Call->Shape.OutHeight + Rows - 1) / Rows;
        public readonly int Count => (Call->Shape.Batch + Images - 1) / Images * BandsPerImage;

        public readonly void Execute(int chunk)
        {
            int row = chunk % BandsPerImage * Rows, first = chunk / BandsPerImage * Images;
            using Scratch scratch = Scratch.Open();
            ref ConvShape shape = ref Call->Shape;
            T* plane = Conv<TSimd, TVec, T>.NewPlane(in shape, Rows, scratch);
            nint buffer = (nint)Call->WindowHeight * shape.OutWidth * 2 * TSimd.Count;
            T* values = scratch.Take<T>(buffer);
            T* slopes = Call->Slope == null ? null : scratch.Take<T>(buffer);
            for (int image = first; image < Math.Min(first + Images, shape.Batch); image++)
            {
                Band(Call, W, Bias, image, row, Math.Min(Rows, shape.OutHeight - row), plane, values, slopes);
            }
        }
    }

    private static void Band(ConvPoolCall<T>* call, T* w, T* bias, int image, int row, int rows, T* plane, T* values, T* slopes)
    {
        ref ConvShape shape = ref call->Shape;
        T* source = Conv<TSimd, TVec, T>.Plane(in shape, call->X + image * shape.SourceSize, row, rows, plane, out nint planeRow);
        int windowRows = call->WindowHeight, pooledHeight = shape.OutHeight / windowRows, pooledWidth = shape.OutWidth / call->WindowWidth;
        bool narrow = ConvPoolNarrow<TSimd, TVec, T>.Supports(in shape, windowRows, call->WindowWidth);
        bool quads = windowRows == 2 && call->WindowWidth == 2 && call->Slope == null;
        bool relu = quads && call->Activation.Kind == UnaryKind.Relu && shape.GroupOut % TSimd.Count == 0;
        nint pooledRow = (nint)pooledWidth * shape.OutChannels;
        for (int group = 0; group < shape.Groups; group++)
        {
            int width = 2 * TSimd.Count;
            for (int j = 0; j < shape.GroupOut; j += width)
            {
                int used = Math.Min(width, shape.GroupOut - j), vectors = used > TSimd.Count ? 2 : 1;
                int column = group * shape.GroupOut + j, lanes = vectors * TSimd.Count;
                TileShape walk = Conv<TSimd, TVec, T>.Walk(in shape, planeRow, lanes);
                T* columnBias = bias == null ? null : bias + column;
                for (int i = 0; i < rows; i += windowRows)
                {
                    for (int v = 0; v < vectors && narrow; v++)
                    {
                        ConvPoolNarrow<TSimd, TVec, T>.Row(
                            in shape, source + i * planeRow, planeRow, w + column + v * TSimd.Count, columnBias == null ? null : columnBias + v * TSimd.Count,
                            values + v * TSimd.Count, shape.OutWidth * lanes, lanes);
                    }
                    for (int window = 0; window < windowRows && !narrow; window++)
                    {
                        Tiles<TSimd, TVec, T>.Panel(
                            &walk, vectors, shape.OutWidth, lanes, false, source + (i + window) * shape.StrideHeight * planeRow + group * shape.GroupSource,
                            w + column, values + window * shape.OutWidth * lanes, columnBias, 0);
                    }
                    if (!relu) Activate<TSimd, TVec, T>.Forward(call->Activation, values, values, slopes, (nint)windowRows * shape.OutWidth * lanes);
                    nint offset = ((nint)image * pooledHeight + (row + i) / windowRows) * pooledRow + column;
                    for (int v = 0; v < vectors; v++, offset += TSimd.Count)
                    {
                        if (quads && used - v * TSimd.Count >= TSimd.Count)
                        {
                            Quads(values + v * TSimd.Count, shape.OutWidth * lanes, lanes, pooledWidth, relu, call->Y + offset, call->Argmax == null ? null : call->Argmax + offset, shape.OutChannels);
                            continue;
                        }
                        Pool(call, values + v * TSimd.Count, slopes == null ? null : slopes + v * TSimd.Count, lanes, pooledWidth, Math.Min(TSimd.Count, used - v * TSimd.Count), offset);
                    }
                }
            }
        }
    }

    /// <summary>As <see cref="Pool"/>, for 2 x 2 windows of whole vectors, with a ReLU on the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quads(T* values, nint line, nint pixel, int count, bool relu, T* y, byte* argmax, nint channels)
    {
        TVec one = TSimd.Broadcast(Real<T>.Of(1)), two = TSimd.Broadcast(Real<T>.Of(2)), three = TSimd.Broadcast(Real<T>.Of(3));
        for (; count > 0; count--, values += 2 * pixel, y += channels)
        {
            TVec a = TSimd.Load(values), b = TSimd.Load(values + pixel), c = TSimd.Load(values + line), d = TSimd.Load(values + line + pixel);
            if (relu) (a, b, c, d) = (TSimd.Max(TSimd.Zero, a), TSimd.Max(TSimd.Zero, b), TSimd.Max(TSimd.Zero, c), TSimd.Max(TSimd.Zero, d));
            TVec top = a, bottom = c, topPlace = TSimd.Zero, bottomPlace = two;
            MaxPool<TSimd, TVec, T>.Better(b, one, ref top, ref topPlace);
            MaxPool<TSimd, TVec, T>.Better(d, three, ref bottom, ref bottomPlace);
            MaxPool<TSimd, TVec, T>.Better(bottom, bottomPlace, ref top, ref topPlace);
            TSimd.Store(y, top);
            if (argmax == null) continue;
            ByteLanes<TSimd, TVec, T>.Store(argmax, topPlace);
            argmax += channels;
        }
    }

    /// <summary>One row of windows, one vector of channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
