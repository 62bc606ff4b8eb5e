using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// The gradients of a convolution under a max-pool, from the pool's winners alone: dz is 0 everywhere else, and at many winners too after an activation that cuts.
/// Exact; its time depends on how many winners are alive. Vectors run along (kernel column, source channel), so everything here is transposed: [out, kernel row, those].
/// </summary>
[SkipLocalsInit]
internal static unsafe class ConvPoolSparse<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Channels whose winners are listed at a time.</summary>
    private const int ChannelBlock = 32;

    /// <summary>Whether one image's gradients can be made of its winners: each sees one contiguous piece of every row under the kernel.</summary>
    public static bool Supports(in ConvShape shape, int window)
        => window > 2 && shape.Groups == 1 && shape.StrideHeight == 1 && shape.StrideWidth == 1 && shape.DilationHeight == 1 && shape.DilationWidth == 1;

    /// <summary>Whether the gradient to the input can: where a pixel isn't whole vectors, neighbours' loads would wait for half of each other's stores.</summary>
    public static bool SupportsInput(in ConvShape shape) => shape.SourceChannels % TSimd.Count == 0;

    /// <summary>Elements of a kernel row, in whole vectors.</summary>
    public static nint Row(in ConvShape shape) => (shape.KernelWidth * (nint)shape.SourceChannels + TSimd.Count - 1) / TSimd.Count * TSimd.Count;

    /// <summary>Elements of the transposed kernel.</summary>
    public static nint Size(in ConvShape shape) => shape.OutChannels * shape.KernelHeight * Row(in shape);

    public static void Transpose(in ConvShape shape, T* w, T* transposed)
    {
        nint row = Row(in shape), count = shape.KernelWidth * (nint)shape.SourceChannels;
        for (int ky = 0; ky < shape.KernelHeight; ky++)
        {
            Tiles<TSimd, TVec, T>.Transpose(w + ky * count * shape.OutChannels, shape.OutChannels, count, shape.OutChannels, transposed + ky * row, shape.KernelHeight * row);
        }
    }

    /// <summary>dw (+)= the transposed sums.</summary>
    public static void TransposeBack(in ConvShape shape, T* sums, T* dw, bool accumulate, T* buffer)
    {
        nint row = Row(in shape), count = shape.KernelWidth * (nint)shape.SourceChannels;
        T* target = accumulate ? buffer : dw;
        for (int ky = 0; ky < shape.KernelHeight; ky++)
        {
            Tiles<TSimd, TVec, T>.Transpose(sums + ky * row, shape.KernelHeight * row, shape.OutChannels, count, target + ky * count * shape.OutChannels, shape.OutChannels);
        }
        if (accumulate) ColumnSums<TSimd, TVec, T>.Run(buffer, 1, shape.KernelRows * shape.OutChannels, dw, true);
    }

    /// <summary>
    /// One image: adds to the transposed kernel sums <paramref name="dw"/> (or null) from the padded plane <paramref name="x"/>, and to the padded plane
    /// <paramref name="dx"/> (or null) from the transposed kernel. Both planes are laid out alike; x is readable a vector beyond its end.
    /// </summary>
    public static void Image(
        in ConvShape shape, int windowHeight, int windowWidth, T* dz, byte* argmax, T* x, nint planeRow, T* dw, T* w, T* dx, int* offsets, T* values)
    {
        nint row = Row(in shape), vectors = row / TSimd.Count, pixel = shape.SourceChannels;
        int* places = stackalloc int[256];
        Places(windowHeight, windowWidth, planeRow, pixel, places);
        int* starts = stackalloc int[ChannelBlock + 1];
        for (int first = 0; first < shape.OutChannels; first += ChannelBlock)
        {
            int channels = Math.Min(ChannelBlock, shape.OutChannels - first), total = 0;
            for (int i = 0; i < channels; i++)
            {
                starts[i] = total;
                total += Winners(
                    dz + first + i, argmax + first + i, shape.OutChannels, shape.OutHeight / windowHeight, shape.OutWidth / windowWidth,
                    (int)(windowHeight * planeRow), (int)(windowWidth * pixel), places, offsets + total, values + total);
            }
            starts[channels] = total;
            // one plane after the other: both may be more than the first cache holds
            for (int i = 0; i < channels && dw != null; i++)
            {
                Sum(in shape, new Listed(offsets + starts[i], values + starts[i]), starts[i + 1] - starts[i], x, planeRow, dw + (first + i) * shape.KernelHeight * row, row);
            }
            for (int i = 0; i < channels && dx != null; i++)
            {
                int count = starts[i + 1] - starts[i];
                for (nint v = 0; v < vectors && count > 0; v += 3)
                {
                    nint at = v * TSimd.Count;
                    T* kernel = w + (first + i) * shape.KernelHeight * row + at;
                    for (int ky = 0; ky < shape.KernelHeight; ky++)
                    {
                        Scatter((int)Math.Min(3, vectors - v), count, offsets + starts[i], values + starts[i], kernel + ky * row, dx + ky * planeRow + at);
                    }
                }
            }
        }
    }

    /// <summary>From a window's first pixel in the plane to each of its pixels.</summary>
    private static void Places(int windowHeight, int windowWidth, nint planeRow, nint pixel, int* places)
    {
        for (int i = 0; i < windowHeight * windowWidth; i++) places[i] = (int)(i / windowWidth * planeRow + i % windowWidth * pixel);
    }

    /// <summary>
    /// As <see cref="Image"/> for the kernel alone, where hardly a winner is dead. <paramref name="windows"/> is working memory for each window's place in the plane.
    /// </summary>
    public static void Kernel(in ConvShape shape, int windowHeight, int windowWidth, T* dz, byte* argmax, T* x, nint planeRow, T* dw, int* windows)
    {
        nint row = Row(in shape);
        int count = 0;
        int* places = stackalloc int[256];
        Places(windowHeight, windowWidth, planeRow, shape.SourceChannels, places);
        for (int i = 0; i < shape.OutHeight / windowHeight; i++)
        {
            for (int j = 0; j < shape.OutWidth / windowWidth; j++) windows[count++] = (int)(i * windowHeight * planeRow + j * windowWidth * shape.SourceChannels);
        }
        for (int c = 0; c < shape.OutChannels; c++)
        {
            Sum(in shape, new Everyone(dz + c, argmax + c, shape.OutChannels, windows, places), count, x, planeRow, dw + c * shape.KernelHeight * row, row);
        }
    }

    /// <summary>
    /// The winners of one channel that are alive. Columns first: neighbours in the list then lie in different rows, so that no sum waits for the one before it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Winners(
        T* dz, byte* argmax, nint channels, int height, int width, int rowOffset, int columnOffset, int* places, int* offsets, T* values)
    {
        int count = 0;
        nint line = width * channels;
        for (int column = 0; column < width; column++, dz += channels, argmax += channels)
        {
            int offset = column * columnOffset;
            T* source = dz;
            byte* place = argmax;
            for (int row = 0; row < height; row++, source += line, place += line, offset += rowOffset)
            {
                // no branch: what is alive can't be foretold
                offsets[count] = offset + places[*place];
                values[count] = *source;
                bool alive = sizeof(T) == 4 ? *(uint*)source << 1 != 0 : *(ulong*)source << 1 != 0;
                count += alive ? 1 : 0;
            }
        }
        return count;
    }

    /// <summary>The winners of a channel: their gradients, and where the pixels under them start.</summary>
    private interface IWinners
    {
        T Value(nint i);
        nint Offset(nint i);
    }

    /// <summary>Those that are alive, listed.</summary>
    private readonly struct Listed(int* offsets, T* values) : IWinners
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Value(nint i) => values[i];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public nint Offset(nint i) => offsets[i];
    }

    /// <summary>All of them, where they stand: a list would be no shorter.</summary>
    private readonly struct Everyone(T* dz, byte* argmax, nint channels, int* windows, int* places) : IWinners
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Value(nint i) => dz[i * channels];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public nint Offset(nint i) => windows[i] + places[argmax[i * channels]];
    }

    private static void Sum<TWinners>(in ConvShape shape, TWinners winners, int count, T* x, nint planeRow, T* dw, nint row)
        where TWinners : struct, IWinners
    {
        nint all = row / TSimd.Count;
        for (nint v = 0; v < all && count > 0; v += 3)
        {
            nint at = v * TSimd.Count;
            Sum(in shape, (int)Math.Min(3, all - v), count, winners, x + at, planeRow, dw + at, row);
        }
    }

    private static void Sum<TWinners>(in ConvShape shape, int vectors, int count, TWinners winners, T* x, nint planeRow, T* dw, nint row)
        where TWinners : struct, IWinners
    {
        int ky = 0;
        for (; ky + 3 <= shape.KernelHeight; ky += 3, x += 3 * planeRow, dw += 3 * row)
        {
            if (vectors == 1) SumRows<One, Three, TWinners>(count, winners, x, planeRow, dw, row);
            else if (vectors == 2) SumRows<Two, Three, TWinners>(count, winners, x, planeRow, dw, row);
            else SumRows<Three, Three, TWinners>(count, winners, x, planeRow, dw, row);
        }
        for (; ky < shape.KernelHeight; ky++, x += planeRow, dw += row)
        {
            if (vectors == 1) SumRows<One, One, TWinners>(count, winners, x, planeRow, dw, row);
            else if (vectors == 2) SumRows<Two, One, TWinners>(count, winners, x, planeRow, dw, row);
            else SumRows<Three, One, TWinners>(count, winners, x, planeRow, dw, row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumRows<TVectors, TRows, TWinners>(int count, TWinners winners, T* x, nint planeRow, T* dw, nint row)
        where TVectors : struct, IConstant
        where TRows : struct, IConstant
        where TWinners : struct, IWinners
    {
        nint second = TSimd.Count, third = 2 * TSimd.Count;
        T* x1 = x + planeRow, x2 = x1 + planeRow, dw1 = dw + row, dw2 = dw1 + row;
        TVec a0 = TSimd.Load(dw), a1 = a0, a2 = a0, b0 = a0, b1 = a0, b2 = a0, c0 = a0, c1 = a0, c2 = a0;
        if (TVectors.Value > 1) a1 = TSimd.Load(dw + second);
        if (TVectors.Value > 2) a2 = TSimd.Load(dw + third);
        if (TRows.Value > 1)
        {
            b0 = TSimd.Load(dw1);
            if (TVectors.Value > 1) b1 = TSimd.Load(dw1 + second);
            if (TVectors.Value > 2) b2 = TSimd.Load(dw1 + third);
            c0 = TSimd.Load(dw2);
            if (TVectors.Value > 1) c1 = TSimd.Load(dw2 + second);
            if (TVectors.Value > 2) c2 = TSimd.Load(dw2 + third);
        }
        for (nint i = 0; i < count; i++)
        {
            TVec value = TSimd.Broadcast(winners.Value(i));
            nint at = winners.Offset(i);
            T* p = x + at;
            a0 = TSimd.MultiplyAdd(value, TSimd.Load(p), a0);
            if (TVectors.Value > 1) a1 = TSimd.MultiplyAdd(value, TSimd.Load(p + second), a1);
            if (TVectors.Value > 2) a2 = TSimd.MultiplyAdd(value, TSimd.Load(p + third), a2);
            if (TRows.Value == 1) continue;
            p = x1 + at;
            b0 = TSimd.MultiplyAdd(value, TSimd.Load(p), b0);
            if (TVectors.Value > 1) b1 = TSimd.MultiplyAdd(value, TSimd.Load(p + second), b1);
            if (TVectors.Value > 2) b2 = TSimd.MultiplyAdd(value, TSimd.Load(p + third), b2);
            p = x2 + at;
            c0 = TSimd.MultiplyAdd(value, TSimd.Load(p), c0);
            if (TVectors.Value > 1) c1 = TSimd.MultiplyAdd(value, TSimd.Load(p + second), c1);
            if (TVectors.Value > 2) c2 = TSimd.MultiplyAdd(value, TSimd.Load(p + third), c2);
        }
        TSimd.Store(dw, a0);
        if (TVectors.Value > 1) TSimd.Store(dw + second, a1);
        if (TVectors.Value > 2) TSimd.Store(dw + third, a2);
        if (TRows.Value == 1) return;
        TSimd.Store(dw1, b0);
        if (TVectors.Value > 1) TSimd.Store(dw1 + second, b1);
        if (TVectors.Value > 2) TSimd.Store(dw1 + third, b2);
        TSimd.Store(dw2, c0);
        if (TVectors.Value > 1) TSimd.Store(dw2 + second, c1);
        if (TVectors.Value > 2) TSimd.Store(dw2 + third, c2);
    }

    private static void Scatter(int vectors, int count, int* offsets, T* values, T* w, T* dx)
    {
        if (vectors == 1) ScatterRow<One>(count, offsets, values, w, dx);
        else if (vectors == 2) ScatterRow<Two>(count, offsets, values, w, dx);
        else ScatterRow<Three>(count, offsets, values, w, dx);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScatterRow<TVectors>(int count, int* offsets, T* values, T* w, T* dx)
        where TVectors : struct, IConstant
    {
        nint second = TSimd.Count, third = 2 * TSimd.Count;
        TVec w0 = TSimd.Load(w), w1 = w0, w2 = w0;
        if (TVectors.Value > 1) w1 = TSimd.Load(w + second);
        if (TVectors.Value > 2) w2 = TSimd.Load(w + third);
        for (nint i = 0; i < count; i++)
        {
            TVec value = TSimd.Broadcast(values[i]);
            T* p = dx + offsets[i];
            TSimd.Store(p, TSimd.MultiplyAdd(value, w0, TSimd.Load(p)));
            if (TVectors.Value > 1) TSimd.Store(p + second, TSimd.MultiplyAdd(value, w1, TSimd.Load(p + second)));
            if (TVectors.Value > 2) TSimd.Store(p + third, TSimd.MultiplyAdd(value, w2, TSimd.Load(p + third)));
        }
    }
}
