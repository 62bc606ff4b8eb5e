using System.Numerics;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// The gradient to the input of a 3 x 3 convolution under a 2 x 2 pool, from the pool's winners: the 4 x 4 pixels under a window stay in registers while its
/// channels add to them, winners of the same place together. Exact, as <see cref="ConvPoolSparse{TSimd, TVec, T}"/> is, which reads and writes nine pixels a winner.
/// </summary>
internal static unsafe class ConvPoolPatch<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Channels whose winners are listed in one set of masks.</summary>
    private const int ChannelBlock = 32;

    /// <summary>Sixteen accumulators need the registers that only 512-bit machines have.</summary>
    public static bool Supports(in ConvShape shape, int windowHeight, int windowWidth)
        => sizeof(TVec) == 64 && windowHeight == 2 && windowWidth == 2 && shape.KernelHeight == 3 && shape.KernelWidth == 3 && shape.OutChannels % TSimd.Count == 0
            && ConvPoolSparse<TSimd, TVec, T>.Supports(in shape, 4) && ConvPoolSparse<TSimd, TVec, T>.SupportsInput(in shape);

    /// <summary>Elements of working memory.</summary>
    public static nint MasksSize(in ConvShape shape) => (nint)(shape.OutHeight / 2) * (shape.OutWidth / 2) * 4;

    /// <summary>Whether the padding is one pixel all around and the windows cover the image: then the gradient goes straight into the image, pixels of the padding being left out.</summary>
    public static bool NeedsNoPlane(in ConvShape shape)
        => shape.Top == 1 && shape.Left == 1 && shape.SourceHeight == shape.OutHeight && shape.SourceWidth == shape.OutWidth;

    /// <summary>
    /// One image's gradient; <paramref name="w"/> is the kernel as [out, 3, 3, in]. It is added to the padded plane <paramref name="dx"/>, or goes into the image itself, where
    /// <paramref name="isImage"/>, and is added to what is there unless that <paramref name="isEmpty"/>.
    /// </summary>
    public static void Image(in ConvShape shape, T* dz, byte* argmax, T* w, T* dx, nint dxRow, bool isImage, bool isEmpty, uint* masks)
    {
        nint pixel = shape.SourceChannels, kernel = 9 * pixel;
        int rows = shape.OutHeight / 2, windows = shape.OutWidth / 2;
        // the patch of the first window begins in the padding
        if (isImage) dx -= dxRow + pixel;
        for (int block = 0; block < shape.OutChannels; block += ChannelBlock)
        {
            Masks(dz + block, argmax + block, shape.OutChannels, Math.Min(ChannelBlock, shape.OutChannels - block), rows * windows, masks);
            for (nint c = 0; c < pixel; c += TSimd.Count)
            {
                for (int row = 0; row < rows; row++)
                {
                    Target target = new()
                    {
                        Pixels = dx + 2 * row * dxRow + c,
                        Row = dxRow,
                        SkipsSides = isImage,
                        SkipsTop = isImage && row == 0,
                        SkipsBottom = isImage && row == rows - 1,
                        // the upper two rows of a patch are the lower two of the one above
                        UpperIsEmpty = isEmpty && block == 0 && row == 0,
                        LowerIsEmpty = isEmpty && block == 0,
                    };
                    Row(
                        windows, masks + (nint)row * windows * 4, dz + (nint)row * windows * shape.OutChannels + block, shape.OutChannels, w + block * kernel + c, kernel, pixel,
                        in target);
                }
            }
        }
    }

    /// <summary>For every window four masks: the channels that are alive and whose winner has that place.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Masks(T* dz, byte* argmax, nint channels, int count, int windows, uint* masks)
    {
        TVec one = TSimd.Broadcast(Real<T>.Of(1)), two = TSimd.Broadcast(Real<T>.Of(2)), three = TSimd.Broadcast(Real<T>.Of(3));
        for (; windows > 0; windows--, dz += channels, argmax += channels, masks += 4)
        {
            uint a = 0, b = 0, c = 0, d = 0;
            for (int i = 0; i < count; i += TSimd.Count)
            {
                TVec place = ByteLanes<TSimd, TVec, T>.Load(argmax + i);
                uint alive = ~TSimd.Signs(TSimd.Equal(TSimd.Load(dz + i), TSimd.Zero));
                a |= (TSimd.Signs(TSimd.Equal(place, TSimd.Zero)) & alive) << i;
                b |= (TSimd.Signs(TSimd.Equal(place, one)) & alive) << i;
                c |= (TSimd.Signs(TSimd.Equal(place, two)) & alive) << i;
                d |= (TSimd.Signs(TSimd.Equal(place, three)) & alive) << i;
            }
            (masks[0], masks[1], masks[2], masks[3]) = (a, b, c, d);
        }
    }

    /// <summary>One row of windows, one vector of source channels. Neighbouring windows share two columns of pixels, which stay in the registers.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Row(int windows, uint* masks, T* dz, nint channels, T* w, nint kernel, nint pixel, in Target target)
    {
        nint kernelRow = 3 * pixel;
        T* dx = target.Pixels;
        bool skips = target.SkipsSides;
        TVec a0 = TSimd.Zero, a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
        for (; windows > 0; windows--, masks += 4, dz += channels, dx += 2 * pixel)
        {
            TVec a2 = TSimd.Zero, a3 = a2, b2 = a2, b3 = a2, c2 = a2, c3 = a2, d2 = a2, d3 = a2;
            for (uint bits = masks[0]; bits != 0; bits &= bits - 1)
            {
                int c = BitOperations.TrailingZeroCount(bits);
                T* k = w + c * kernel;
                TVec g = TSimd.Broadcast(dz[c]);
                a0 = TSimd.MultiplyAdd(g, TSimd.Load(k), a0); a1 = TSimd.MultiplyAdd(g, TSimd.Load(k + pixel), a1); a2 = TSimd.MultiplyAdd(g, TSimd.Load(k + 2 * pixel), a2);
                T* k1 = k + kernelRow, k2 = k1 + kernelRow;
                b0 = TSimd.MultiplyAdd(g, TSimd.Load(k1), b0); b1 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + pixel), b1); b2 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + 2 * pixel), b2);
                c0 = TSimd.MultiplyAdd(g, TSimd.Load(k2), c0); c1 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + pixel), c1); c2 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + 2 * pixel), c2);
            }
            for (uint bits = masks[1]; bits != 0; bits &= bits - 1)
            {
                int c = BitOperations.TrailingZeroCount(bits);
                T* k = w + c * kernel;
                TVec g = TSimd.Broadcast(dz[c]);
                a1 = TSimd.MultiplyAdd(g, TSimd.Load(k), a1); a2 = TSimd.MultiplyAdd(g, TSimd.Load(k + pixel), a2); a3 = TSimd.MultiplyAdd(g, TSimd.Load(k + 2 * pixel), a3);
                T* k1 = k + kernelRow, k2 = k1 + kernelRow;
                b1 = TSimd.MultiplyAdd(g, TSimd.Load(k1), b1); b2 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + pixel), b2); b3 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + 2 * pixel), b3);
                c1 = TSimd.MultiplyAdd(g, TSimd.Load(k2), c1); c2 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + pixel), c2); c3 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + 2 * pixel), c3);
            }
            for (uint bits = masks[2]; bits != 0; bits &= bits - 1)
            {
                int c = BitOperations.TrailingZeroCount(bits);
                T* k = w + c * kernel;
                TVec g = TSimd.Broadcast(dz[c]);
                b0 = TSimd.MultiplyAdd(g, TSimd.Load(k), b0); b1 = TSimd.MultiplyAdd(g, TSimd.Load(k + pixel), b1); b2 = TSimd.MultiplyAdd(g, TSimd.Load(k + 2 * pixel), b2);
                T* k1 = k + kernelRow, k2 = k1 + kernelRow;
                c0 = TSimd.MultiplyAdd(g, TSimd.Load(k1), c0); c1 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + pixel), c1); c2 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + 2 * pixel), c2);
                d0 = TSimd.MultiplyAdd(g, TSimd.Load(k2), d0); d1 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + pixel), d1); d2 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + 2 * pixel), d2);
            }
            for (uint bits = masks[3]; bits != 0; bits &= bits - 1)
            {
                int c = BitOperations.TrailingZeroCount(bits);
                T* k = w + c * kernel;
                TVec g = TSimd.Broadcast(dz[c]);
                b1 = TSimd.MultiplyAdd(g, TSimd.Load(k), b1); b2 = TSimd.MultiplyAdd(g, TSimd.Load(k + pixel), b2); b3 = TSimd.MultiplyAdd(g, TSimd.Load(k + 2 * pixel), b3);
                T* k1 = k + kernelRow, k2 = k1 + kernelRow;
                c1 = TSimd.MultiplyAdd(g, TSimd.Load(k1), c1); c2 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + pixel), c2); c3 = TSimd.MultiplyAdd(g, TSimd.Load(k1 + 2 * pixel), c3);
                d1 = TSimd.MultiplyAdd(g, TSimd.Load(k2), d1); d2 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + pixel), d2); d3 = TSimd.MultiplyAdd(g, TSimd.Load(k2 + 2 * pixel), d3);
            }
            Put(in target, dx, pixel, skips, false, a0, a1, b0, b1, c0, c1, d0, d1);
            skips = false;
            (a0, a1, b0, b1, c0, c1, d0, d1) = (a2, a3, b2, b3, c2, c3, d2, d3);
        }
        Put(in target, dx, pixel, skips, target.SkipsSides, a0, a1, b0, b1, c0, c1, d0, d1);
    }

    /// <summary>Two columns of a patch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(in Target target, T* dx, nint pixel, bool skipFirst, bool skipSecond, TVec a0, TVec a1, TVec b0, TVec b1, TVec c0, TVec c1, TVec d0, TVec d1)
    {
        nint row = target.Row;
        if (!skipFirst)
        {
            if (!target.SkipsTop) Put(dx, a0, target.UpperIsEmpty);
            Put(dx + row, b0, target.UpperIsEmpty);
            Put(dx + 2 * row, c0, target.LowerIsEmpty);
            if (!target.SkipsBottom) Put(dx + 3 * row, d0, target.LowerIsEmpty);
        }
        if (skipSecond) return;
        dx += pixel;
        if (!target.SkipsTop) Put(dx, a1, target.UpperIsEmpty);
        Put(dx + row, b1, target.UpperIsEmpty);
        Put(dx + 2 * row, c1, target.LowerIsEmpty);
        if (!target.SkipsBottom) Put(dx + 3 * row, d1, target.LowerIsEmpty);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(T* target, TVec value, bool isEmpty) => TSimd.Store(target, isEmpty ? value : TSimd.Add(TSimd.Load(target), value));

    /// <summary>Where the patches of a row of windows go.</summary>
    private ref struct Target
    {
        public T* Pixels;
        public nint Row;
        public bool SkipsSides, SkipsTop, SkipsBottom, UpperIsEmpty, LowerIsEmpty;
    }
}
