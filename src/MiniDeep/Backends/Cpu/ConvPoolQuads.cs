using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Convolution, bias, activation and 2 x 2 max-pool: the four outputs of a window meet in registers (<see cref="PoolQuad{TSimd, TVec, T, TKind}"/>).</summary>
[SkipLocalsInit]
internal static unsafe class ConvPoolQuads<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>A leaky ReLU of negative slope isn't monotone.</summary>
    public static bool Supports(ConvPoolCall<T>* call)
        => call->WindowHeight == 2 && call->WindowWidth == 2 && FastPaths.Quads && (call->Activation.Kind != UnaryKind.LeakyRelu || call->Activation.Alpha >= 0);

    public static void Run(PoolBand<T>* band)
    {
        switch (band->Call->Activation.Kind)
        {
            case UnaryKind.Relu: Run<ReluKind>(band); break;
            case UnaryKind.LeakyRelu: Run<LeakyReluKind>(band); break;
            case UnaryKind.Sigmoid: Run<SigmoidKind>(band); break;
            case UnaryKind.Tanh: Run<TanhKind>(band); break;
            case UnaryKind.Swish: Run<SwishKind>(band); break;
            default: Run<IdentityKind>(band); break;
        }
    }

    private static void Run<TKind>(PoolBand<T>* band)
        where TKind : struct, IConstant
    {
        if (band->Transformed != null) Transformed<TKind>(band);
        else if (ConvPoolNarrow<TSimd, TVec, T>.Supports(in band->Call->Shape, 2, 2)) Narrow<TKind>(band);
        else Panels<TKind>(band);
    }

    private static void Transformed<TKind>(PoolBand<T>* band)
        where TKind : struct, IConstant
    {
        ConvPoolCall<T>* call = band->Call;
        ref ConvShape shape = ref call->Shape;
        int block = Winograd<TSimd, TVec, T>.BlockRows(in shape, band->Rows), rows = band->Rows / 2;
        for (int row = 0; row < rows; row += block)
        {
            nint offset = band->Offset(2 * row);
            Winograd<TSimd, TVec, T>.Block<TKind>(
                in shape, Math.Min(block, rows - row), band->Source + 2 * row * band->PlaneRow, band->PlaneRow, band->Transformed, band->Bias,
                Real<T>.Of(call->Activation.Alpha), call->Y + offset, call->Argmax == null ? null : call->Argmax + offset,
                call->Slope == null ? null : call->Slope + offset, band->Values);
        }
    }

    private static void Narrow<TKind>(PoolBand<T>* band)
        where TKind : struct, IConstant
    {
        ConvPoolCall<T>* call = band->Call;
        ref ConvShape shape = ref call->Shape;
        for (int row = 0; row < band->Rows; row += 2)
        {
            nint offset = band->Offset(row);
            for (int c = 0; c < shape.OutChannels; c += TSimd.Count, offset += TSimd.Count)
            {
                ConvPoolNarrow<TSimd, TVec, T>.Row<TKind>(
                    in shape, band->Source + row * band->PlaneRow, band->PlaneRow, band->W + c, band->Bias == null ? null : band->Bias + c,
                    Real<T>.Of(call->Activation.Alpha), call->Y + offset, call->Argmax == null ? null : call->Argmax + offset,
                    call->Slope == null ? null : call->Slope + offset);
            }
        }
    }

    private static void Panels<TKind>(PoolBand<T>* band)
        where TKind : struct, IConstant
    {
        ConvPoolCall<T>* call = band->Call;
        ref ConvShape shape = ref call->Shape;
        for (int group = 0; group < shape.Groups; group++)
        {
            for (int j = 0; j < shape.GroupOut; j += 2 * TSimd.Count)
            {
                int used = Math.Min(2 * TSimd.Count, shape.GroupOut - j), vectors = used > TSimd.Count ? 2 : 1, lanes = vectors * TSimd.Count;
                int column = group * shape.GroupOut + j;
                for (int i = 0; i < band->Rows; i += 2)
                {
                    ConvPool<TSimd, TVec, T>.Convolve(band, group, column, vectors, i);
                    nint offset = band->Offset(i) + column;
                    for (int v = 0; v < vectors; v++, offset += TSimd.Count)
                    {
                        Windows<TKind>(
                            call, band->Values + v * TSimd.Count, shape.OutWidth * lanes, lanes, shape.OutWidth / 2, Math.Min(TSimd.Count, used - v * TSimd.Count), offset);
                    }
                }
            }
        }
    }

    /// <summary>One row of windows, one vector of channels of which <paramref name="used"/> exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Windows<TKind>(ConvPoolCall<T>* call, T* values, nint line, nint pixel, int count, int used, nint offset)
        where TKind : struct, IConstant
    {
        nint channels = call->Shape.OutChannels;
        T* y = call->Y + offset;
        T* slope = call->Slope == null ? null : call->Slope + offset;
        byte* argmax = call->Argmax == null ? null : call->Argmax + offset;
        TVec alpha = TSimd.Broadcast(Real<T>.Of(call->Activation.Alpha));
        T* lanes = stackalloc T[16];
        byte* places = stackalloc byte[16];
        for (; count > 0; count--, values += 2 * pixel, y += channels)
        {
            TVec best = PoolQuad<TSimd, TVec, T, TKind>.Pool(
                alpha, TSimd.Load(values), TSimd.Load(values + pixel), TSimd.Load(values + line), TSimd.Load(values + line + pixel), out TVec place, out TVec bestSlope);
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
            if (argmax != null) argmax += channels;
            if (slope != null) slope += channels;
        }
    }
}
