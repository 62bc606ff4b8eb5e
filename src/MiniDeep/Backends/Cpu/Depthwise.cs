using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Depthwise convolution: every channel has a kernel of its own, so channels are the vectors and there is nothing to share between them. A weight that is read serves
/// eight pixels.
/// </summary>
[SkipLocalsInit]
internal static unsafe class Depthwise<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>
    /// Some rows of one image's result, from the plane of those rows. Plane, <paramref name="w"/> [taps, channels] and <paramref name="bias"/> (or null) are readable a
    /// vector beyond their ends.
    /// </summary>
    public static void Rows(in ConvShape shape, int rows, T* plane, nint planeRow, T* w, bool turned, T* bias, T* y, bool accumulate)
    {
        nint channels = shape.OutChannels, taps = (nint)shape.KernelHeight * shape.KernelWidth;
        nint tap = turned ? -channels : channels, pixel = shape.ResultPixel;
        T* first = turned ? w + (taps - 1) * channels : w;
        T* temporary = stackalloc T[8 * 16];
        for (nint c = 0; c < channels; c += TSimd.Count)
        {
            nint used = Math.Min(TSimd.Count, channels - c);
            for (int row = 0; row < rows; row++)
            {
                T* line = plane + row * shape.StrideHeight * planeRow + c, target = y + row * shape.ResultRow + c;
                bool whole = used == TSimd.Count && shape.OutWidth >= 8 && !accumulate;
                for (int column = 0; column < shape.OutWidth; column += 8)
                {
                    // the last eight of a row may begin earlier, and some of them are computed again
                    int start = whole ? Math.Min(column, shape.OutWidth - 8) : column, count = Math.Min(8, shape.OutWidth - start);
                    T* x = line + start * shape.StrideWidth * channels, result = target + start * pixel;
                    if (whole)
                    {
                        Eight(in shape, x, planeRow, first + c, tap, bias == null ? null : bias + c, result, pixel);
                        continue;
                    }
                    Some(in shape, count, x, planeRow, first + c, tap, bias == null ? null : bias + c, temporary);
                    for (int i = 0; i < count; i++)
                    {
                        T* source = temporary + i * TSimd.Count, element = result + i * pixel;
                        for (nint lane = 0; lane < used; lane++)
                        {
                            element[lane] = accumulate ? Simd1<T>.Add(new Lane<T>(element[lane]), new Lane<T>(source[lane])).Value : source[lane];
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void Eight(in ConvShape shape, T* x, nint planeRow, T* w, nint tap, T* bias, T* y, nint resultPixel)
    {
        nint channels = shape.OutChannels, pixel = shape.StrideWidth * channels, step = shape.DilationWidth * channels, line = shape.DilationHeight * planeRow;
        nint p2 = 2 * pixel, p3 = 3 * pixel, p4 = 4 * pixel, p5 = 5 * pixel, p6 = 6 * pixel, p7 = 7 * pixel;
        TVec a0 = bias == null ? TSimd.Zero : TSimd.Load(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int ky = shape.KernelHeight; ky > 0; ky--, x += line)
        {
            T* p = x;
            for (int kx = shape.KernelWidth; kx > 0; kx--, p += step, w += tap)
            {
                TVec k = TSimd.Load(w);
                a0 = TSimd.MultiplyAdd(k, TSimd.Load(p), a0); a1 = TSimd.MultiplyAdd(k, TSimd.Load(p + pixel), a1);
                a2 = TSimd.MultiplyAdd(k, TSimd.Load(p + p2), a2); a3 = TSimd.MultiplyAdd(k, TSimd.Load(p + p3), a3);
                a4 = TSimd.MultiplyAdd(k, TSimd.Load(p + p4), a4); a5 = TSimd.MultiplyAdd(k, TSimd.Load(p + p5), a5);
                a6 = TSimd.MultiplyAdd(k, TSimd.Load(p + p6), a6); a7 = TSimd.MultiplyAdd(k, TSimd.Load(p + p7), a7);
            }
        }
        TSimd.Store(y, a0);
        TSimd.Store(y + resultPixel, a1);
        TSimd.Store(y + 2 * resultPixel, a2);
        TSimd.Store(y + 3 * resultPixel, a3);
        TSimd.Store(y + 4 * resultPixel, a4);
        TSimd.Store(y + 5 * resultPixel, a5);
        TSimd.Store(y + 6 * resultPixel, a6);
        TSimd.Store(y + 7 * resultPixel, a7);
    }

    /// <summary>As <see cref="Eight"/> for up to eight pixels, to vectors side by side. The same sums in the same order.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Some(in ConvShape shape, int count, T* x, nint planeRow, T* w, nint tap, T* bias, T* y)
    {
        nint channels = shape.OutChannels, pixel = shape.StrideWidth * channels, step = shape.DilationWidth * channels, line = shape.DilationHeight * planeRow;
        for (; count > 0; count--, x += pixel, y += TSimd.Count)
        {
            TVec sum = bias == null ? TSimd.Zero : TSimd.Load(bias);
            T* k = w;
            for (int ky = 0; ky < shape.KernelHeight; ky++)
            {
                T* p = x + ky * line;
                for (int kx = shape.KernelWidth; kx > 0; kx--, p += step, k += tap) sum = TSimd.MultiplyAdd(TSimd.Load(k), TSimd.Load(p), sum);
            }
            TSimd.Store(y, sum);
        }
    }

    /// <summary>dw [taps, channels] (+)= one image's sums, three taps at a time. The plane and dz are readable a vector beyond their ends.</summary>
    public static void WeightGradient(in ConvShape shape, T* plane, nint planeRow, T* dz, T* dw, bool accumulate, int kernelRow, int kernelRows)
    {
        nint channels = shape.OutChannels;
        T* lanes = stackalloc T[3 * 16];
        for (nint c = 0; c < channels; c += TSimd.Count)
        {
            nint used = Math.Min(TSimd.Count, channels - c);
            for (int ky = kernelRow; ky < kernelRow + kernelRows; ky++)
            {
                for (int kx = 0; kx < shape.KernelWidth; kx += 3)
                {
                    int taps = Math.Min(3, shape.KernelWidth - kx);
                    T* x = plane + ky * shape.DilationHeight * planeRow + kx * shape.DilationWidth * channels + c;
                    T* target = dw + ((nint)ky * shape.KernelWidth + kx) * channels + c;
                    ThreeTaps(in shape, taps, x, planeRow, dz + c, lanes);
                    for (int i = 0; i < taps; i++, target += channels)
                    {
                        for (nint lane = 0; lane < used; lane++)
                        {
                            T sum = lanes[i * TSimd.Count + lane];
                            target[lane] = accumulate ? Simd1<T>.Add(new Lane<T>(target[lane]), new Lane<T>(sum)).Value : sum;
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void ThreeTaps(in ConvShape shape, int taps, T* x, nint planeRow, T* dz, T* sums)
    {
        nint channels = shape.OutChannels, pixel = shape.StrideWidth * channels;
        // missing taps repeat the first
        nint second = taps > 1 ? shape.DilationWidth * channels : 0, third = taps > 2 ? 2 * second : 0, line = shape.StrideHeight * planeRow;
        TVec a0 = TSimd.Zero, a1 = a0, a2 = a0, b0 = a0, b1 = a0, b2 = a0;
        for (int row = shape.OutHeight; row > 0; row--, x += line)
        {
            T* p = x;
            int column = shape.OutWidth;
            for (; column > 1; column -= 2, p += 2 * pixel, dz += 2 * channels)
            {
                TVec g = TSimd.Load(dz), h = TSimd.Load(dz + channels);
                T* q = p + pixel;
                a0 = TSimd.MultiplyAdd(g, TSimd.Load(p), a0); a1 = TSimd.MultiplyAdd(g, TSimd.Load(p + second), a1); a2 = TSimd.MultiplyAdd(g, TSimd.Load(p + third), a2);
                b0 = TSimd.MultiplyAdd(h, TSimd.Load(q), b0); b1 = TSimd.MultiplyAdd(h, TSimd.Load(q + second), b1); b2 = TSimd.MultiplyAdd(h, TSimd.Load(q + third), b2);
            }
            if (column == 0) continue;
            TVec last = TSimd.Load(dz);
            dz += channels;
            a0 = TSimd.MultiplyAdd(last, TSimd.Load(p), a0); a1 = TSimd.MultiplyAdd(last, TSimd.Load(p + second), a1); a2 = TSimd.MultiplyAdd(last, TSimd.Load(p + third), a2);
        }
        TSimd.Store(sums, TSimd.Add(a0, b0));
        TSimd.Store(sums + TSimd.Count, TSimd.Add(a1, b1));
        TSimd.Store(sums + 2 * TSimd.Count, TSimd.Add(a2, b2));
    }
}
