using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Convolution, bias, 2 x 2 max-pool and activation, in this order, which gives what activation and pool do the other way round (<see cref="PoolQuad{TSimd, TVec, T}"/>):
/// the four outputs of a window meet in registers, and only the winners are activated.
/// </summary>
[SkipLocalsInit]
internal static unsafe class ConvPoolQuads<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Activations that never fall and don't need their slope, and Swish. A leaky ReLU of negative slope falls, and one of slope 0 has ties that the largest output doesn't.</summary>
    public static bool Supports(ConvPoolCall<T>* call)
    {
        FusedActivation f = call->Activation;
        bool kind = f.Kind == UnaryKind.Swish || (call->Slope == null && (f.Kind != UnaryKind.LeakyRelu || f.Alpha > 0));
        return kind && call->WindowHeight == 2 && call->WindowWidth == 2 && FastPaths.Allow(FastPath.Quads);
    }

    /// <summary>The elements of a band's pooled result, in whole vectors.</summary>
    public static nint PooledSize(in ConvShape shape, int rows)
    {
        nint size = (nint)(rows / 2) * (shape.OutWidth / 2) * shape.OutChannels;
        return (size + TSimd.Count - 1) / TSimd.Count * TSimd.Count;
    }

    public static void Run(PoolBand<T>* band)
    {
        ConvPoolCall<T>* call = band->Call;
        ref ConvShape shape = ref call->Shape;
        // several images' bands are whole images
        nint offset = band->Offset(0), count = (nint)band->Images * (band->Rows / 2) * (shape.OutWidth / 2) * shape.OutChannels;
        T* y = call->Y + offset;
        if (call->Activation.Kind == UnaryKind.Relu)
        {
            Run<Rectified>(band, y, y);
            return;
        }
        if (call->Activation.Kind != UnaryKind.Swish)
        {
            Run<Largest>(band, y, y);
            Activate<TSimd, TVec, T>.Forward(call->Activation, y, y, null, count);
            return;
        }
        // the smallest outputs wait where f' will stand
        T* low = call->Slope == null ? band->Slopes : call->Slope + offset;
        Run<Extremes>(band, y, low);
        PoolQuad<TSimd, TVec, T>.Swish(y, low, call->Argmax == null ? null : call->Argmax + offset, call->Slope != null, count);
    }

    private static void Run<TPool>(PoolBand<T>* band, T* y, T* low)
        where TPool : struct, IConstant
    {
        byte* argmax = band->Call->Argmax == null ? null : band->Call->Argmax + band->Offset(0);
        if (band->Transformed != null)
        {
            Transformed<TPool>(band, y, low, argmax);
            return;
        }
        bool narrow = ConvPoolNarrow<TSimd, TVec, T>.Supports(in band->Call->Shape, 2, 2);
        // also what isn't finite: the quick pool may lose a NaN
        if (!narrow || !Narrow<TPool>(band, y, low, argmax)) Panels<TPool>(band, y, low, argmax);
    }

    private static void Transformed<TPool>(PoolBand<T>* band, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        ref WinogradBlock<T> block = ref band->Block;
        nint pooledRow = block.Shape.OutWidth / 2 * (nint)block.Shape.OutChannels, image = band->Rows / 2 * pooledRow;
        T* x = band->Call->X + band->Image * block.Shape.SourceSize;
        uint spoiled = 0;
        for (int row = 0; row < band->Rows; row += block.Rows)
        {
            int some = Math.Min(block.Rows, band->Rows - row);
            Winograd<TSimd, TVec, T>.Begin(ref block, band->Images, some);
            for (int i = 0; i < band->Images; i++)
            {
                if (row == 0) Winograd<TSimd, TVec, T>.Fill(ref block, x + i * block.Shape.SourceSize, band->Row, band->Rows);
                Winograd<TSimd, TVec, T>.Transform(ref block, i, row);
            }
            Winograd<TSimd, TVec, T>.Multiply(ref block, band->Transformed);
            for (int i = 0; i < band->Images; i++)
            {
                nint at = i * image + row / 2 * pooledRow;
                bool finite = WinogradResults<TSimd, TVec, T>.Pooled<TPool>(in block, i, band->Bias, y + at, low + at, argmax == null ? null : argmax + at);
                if (!finite) spoiled |= 1u << i;
            }
        }
        band->Source = block.Plane;
        band->PlaneRow = block.PlaneRow;
        for (int i = 0; spoiled >> i != 0; i++, y += image, low += image)
        {
            if ((spoiled >> i & 1) != 0)
            {
                Winograd<TSimd, TVec, T>.Fill(ref block, x + i * block.Shape.SourceSize, band->Row, band->Rows);
                Panels<TPool>(band, y, low, argmax);
            }
            if (argmax != null) argmax += image;
        }
    }

    private static bool Narrow<TPool>(PoolBand<T>* band, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        ref ConvShape shape = ref band->Call->Shape;
        nint pooledRow = shape.OutWidth / 2 * (nint)shape.OutChannels;
        for (int row = 0; row < band->Rows; row += 2)
        {
            for (nint c = 0, at = row / 2 * pooledRow; c < shape.OutChannels; c += TSimd.Count, at += TSimd.Count)
            {
                bool finite = ConvPoolNarrow<TSimd, TVec, T>.Row<TPool>(
                    in shape, band->Source + row * band->PlaneRow, band->PlaneRow, band->W + c, band->Bias == null ? null : band->Bias + c,
                    y + at, low + at, argmax == null ? null : argmax + at);
                if (!finite) return false;
            }
        }
        return true;
    }

    private static void Panels<TPool>(PoolBand<T>* band, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        ref ConvShape shape = ref band->Call->Shape;
        nint pooledRow = shape.OutWidth / 2 * (nint)shape.OutChannels;
        for (int group = 0; group < shape.Groups; group++)
        {
            for (int j = 0; j < shape.GroupOut; j += 2 * TSimd.Count)
            {
                int used = Math.Min(2 * TSimd.Count, shape.GroupOut - j), vectors = used > TSimd.Count ? 2 : 1, lanes = vectors * TSimd.Count;
                int column = group * shape.GroupOut + j;
                for (int row = 0; row < band->Rows; row += 2)
                {
                    ConvPool<TSimd, TVec, T>.Convolve(band, group, column, vectors, row);
                    nint at = row / 2 * pooledRow + column;
                    for (int v = 0; v < vectors; v++, at += TSimd.Count)
                    {
                        Windows<TPool>(
                            band->Values + v * TSimd.Count, shape.OutWidth * lanes, lanes, shape.OutWidth / 2, Math.Min(TSimd.Count, used - v * TSimd.Count),
                            y + at, low + at, argmax == null ? null : argmax + at, shape.OutChannels);
                    }
                }
            }
        }
    }

    /// <summary>One row of windows, one vector of channels of which <paramref name="used"/> exist.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Windows<TPool>(T* values, nint line, nint pixel, int count, int used, T* y, T* low, byte* argmax, nint channels)
        where TPool : struct, IConstant
    {
        T* lanes = stackalloc T[32];
        byte* places = stackalloc byte[16];
        for (; count > 0; count--, values += 2 * pixel, y += channels, low += channels)
        {
            TVec a = TSimd.Load(values), b = TSimd.Load(values + pixel), c = TSimd.Load(values + line), d = TSimd.Load(values + line + pixel);
            if (used == TSimd.Count)
            {
                PoolQuad<TSimd, TVec, T>.StoreAny<TPool>(a, b, c, d, y, low, argmax);
            }
            else
            {
                PoolQuad<TSimd, TVec, T>.StoreAny<TPool>(a, b, c, d, lanes, lanes + 16, places);
                PoolQuad<TSimd, TVec, T>.CopyPart<TPool>(lanes, lanes + 16, places, used, y, low, argmax);
            }
            if (argmax != null) argmax += channels;
        }
    }
}
