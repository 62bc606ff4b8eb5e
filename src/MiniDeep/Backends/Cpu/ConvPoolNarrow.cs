using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>
/// Few source channels under a 3 x 3 kernel and a 2 x 2 pool: the 4 x 4 pixels under one window are read once for its four outputs, which are pooled before they
/// leave the registers. Tiles would be too short a sum to pay here.
/// </summary>
internal static unsafe class ConvPoolNarrow<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    public static bool Supports(in ConvShape shape, int windowHeight, int windowWidth)
        => shape.SourceChannels <= 4 && shape.KernelHeight == 3 && shape.KernelWidth == 3 && windowHeight == 2 && windowWidth == 2 && shape.Groups == 1
            && shape.StrideHeight == 1 && shape.StrideWidth == 1 && shape.DilationHeight == 1 && shape.DilationWidth == 1
            && shape.OutChannels % TSimd.Count == 0 && shape.OutWidth >= 4;

    /// <summary>One row of windows, one vector of channels, two windows at a time: every weight that is read serves eight outputs. False where a result isn't finite.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static bool Row<TPool>(in ConvShape shape, T* x, nint planeRow, T* w, T* bias, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        nint channels = shape.SourceChannels, columns = shape.OutChannels, tap = channels * columns, kernelRow = 3 * tap;
        TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias), zeros = TSimd.Zero;
        int windows = shape.OutWidth / 2;
        for (int pair = 0; pair < windows; pair += 2)
        {
            // an odd number's last pair begins one window earlier
            nint window = Math.Min(pair, windows - 2);
            TVec a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start;
            T* k = w;
            T* q = x + window * 2 * channels;
            for (nint ci = 0; ci < channels; ci++, k += columns, q++)
            {
                T* p = q;
                TVec k0 = TSimd.Load(k), k1 = TSimd.Load(k + tap), k2 = TSimd.Load(k + 2 * tap);
                TVec m0 = TSimd.Load(k + kernelRow), m1 = TSimd.Load(k + kernelRow + tap), m2 = TSimd.Load(k + kernelRow + 2 * tap);
                TVec n0 = TSimd.Load(k + 2 * kernelRow), n1 = TSimd.Load(k + 2 * kernelRow + tap), n2 = TSimd.Load(k + 2 * kernelRow + 2 * tap);
                TVec px = TSimd.Broadcast(p[0]); a = TSimd.MultiplyAdd(px, k0, a);
                px = TSimd.Broadcast(p[channels]); a = TSimd.MultiplyAdd(px, k1, a); b = TSimd.MultiplyAdd(px, k0, b);
                px = TSimd.Broadcast(p[2 * channels]); a = TSimd.MultiplyAdd(px, k2, a); b = TSimd.MultiplyAdd(px, k1, b); e = TSimd.MultiplyAdd(px, k0, e);
                px = TSimd.Broadcast(p[3 * channels]); b = TSimd.MultiplyAdd(px, k2, b); e = TSimd.MultiplyAdd(px, k1, e); f = TSimd.MultiplyAdd(px, k0, f);
                px = TSimd.Broadcast(p[4 * channels]); e = TSimd.MultiplyAdd(px, k2, e); f = TSimd.MultiplyAdd(px, k1, f);
                px = TSimd.Broadcast(p[5 * channels]); f = TSimd.MultiplyAdd(px, k2, f);
                p += planeRow;
                px = TSimd.Broadcast(p[0]); a = TSimd.MultiplyAdd(px, m0, a); c = TSimd.MultiplyAdd(px, k0, c);
                px = TSimd.Broadcast(p[channels]); a = TSimd.MultiplyAdd(px, m1, a); b = TSimd.MultiplyAdd(px, m0, b); c = TSimd.MultiplyAdd(px, k1, c); d = TSimd.MultiplyAdd(px, k0, d);
                px = TSimd.Broadcast(p[2 * channels]); a = TSimd.MultiplyAdd(px, m2, a); b = TSimd.MultiplyAdd(px, m1, b); e = TSimd.MultiplyAdd(px, m0, e); c = TSimd.MultiplyAdd(px, k2, c); d = TSimd.MultiplyAdd(px, k1, d); g = TSimd.MultiplyAdd(px, k0, g);
                px = TSimd.Broadcast(p[3 * channels]); b = TSimd.MultiplyAdd(px, m2, b); e = TSimd.MultiplyAdd(px, m1, e); f = TSimd.MultiplyAdd(px, m0, f); d = TSimd.MultiplyAdd(px, k2, d); g = TSimd.MultiplyAdd(px, k1, g); h = TSimd.MultiplyAdd(px, k0, h);
                px = TSimd.Broadcast(p[4 * channels]); e = TSimd.MultiplyAdd(px, m2, e); f = TSimd.MultiplyAdd(px, m1, f); g = TSimd.MultiplyAdd(px, k2, g); h = TSimd.MultiplyAdd(px, k1, h);
                px = TSimd.Broadcast(p[5 * channels]); f = TSimd.MultiplyAdd(px, m2, f); h = TSimd.MultiplyAdd(px, k2, h);
                p += planeRow;
                px = TSimd.Broadcast(p[0]); a = TSimd.MultiplyAdd(px, n0, a); c = TSimd.MultiplyAdd(px, m0, c);
                px = TSimd.Broadcast(p[channels]); a = TSimd.MultiplyAdd(px, n1, a); b = TSimd.MultiplyAdd(px, n0, b); c = TSimd.MultiplyAdd(px, m1, c); d = TSimd.MultiplyAdd(px, m0, d);
                px = TSimd.Broadcast(p[2 * channels]); a = TSimd.MultiplyAdd(px, n2, a); b = TSimd.MultiplyAdd(px, n1, b); e = TSimd.MultiplyAdd(px, n0, e); c = TSimd.MultiplyAdd(px, m2, c); d = TSimd.MultiplyAdd(px, m1, d); g = TSimd.MultiplyAdd(px, m0, g);
                px = TSimd.Broadcast(p[3 * channels]); b = TSimd.MultiplyAdd(px, n2, b); e = TSimd.MultiplyAdd(px, n1, e); f = TSimd.MultiplyAdd(px, n0, f); d = TSimd.MultiplyAdd(px, m2, d); g = TSimd.MultiplyAdd(px, m1, g); h = TSimd.MultiplyAdd(px, m0, h);
                px = TSimd.Broadcast(p[4 * channels]); e = TSimd.MultiplyAdd(px, n2, e); f = TSimd.MultiplyAdd(px, n1, f); g = TSimd.MultiplyAdd(px, m2, g); h = TSimd.MultiplyAdd(px, m1, h);
                px = TSimd.Broadcast(p[5 * channels]); f = TSimd.MultiplyAdd(px, n2, f); h = TSimd.MultiplyAdd(px, m2, h);
                p += planeRow;
                px = TSimd.Broadcast(p[0]); c = TSimd.MultiplyAdd(px, n0, c);
                px = TSimd.Broadcast(p[channels]); c = TSimd.MultiplyAdd(px, n1, c); d = TSimd.MultiplyAdd(px, n0, d);
                px = TSimd.Broadcast(p[2 * channels]); c = TSimd.MultiplyAdd(px, n2, c); d = TSimd.MultiplyAdd(px, n1, d); g = TSimd.MultiplyAdd(px, n0, g);
                px = TSimd.Broadcast(p[3 * channels]); d = TSimd.MultiplyAdd(px, n2, d); g = TSimd.MultiplyAdd(px, n1, g); h = TSimd.MultiplyAdd(px, n0, h);
                px = TSimd.Broadcast(p[4 * channels]); g = TSimd.MultiplyAdd(px, n2, g); h = TSimd.MultiplyAdd(px, n1, h);
                px = TSimd.Broadcast(p[5 * channels]); h = TSimd.MultiplyAdd(px, n2, h);
            }
            nint at = window * columns;
            PoolQuad<TSimd, TVec, T>.Store<TPool>(a, b, c, d, y + at, low + at, argmax == null ? null : argmax + at, ref zeros);
            at += columns;
            PoolQuad<TSimd, TVec, T>.Store<TPool>(e, f, g, h, y + at, low + at, argmax == null ? null : argmax + at, ref zeros);
        }
        return Real<T>.ToDouble(TSimd.Sum(zeros)) == 0;
    }

    /// <summary>Adds one image's sums to dw [3, 3, in, out]: dz [windows, out], its place in each window in argmax.</summary>
    public static void Gradient(in ConvShape shape, T* x, nint planeRow, T* dz, byte* argmax, T* dw)
    {
        if (OnePatch(in shape))
        {
            GradientFused(in shape, x, planeRow, FusedActivation.None, dz, dz, argmax, dw, null);
            return;
        }
        for (nint c = 0; c < shape.OutChannels; c += TSimd.Count)
        {
            for (nint ci = 0; ci < shape.SourceChannels; ci++) GradientChannel(in shape, x + ci, planeRow, dz + c, argmax + c, dw + ci * shape.OutChannels + c);
        }
    }

    /// <summary>
    /// The same from dy and what the activation saved, with the sums of dz added to dbias (or null): all of it is read once, while the products keep the core busy. Only
    /// where <see cref="OnePatch"/>.
    /// </summary>
    public static void GradientFused(in ConvShape shape, T* x, nint planeRow, FusedActivation activation, T* saved, T* dy, byte* argmax, T* dw, T* dbias)
    {
        for (nint c = 0; c < shape.OutChannels; c += TSimd.Count)
        {
            PatchCall call = new()
            {
                Windows = shape.OutWidth / 2,
                Rows = shape.OutHeight / 2,
                Columns = shape.OutChannels,
                X = x,
                PlaneRow = planeRow,
                Saved = (saved == null ? dy : saved) + c,
                Dy = dy + c,
                Argmax = argmax + c,
                Dw = dw + c,
                Dbias = dbias == null ? null : dbias + c,
                Alpha = activation.Alpha,
            };
            FusedKinds.RunGradient(activation, ref call);
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void GradientChannel(in ConvShape shape, T* x, nint planeRow, T* dz, byte* argmax, T* dw)
    {
        nint channels = shape.SourceChannels, columns = shape.OutChannels, tap = channels * columns;
        TVec k0 = TSimd.Load(dw), k1 = TSimd.Load(dw + tap), k2 = TSimd.Load(dw + 2 * tap), k3 = TSimd.Load(dw + 3 * tap), k4 = TSimd.Load(dw + 4 * tap);
        TVec k5 = TSimd.Load(dw + 5 * tap), k6 = TSimd.Load(dw + 6 * tap), k7 = TSimd.Load(dw + 7 * tap), k8 = TSimd.Load(dw + 8 * tap);
        TVec one = TSimd.Broadcast(Real<T>.Of(1)), two = TSimd.Broadcast(Real<T>.Of(2)), three = TSimd.Broadcast(Real<T>.Of(3));
        for (int row = shape.OutHeight / 2; row > 0; row--, x += 2 * planeRow)
        {
            T* p = x;
            for (int window = shape.OutWidth / 2; window > 0; window--, p += 2 * channels, dz += columns, argmax += columns)
            {
                TVec place = ByteLanes<TSimd, TVec, T>.Load(argmax), g = TSimd.Load(dz);
                TVec a = TSimd.And(TSimd.Equal(place, TSimd.Zero), g), b = TSimd.And(TSimd.Equal(place, one), g);
                TVec c = TSimd.And(TSimd.Equal(place, two), g), d = TSimd.And(TSimd.Equal(place, three), g);
                T* q = p;
                TVec x0 = TSimd.Broadcast(q[0]), x1 = TSimd.Broadcast(q[channels]), x2 = TSimd.Broadcast(q[2 * channels]), x3 = TSimd.Broadcast(q[3 * channels]);
                k0 = TSimd.MultiplyAdd(x0, a, k0); k1 = TSimd.MultiplyAdd(x1, a, k1); k2 = TSimd.MultiplyAdd(x2, a, k2);
                k0 = TSimd.MultiplyAdd(x1, b, k0); k1 = TSimd.MultiplyAdd(x2, b, k1); k2 = TSimd.MultiplyAdd(x3, b, k2);
                q += planeRow;
                x0 = TSimd.Broadcast(q[0]); x1 = TSimd.Broadcast(q[channels]); x2 = TSimd.Broadcast(q[2 * channels]); x3 = TSimd.Broadcast(q[3 * channels]);
                k3 = TSimd.MultiplyAdd(x0, a, k3); k4 = TSimd.MultiplyAdd(x1, a, k4); k5 = TSimd.MultiplyAdd(x2, a, k5);
                k0 = TSimd.MultiplyAdd(x0, c, k0); k1 = TSimd.MultiplyAdd(x1, c, k1); k2 = TSimd.MultiplyAdd(x2, c, k2);
                k3 = TSimd.MultiplyAdd(x1, b, k3); k4 = TSimd.MultiplyAdd(x2, b, k4); k5 = TSimd.MultiplyAdd(x3, b, k5);
                k0 = TSimd.MultiplyAdd(x1, d, k0); k1 = TSimd.MultiplyAdd(x2, d, k1); k2 = TSimd.MultiplyAdd(x3, d, k2);
                q += planeRow;
                x0 = TSimd.Broadcast(q[0]); x1 = TSimd.Broadcast(q[channels]); x2 = TSimd.Broadcast(q[2 * channels]); x3 = TSimd.Broadcast(q[3 * channels]);
                k6 = TSimd.MultiplyAdd(x0, a, k6); k7 = TSimd.MultiplyAdd(x1, a, k7); k8 = TSimd.MultiplyAdd(x2, a, k8);
                k3 = TSimd.MultiplyAdd(x0, c, k3); k4 = TSimd.MultiplyAdd(x1, c, k4); k5 = TSimd.MultiplyAdd(x2, c, k5);
                k6 = TSimd.MultiplyAdd(x1, b, k6); k7 = TSimd.MultiplyAdd(x2, b, k7); k8 = TSimd.MultiplyAdd(x3, b, k8);
                k3 = TSimd.MultiplyAdd(x1, d, k3); k4 = TSimd.MultiplyAdd(x2, d, k4); k5 = TSimd.MultiplyAdd(x3, d, k5);
                q += planeRow;
                x0 = TSimd.Broadcast(q[0]); x1 = TSimd.Broadcast(q[channels]); x2 = TSimd.Broadcast(q[2 * channels]); x3 = TSimd.Broadcast(q[3 * channels]);
                k6 = TSimd.MultiplyAdd(x0, c, k6); k7 = TSimd.MultiplyAdd(x1, c, k7); k8 = TSimd.MultiplyAdd(x2, c, k8);
                k6 = TSimd.MultiplyAdd(x1, d, k6); k7 = TSimd.MultiplyAdd(x2, d, k7); k8 = TSimd.MultiplyAdd(x3, d, k8);
            }
        }
        TSimd.Store(dw, k0);
        TSimd.Store(dw + tap, k1);
        TSimd.Store(dw + 2 * tap, k2);
        TSimd.Store(dw + 3 * tap, k3);
        TSimd.Store(dw + 4 * tap, k4);
        TSimd.Store(dw + 5 * tap, k5);
        TSimd.Store(dw + 6 * tap, k6);
        TSimd.Store(dw + 7 * tap, k7);
        TSimd.Store(dw + 8 * tap, k8);
    }

    /// <summary>Whether two rows of the pixels under a window are one vector, out of which a channel's winner can pick its own.</summary>
    public static bool OnePatch(in ConvShape shape)
        => shape.SourceChannels == 1 && ((typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported) || (typeof(TVec) == typeof(Vector256<float>) && Avx2.IsSupported));

    /// <summary>From 4 + 4 pixels, those with these numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Pick(Vector256<float> pixels, TVec numbers)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<float>, TVec>(Avx512F.PermuteVar16x32(pixels.ToVector512Unsafe(), Unsafe.BitCast<TVec, Vector512<int>>(numbers)));
        if (typeof(TVec) == typeof(Vector256<float>) && Avx2.IsSupported)
            return Unsafe.BitCast<Vector256<float>, TVec>(Avx2.PermuteVar8x32(pixels, Unsafe.BitCast<TVec, Vector256<int>>(numbers)));
        return TSimd.Zero;
    }

    /// <summary>Bytes as integers in the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Integers(byte* bytes)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported) return Unsafe.BitCast<Vector512<int>, TVec>(Avx512F.ConvertToVector512Int32(Vector128.Load(bytes)));
        if (typeof(TVec) == typeof(Vector256<float>) && Avx2.IsSupported) return Unsafe.BitCast<Vector256<int>, TVec>(Avx2.ConvertToVector256Int32(bytes));
        return TSimd.Zero;
    }

    private struct PatchCall : IGradientCall
    {
        public int Windows, Rows;
        public nint Columns, PlaneRow;
        public T* X, Saved, Dy, Dw, Dbias;
        public byte* Argmax;
        public double Alpha;

        public readonly void Run<TOp>()
            where TOp : struct, IBinaryOp => GradientPatch<TOp>(in this);
    }

    /// <summary>As <see cref="GradientChannel"/> for one source channel: nine products a window instead of 36.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void GradientPatch<TOp>(in PatchCall call)
        where TOp : struct, IBinaryOp
    {
        nint columns = call.Columns, planeRow = call.PlaneRow;
        T* x = call.X, saved = call.Saved, dy = call.Dy, dw = call.Dw, dbias = call.Dbias;
        byte* argmax = call.Argmax;
        TVec k0 = TSimd.Load(dw), k1 = TSimd.Load(dw + columns), k2 = TSimd.Load(dw + 2 * columns);
        TVec k3 = TSimd.Load(dw + 3 * columns), k4 = TSimd.Load(dw + 4 * columns), k5 = TSimd.Load(dw + 5 * columns);
        TVec k6 = TSimd.Load(dw + 6 * columns), k7 = TSimd.Load(dw + 7 * columns), k8 = TSimd.Load(dw + 8 * columns);
        TVec sum = TSimd.Zero, alpha = TSimd.Broadcast(Real<T>.Of(call.Alpha)), one = VectorMath<TSimd, TVec, T>.Bits(1, 1), two = VectorMath<TSimd, TVec, T>.Bits(2, 2);
        for (int row = call.Rows; row > 0; row--, x += 2 * planeRow)
        {
            T* p = x;
            for (int window = call.Windows; window > 0; window--, p += 2, saved += columns, dy += columns, argmax += columns)
            {
                Vector128<float> second = Vector128.Load((float*)(p + planeRow)), third = Vector128.Load((float*)(p + 2 * planeRow));
                TVec g = TOp.Invoke<TSimd, TVec, T>(TSimd.Load(saved), TSimd.Load(dy), alpha);
                sum = TSimd.Add(sum, g);
                // the numbers of a winner's pixels in two rows of four: places 0, 1, 2, 3 are pixels 0, 1, 4, 5, and its neighbours follow
                TVec place = Integers(argmax), a = TSimd.AddBits(place, TSimd.And(place, two)), b = TSimd.AddBits(a, one), c = TSimd.AddBits(a, two);
                Vector256<float> pixels = Vector256.Create(Vector128.Load((float*)p), second);
                k0 = TSimd.MultiplyAdd(Pick(pixels, a), g, k0);
                k1 = TSimd.MultiplyAdd(Pick(pixels, b), g, k1);
                k2 = TSimd.MultiplyAdd(Pick(pixels, c), g, k2);
                pixels = Vector256.Create(second, third);
                k3 = TSimd.MultiplyAdd(Pick(pixels, a), g, k3);
                k4 = TSimd.MultiplyAdd(Pick(pixels, b), g, k4);
                k5 = TSimd.MultiplyAdd(Pick(pixels, c), g, k5);
                pixels = Vector256.Create(third, Vector128.Load((float*)(p + 3 * planeRow)));
                k6 = TSimd.MultiplyAdd(Pick(pixels, a), g, k6);
                k7 = TSimd.MultiplyAdd(Pick(pixels, b), g, k7);
                k8 = TSimd.MultiplyAdd(Pick(pixels, c), g, k8);
            }
        }
        TSimd.Store(dw, k0);
        TSimd.Store(dw + columns, k1);
        TSimd.Store(dw + 2 * columns, k2);
        TSimd.Store(dw + 3 * columns, k3);
        TSimd.Store(dw + 4 * columns, k4);
        TSimd.Store(dw + 5 * columns, k5);
        TSimd.Store(dw + 6 * columns, k6);
        TSimd.Store(dw + 7 * columns, k7);
        TSimd.Store(dw + 8 * columns, k8);
        if (dbias != null) TSimd.Store(dbias, TSimd.Add(TSimd.Load(dbias), sum));
    }
}
