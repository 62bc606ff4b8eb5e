using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The activations that fused kernels apply, over elements side by side.</summary>
[SkipLocalsInit]
internal static unsafe class Activate<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>y = f(z), in place or not; slope, where it isn't null, gets f'(z).</summary>
    public static void Forward(FusedActivation f, T* z, T* y, T* slope, nint count)
    {
        // a loop for each function: one loop with all of them in it took the JIT 23 ms
        switch (f.Kind)
        {
            case UnaryKind.Relu: Forward<Relu>(f, z, y, slope, count); break;
            case UnaryKind.LeakyRelu: Forward<LeakyRelu>(f, z, y, slope, count); break;
            case UnaryKind.Sigmoid: Forward<Sigmoid>(f, z, y, slope, count); break;
            case UnaryKind.Tanh: Forward<Tanh>(f, z, y, slope, count); break;
            case UnaryKind.Swish: Forward<Swish>(f, z, y, slope, count); break;
            default:
                if (slope != null || z != y) Forward<Identity>(f, z, y, slope, count);
                break;
        }
    }

    /// <summary>dz = dy f'(.), in place or not; saved is f's result, or its slope where the result doesn't tell.</summary>
    public static void Gradient(FusedActivation f, T* saved, T* dy, T* dz, nint count)
    {
        switch (f.Kind)
        {
            case UnaryKind.Identity:
                if (dy != dz) Gradient<Identity>(f, saved, dy, dz, count);
                break;
            case UnaryKind.Relu: Gradient<Relu>(f, saved, dy, dz, count); break;
            case UnaryKind.LeakyRelu when f.Alpha >= 0: Gradient<LeakyRelu>(f, saved, dy, dz, count); break;
            case UnaryKind.Sigmoid: Gradient<Sigmoid>(f, saved, dy, dz, count); break;
            case UnaryKind.Tanh: Gradient<Tanh>(f, saved, dy, dz, count); break;
            default: Gradient<Swish>(f, saved, dy, dz, count); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Forward<TFunction>(FusedActivation f, T* z, T* y, T* slope, nint count)
        where TFunction : struct, IFunction
    {
        TVec alpha = TSimd.Broadcast(Real<T>.Of(f.Alpha));
        nint i = 0;
        if (slope == null)
        {
            for (; i + TSimd.Count <= count; i += TSimd.Count) TSimd.Store(y + i, TFunction.Forward(alpha, TSimd.Load(z + i), out _));
        }
        for (; i + TSimd.Count <= count; i += TSimd.Count)
        {
            TVec result = TFunction.Forward(alpha, TSimd.Load(z + i), out TVec derivative);
            TSimd.Store(y + i, result);
            TSimd.Store(slope + i, derivative);
        }
        if (i == count) return;
        // the tail goes through whole vectors too, so that an element has the same bits wherever it stands
        T* lanes = stackalloc T[16];
        for (nint j = 0; j < TSimd.Count; j++) lanes[j] = j < count - i ? z[i + j] : default;
        TVec last = TFunction.Forward(alpha, TSimd.Load(lanes), out TVec lastDerivative);
        TSimd.Store(lanes, last);
        for (nint j = 0; j < count - i; j++) y[i + j] = lanes[j];
        if (slope == null) return;
        TSimd.Store(lanes, lastDerivative);
        for (nint j = 0; j < count - i; j++) slope[i + j] = lanes[j];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gradient<TFunction>(FusedActivation f, T* saved, T* dy, T* dz, nint count)
        where TFunction : struct, IFunction
    {
        TVec alpha = TSimd.Broadcast(Real<T>.Of(f.Alpha));
        nint i = 0;
        for (; i + TSimd.Count <= count; i += TSimd.Count)
        {
            TSimd.Store(dz + i, TFunction.Gradient(alpha, TSimd.Load(saved + i), TSimd.Load(dy + i)));
        }
        if (i == count) return;
        T* lanes = stackalloc T[32];
        for (nint j = 0; j < TSimd.Count; j++)
        {
            lanes[j] = j < count - i ? saved[i + j] : default;
            lanes[16 + j] = j < count - i ? dy[i + j] : default;
        }
        TSimd.Store(lanes, TFunction.Gradient(alpha, TSimd.Load(lanes), TSimd.Load(lanes + 16)));
        for (nint j = 0; j < count - i; j++) dz[i + j] = lanes[j];
    }

    private static TVec One
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TSimd.Broadcast(Real<T>.Of(1));
    }

    /// <summary>A function with its slope, and dy times the slope by what was saved.</summary>
    private interface IFunction
    {
        static abstract TVec Forward(TVec alpha, TVec z, out TVec slope);

        static abstract TVec Gradient(TVec alpha, TVec saved, TVec dy);
    }

    private readonly struct Identity : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Forward(TVec alpha, TVec z, out TVec slope)
        {
            slope = One;
            return z;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Gradient(TVec alpha, TVec saved, TVec dy) => dy;
    }

    private readonly struct Relu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Forward(TVec alpha, TVec z, out TVec slope)
        {
            slope = TSimd.And(TSimd.GreaterThan(z, TSimd.Zero), One);
            return TSimd.Max(TSimd.Zero, z);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Gradient(TVec alpha, TVec saved, TVec dy) => TSimd.And(TSimd.GreaterThan(saved, TSimd.Zero), dy);
    }

    private readonly struct LeakyRelu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Forward(TVec alpha, TVec z, out TVec slope)
        {
            TVec positive = TSimd.GreaterThan(z, TSimd.Zero);
            slope = TSimd.Select(positive, One, alpha);
            return TSimd.Select(positive, z, TSimd.Multiply(alpha, z));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Gradient(TVec alpha, TVec saved, TVec dy) =>
            TSimd.Multiply(dy, TSimd.Select(TSimd.GreaterThan(saved, TSimd.Zero), One, alpha));
    }

    private readonly struct Sigmoid : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Forward(TVec alpha, TVec z, out TVec slope)
        {
            TVec y = VectorMath<TSimd, TVec, T>.Sigmoid(z);
            slope = TSimd.Multiply(y, TSimd.Subtract(One, y));
            return y;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Gradient(TVec alpha, TVec saved, TVec dy) => TSimd.Multiply(dy, TSimd.Multiply(saved, TSimd.Subtract(One, saved)));
    }

    private readonly struct Tanh : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Forward(TVec alpha, TVec z, out TVec slope)
        {
            TVec y = VectorMath<TSimd, TVec, T>.Tanh(z);
            slope = TSimd.Subtract(One, TSimd.Multiply(y, y));
            return y;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Gradient(TVec alpha, TVec saved, TVec dy) => TSimd.Multiply(dy, TSimd.Subtract(One, TSimd.Multiply(saved, saved)));
    }

    /// <summary>Its gradient is that of every function whose slope was saved.</summary>
    private readonly struct Swish : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Forward(TVec alpha, TVec z, out TVec slope) => VectorMath<TSimd, TVec, T>.Swish(z, out slope);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Gradient(TVec alpha, TVec saved, TVec dy) => TSimd.Multiply(dy, saved);
    }
}

/// <summary>Which activations the fused kernels know.</summary>
internal static class FusedKinds
{
    public static bool Has(UnaryKind kind)
        => kind is UnaryKind.Identity or UnaryKind.Relu or UnaryKind.LeakyRelu or UnaryKind.Sigmoid or UnaryKind.Tanh or UnaryKind.Swish;
}
