using System.Numerics;
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
    /// <summary>Channels whose living winners are found at a time.</summary>
    private const int ChannelBlock = 32;

    private const int BitsPerWord = 64;

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
    /// One image's gradient to the input: adds to the padded plane <paramref name="dx"/> from the transposed kernel. The last two are working memory for a channel's winners.
    /// </summary>
    public static void Input(in ConvShape shape, int windowHeight, int windowWidth, T* dz, byte* argmax, T* w, T* dx, nint planeRow, int* offsets, T* values)
    {
        nint row = Row(in shape), vectors = row / TSimd.Count, pixel = shape.SourceChannels;
        int* places = stackalloc int[256];
        Places(windowHeight, windowWidth, planeRow, pixel, places);
        for (int c = 0; c < shape.OutChannels; c++)
        {
            int count = Winners(
                dz + c, argmax + c, shape.OutChannels, shape.OutHeight / windowHeight, shape.OutWidth / windowWidth, (int)(windowHeight * planeRow), (int)(windowWidth * pixel),
                places, offsets, values);
            for (nint v = 0; v < vectors && count > 0; v += 3)
            {
                nint at = v * TSimd.Count;
                T* kernel = w + c * shape.KernelHeight * row + at;
                for (int ky = 0; ky < shape.KernelHeight; ky++) Scatter((int)Math.Min(3, vectors - v), count, offsets, values, kernel + ky * row, dx + ky * planeRow + at);
            }
        }
    }

    /// <summary>Elements of working memory: one for each window.</summary>
    public static nint WindowsSize(in ConvShape shape, int windowHeight, int windowWidth) => (nint)(shape.OutHeight / windowHeight) * (shape.OutWidth / windowWidth);

    /// <summary>Elements of working memory for the kernel's gradient: a bit for each winner.</summary>
    public static nint BitsSize(in ConvShape shape, int windowHeight, int windowWidth)
        => (WindowsSize(in shape, windowHeight, windowWidth) + BitsPerWord - 1) / BitsPerWord * ((shape.OutChannels + ChannelBlock - 1) / ChannelBlock * ChannelBlock);

    /// <summary>
    /// One image's gradient to the kernel: adds to the transposed sums <paramref name="dw"/> from the padded plane <paramref name="x"/>, which is laid out as that of dx and readable a vector
    /// beyond its end. Where hardly a winner is dead, being <paramref name="alive"/>, they aren't looked through. The last two are working memory.
    /// </summary>
    public static void Kernel(
        in ConvShape shape, int windowHeight, int windowWidth, T* dz, byte* argmax, T* x, nint planeRow, T* dw, bool alive, int* windows, ulong* bits)
    {
        nint row = Row(in shape);
        int count = 0;
        int* places = stackalloc int[256];
        Places(windowHeight, windowWidth, planeRow, shape.SourceChannels, places);
        for (int i = 0; i < shape.OutHeight / windowHeight; i++)
        {
            for (int j = 0; j < shape.OutWidth / windowWidth; j++) windows[count++] = (int)(i * windowHeight * planeRow + j * windowWidth * shape.SourceChannels);
        }
        int words = (count + BitsPerWord - 1) / BitsPerWord;
        for (int word = 0; word < words && alive; word++) bits[word] = ulong.MaxValue >> Math.Max(0, (word + 1) * BitsPerWord - count);
        for (int first = 0; first < shape.OutChannels && !alive; first += ChannelBlock)
        {
            Alive(dz + first, shape.OutChannels, Math.Min(ChannelBlock, shape.OutChannels - first), count, bits + first * (nint)words, words);
        }
        for (int c = 0; c < shape.OutChannels; c++)
        {
            Winning winners = new()
            {
                Dz = dz + c,
                Argmax = argmax + c,
                Channels = shape.OutChannels,
                Windows = windows,
                Places = places,
                Bits = alive ? bits : bits + c * (nint)words,
                Words = words,
            };
            nint all = row / TSimd.Count;
            for (nint v = 0; v < all; v += 3)
            {
                nint at = v * TSimd.Count;
                Sum(in shape, (int)Math.Min(3, all - v), in winners, x + at, planeRow, dw + c * shape.KernelHeight * row + at, row);
            }
        }
    }

    /// <summary>From a window's first pixel in the plane to each of its pixels.</summary>
    private static void Places(int windowHeight, int windowWidth, nint planeRow, nint pixel, int* places)
    {
        for (int i = 0; i < windowHeight * windowWidth; i++) places[i] = (int)(i / windowWidth * planeRow + i % windowWidth * pixel);
    }

    /// <summary>A bit for each window whose winner is alive, channel by channel: found along the channels, and turned.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Alive(T* dz, nint channels, int count, int windows, ulong* bits, nint words)
    {
        const int Half = BitsPerWord / 2;
        uint* square = stackalloc uint[Half];
        new Span<ulong>(bits, (int)(ChannelBlock * words)).Clear();
        for (int first = 0; first < windows; first += Half)
        {
            for (int i = 0; i < Half; i++) square[i] = first + i < windows ? Alive(dz + (first + i) * channels, count) : 0;
            Turn(square);
            for (int c = 0; c < ChannelBlock; c++) bits[c * words + first / BitsPerWord] |= (ulong)square[c] << (first & Half);
        }
    }

    /// <summary>A bit for each channel of a window whose winner is alive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Alive(T* dz, int count)
    {
        uint alive = 0;
        int i = 0;
        for (; i + TSimd.Count <= count; i += TSimd.Count) alive |= (~TSimd.Signs(TSimd.Equal(TSimd.Load(dz + i), TSimd.Zero)) & (uint)((1UL << TSimd.Count) - 1)) << i;
        for (; i < count; i++) alive |= IsAlive(dz + i) ? 1u << i : 0;
        return alive;
    }

    /// <summary>Neither 0 nor -0, told from the bits: no branch, since what is alive can't be foretold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAlive(T* dz) => sizeof(T) == 4 ? *(uint*)dz << 1 != 0 : *(ulong*)dz << 1 != 0;

    /// <summary>Turns a square of 32 x 32 bits about its diagonal: halves, quarters, … change places (Warren, Hacker's Delight, 7-3).</summary>
    private static void Turn(uint* square)
    {
        uint mask = 0x0000FFFF;
        for (int j = 16; j != 0; j >>= 1, mask ^= mask << j)
        {
            for (int k = 0; k < 32; k = (k + j + 1) & ~j)
            {
                uint t = ((square[k] >> j) ^ square[k + j]) & mask;
                square[k + j] ^= t;
                square[k] ^= t << j;
            }
        }
    }

    /// <summary>
    /// The winners of one channel that are alive. Columns first: neighbours in the list then lie in different rows, so that no sum waits for the one before it.
    /// </summary>
    [MethodImpl(JitOptions.Kernel)]
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
                offsets[count] = offset + places[*place];
                values[count] = *source;
                count += IsAlive(source) ? 1 : 0;
            }
        }
        return count;
    }

    /// <summary>A channel's winners where they stand, and which of them are alive: to list them would take longer.</summary>
    private ref struct Winning
    {
        public T* Dz;
        public byte* Argmax;
        public nint Channels;

        /// <summary>Where the pixels under a winner start: its window's place and its own in the window.</summary>
        public int* Windows, Places;

        public ulong* Bits;
        public nint Words;
    }

    private static void Sum(in ConvShape shape, int vectors, in Winning winners, T* x, nint planeRow, T* dw, nint row)
    {
        int ky = 0;
        for (; ky + 3 <= shape.KernelHeight; ky += 3, x += 3 * planeRow, dw += 3 * row)
        {
            if (vectors == 1) SumRows<One, Three>(in winners, x, planeRow, dw, row);
            else if (vectors == 2) SumRows<Two, Three>(in winners, x, planeRow, dw, row);
            else SumRows<Three, Three>(in winners, x, planeRow, dw, row);
        }
        for (; ky < shape.KernelHeight; ky++, x += planeRow, dw += row)
        {
            if (vectors == 1) SumRows<One, One>(in winners, x, planeRow, dw, row);
            else if (vectors == 2) SumRows<Two, One>(in winners, x, planeRow, dw, row);
            else SumRows<Three, One>(in winners, x, planeRow, dw, row);
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void SumRows<TVectors, TRows>(in Winning winners, T* x, nint planeRow, T* dw, nint row)
        where TVectors : struct, IConstant
        where TRows : struct, IConstant
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
        T* dz = winners.Dz;
        byte* argmax = winners.Argmax;
        nint channels = winners.Channels;
        int* windows = winners.Windows, places = winners.Places;
        for (nint word = 0; word < winners.Words; word++)
        {
            for (ulong bits = winners.Bits[word]; bits != 0; bits &= bits - 1)
            {
                nint i = word * BitsPerWord + BitOperations.TrailingZeroCount(bits);
                TVec value = TSimd.Broadcast(dz[i * channels]);
                nint at = windows[i] + places[argmax[i * channels]];
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

    [MethodImpl(JitOptions.Kernel)]
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
