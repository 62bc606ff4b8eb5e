using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Convolution with few result channels, which would leave most lanes of a vector empty: every tap's product with every pixel of the plane first, taps and channels
/// side by side in the vectors, and then for each result the sum of its taps.
/// </summary>
internal static unsafe class ConvFew<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>The fewest source channels: shorter products don't repay the sums.</summary>
    private const int LeastSource = 12;

    public static bool Supports(in ConvShape shape)
    {
        int taps = shape.KernelHeight * shape.KernelWidth;
        return shape.Groups == 1 && shape.StrideHeight == 1 && shape.StrideWidth == 1 && shape.SourceChannels >= LeastSource && shape.OutChannels < TSimd.Count
            && 2 * Whole(taps * shape.OutChannels) <= taps * (nint)TSimd.Count;
    }

    private static nint Whole(nint count) => (count + TSimd.Count - 1) / TSimd.Count * TSimd.Count;

    /// <summary>Products of a pixel, in whole vectors.</summary>
    private static nint Products(in ConvShape shape) => Whole((nint)shape.KernelHeight * shape.KernelWidth * shape.OutChannels);

    /// <summary>Elements of the kernel as [in, taps and out in whole vectors].</summary>
    public static nint KernelSize(in ConvShape shape) => shape.SourceChannels * Products(in shape);

    /// <summary>Elements of working memory for a band.</summary>
    public static nint WorkSize(in ConvShape shape, int rows) => shape.PlaneRows(rows) * shape.PlaneWidth * Products(in shape) + TSimd.Count;

    public static void ArrangeKernel(in ConvShape shape, T* w, T* arranged)
    {
        int taps = shape.KernelHeight * shape.KernelWidth, channels = shape.OutChannels;
        nint row = Products(in shape);
        new Span<T>(arranged, (int)KernelSize(in shape)).Clear();
        for (int tap = 0; tap < taps; tap++)
        {
            for (int source = 0; source < shape.SourceChannels; source++, w += channels)
            {
                T* to = arranged + source * row + tap * channels;
                for (int c = 0; c < channels; c++) to[c] = w[c];
            }
        }
    }

    /// <summary>y (+)= conv(plane) + bias (or null, readable to the end of a vector).</summary>
    public static void Band(in ConvShape shape, int rows, T* plane, nint planeRow, T* w, T* bias, T* y, bool accumulate, T* work)
    {
        nint width = shape.PlaneWidth, row = Products(in shape), source = shape.SourceChannels, line = width * row;
        TileShape product = TileShape.Flat(source, source, 1, row, row);
        for (nint i = 0; i < shape.PlaneRows(rows); i++)
        {
            for (nint j = 0; j < row; j += 2 * TSimd.Count)
            {
                int vectors = row - j > TSimd.Count ? 2 : 1;
                Tiles<TSimd, TVec, T>.Panel(&product, vectors, (int)width, vectors * TSimd.Count, false, plane + i * planeRow, w + j, work + i * line + j, null, 0);
            }
        }
        Sums(in shape, rows, work, bias, y, accumulate);
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void Sums(in ConvShape shape, int rows, T* work, T* bias, T* y, bool accumulate)
    {
        nint row = Products(in shape), line = shape.PlaneWidth * row;
        nint channels = shape.OutChannels, down = shape.DilationHeight * line, right = shape.DilationWidth * row + channels;
        TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias);
        for (int i = 0; i < rows; i++)
        {
            T* result = y + i * shape.ResultRow;
            for (int j = 0; j < shape.OutWidth; j++, result += shape.ResultPixel)
            {
                TVec sum = accumulate ? Lanes<TSimd, TVec, T>.Load(result, channels) : start;
                T* taps = work + i * line + j * row;
                for (int ky = 0; ky < shape.KernelHeight; ky++, taps += down + shape.KernelWidth * channels)
                {
                    T* tap = taps;
                    for (int kx = 0; kx < shape.KernelWidth; kx++, tap += right) sum = TSimd.Add(sum, TSimd.Load(tap));
                }
                Lanes<TSimd, TVec, T>.Store(result, channels, sum);
            }
        }
    }
}
