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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(FusedActivation f, T* z, T* y, T* slope, nint count)
    {
        if (f.Kind == UnaryKind.Identity && slope == null && z == y) return;
        TVec alpha = TSimd.Broadcast(Real<T>.Of(f.Alpha));
        nint i = 0;
        if (f.Kind == UnaryKind.Relu && slope == null)
        {
            for (; i + TSimd.Count <= count; i += TSimd.Count) TSimd.Store(y + i, TSimd.Max(TSimd.Zero, TSimd.Load(z + i)));
        }
        for (; i + TSimd.Count <= count; i += TSimd.Count)
        {
            TVec result = Forward(f.Kind, alpha, TSimd.Load(z + i), out TVec derivative);
            TSimd.Store(y + i, result);
            if (slope != null) TSimd.Store(slope + i, derivative);
        }
        if (i == count) return;
        // the tail goes through whole vectors too, so that an element has the same bits wherever it stands
        T* lanes = stackalloc T[16];
        for (nint j = 0; j < TSimd.Count; j++) lanes[j] = j < count - i ? z[i + j] : default;
        TVec last = Forward(f.Kind, alpha, TSimd.Load(lanes), out TVec lastDerivative);
        TSimd.Store(lanes, last);
        for (nint j = 0; j < count - i; j++) y[i + j] = lanes[j];
        if (slope == null) return;
        TSimd.Store(lanes, lastDerivative);
        for (nint j = 0; j < count - i; j++) slope[i + j] = lanes[j];
    }

    /// <summary>dz = dy f'(.), in place or not; saved is f's result, or its slope where the result doesn't tell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient(FusedActivation f, T* saved, T* dy, T* dz, nint count)
    {
        if (f.Kind == UnaryKind.Identity && dy == dz) return;
        TVec alpha = TSimd.Broadcast(Real<T>.Of(f.Alpha));
        nint i = 0;
        for (; i + TSimd.Count <= count; i += TSimd.Count)
        {
            TSimd.Store(dz + i, Gradient(f, alpha, TSimd.Load(saved + i), TSimd.Load(dy + i)));
        }
        if (i == count) return;
        T* lanes = stackalloc T[32];
        for (nint j = 0; j < TSimd.Count; j++)
        {
            lanes[j] = j < count - i ? saved[i + j] : default;
            lanes[16 + j] = j < count - i ? dy[i + j] : default;
        }
        TSimd.Store(lanes, Gradient(f, alpha, TSimd.Load(lanes), TSimd.Load(lanes + 16)));
        for (nint j = 0; j < count - i; j++) dz[i + j] = lanes[j];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Forward(UnaryKind kind, TVec alpha, TVec z, out TVec slope)
    {
        TVec one = TSimd.Broadcast(Real<T>.Of(1));
        TVec positive, y;
        switch (kind)
        {
            case UnaryKind.Relu:
                slope = TSimd.And(TSimd.GreaterThan(z, TSimd.Zero), one);
                return TSimd.Max(TSimd.Zero, z);
            case UnaryKind.LeakyRelu:
                positive = TSimd.GreaterThan(z, TSimd.Zero);
                slope = TSimd.Select(positive, one, alpha);
                return TSimd.Select(positive, z, TSimd.Multiply(alpha, z));
            case UnaryKind.Sigmoid:
                y = VectorMath<TSimd, TVec, T>.Sigmoid(z);
                slope = TSimd.Multiply(y, TSimd.Subtract(one, y));
                return y;
            case UnaryKind.Tanh:
                y = VectorMath<TSimd, TVec, T>.Tanh(z);
                slope = TSimd.Subtract(one, TSimd.Multiply(y, y));
                return y;
            case UnaryKind.Swish:
                return VectorMath<TSimd, TVec, T>.Swish(z, out slope);
            default:
                slope = one;
                return z;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Gradient(FusedActivation f, TVec alpha, TVec saved, TVec dy)
    {
        TVec one = TSimd.Broadcast(Real<T>.Of(1));
        switch (f.Kind)
        {
            case UnaryKind.Identity:
                return dy;
            case UnaryKind.Relu:
                return TSimd.And(TSimd.GreaterThan(saved, TSimd.Zero), dy);
            case UnaryKind.LeakyRelu when f.Alpha >= 0:
                return TSimd.Multiply(dy, TSimd.Select(TSimd.GreaterThan(saved, TSimd.Zero), one, alpha));
            case UnaryKind.Sigmoid:
                return TSimd.Multiply(dy, TSimd.Multiply(saved, TSimd.Subtract(one, saved)));
            case UnaryKind.Tanh:
                return TSimd.Multiply(dy, TSimd.Subtract(one, TSimd.Multiply(saved, saved)));
            default:
                return TSimd.Multiply(dy, saved);
        }
    }
}

/// <summary>Which activations the fused kernels know.</summary>
internal static class FusedKinds
{
    public static bool Has(UnaryKind kind)
        => kind is UnaryKind.Identity or UnaryKind.Relu or UnaryKind.LeakyRelu or UnaryKind.Sigmoid or UnaryKind.Tanh or UnaryKind.Swish;
}
