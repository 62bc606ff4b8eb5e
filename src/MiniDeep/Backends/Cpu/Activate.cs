using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The activations that fused kernels apply, over elements side by side. The formulas are those of <see cref="UnaryOps"/> and <see cref="GradientOps"/>.</summary>
internal static unsafe class Activate<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>y = f(z), in place or not; slope, where it isn't null, gets f'(z).</summary>
    public static void Forward(FusedActivation f, T* z, T* y, T* slope, nint count)
    {
        if (f.Kind == UnaryKind.Identity && slope == null && z == y) return;
        Row row = new() { A = (byte*)z, B = (byte*)slope, Y = (byte*)y, N = count, Alpha = f.Alpha };
        if (slope == null) WithoutSlope(f.Kind, &row);
        else WithSlope(f.Kind, &row);
    }

    private static void WithoutSlope(UnaryKind kind, Row* row)
    {
        switch (kind)
        {
            case UnaryKind.Relu: UnaryLoop<UnaryOps.Relu, TSimd, TVec, T>.Run(row); break;
            case UnaryKind.LeakyRelu: UnaryLoop<UnaryOps.LeakyRelu, TSimd, TVec, T>.Run(row); break;
            case UnaryKind.Sigmoid: UnaryLoop<UnaryOps.Sigmoid, TSimd, TVec, T>.Run(row); break;
            case UnaryKind.Tanh: UnaryLoop<UnaryOps.Tanh, TSimd, TVec, T>.Run(row); break;
            case UnaryKind.Swish: UnaryLoop<UnaryOps.Swish, TSimd, TVec, T>.Run(row); break;
            default: UnaryLoop<UnaryOps.Identity, TSimd, TVec, T>.Run(row); break;
        }
    }

    private static void WithSlope(UnaryKind kind, Row* row)
    {
        switch (kind)
        {
            case UnaryKind.Relu: SlopeLoop<FromResult<UnaryOps.Relu, GradientOps.Relu>>(row); break;
            case UnaryKind.LeakyRelu: SlopeLoop<LeakyRelu>(row); break;
            case UnaryKind.Sigmoid: SlopeLoop<FromResult<UnaryOps.Sigmoid, GradientOps.Sigmoid>>(row); break;
            case UnaryKind.Tanh: SlopeLoop<FromResult<UnaryOps.Tanh, GradientOps.Tanh>>(row); break;
            case UnaryKind.Swish: SlopeLoop<Swish>(row); break;
            default: SlopeLoop<FromResult<UnaryOps.Identity, GradientOps.Identity>>(row); break;
        }
    }

    /// <summary>dz = dy f'(.), in place or not; saved is f's result, or its slope where the result doesn't tell.</summary>
    public static void Gradient(FusedActivation f, T* saved, T* dy, T* dz, nint count)
    {
        if (f.Kind == UnaryKind.Identity && dy == dz) return;
        GradientCall call = new() { Row = new() { A = (byte*)(f.Kind == UnaryKind.Identity ? dy : saved), B = (byte*)dy, Y = (byte*)dz, N = count, Alpha = f.Alpha } };
        FusedKinds.RunGradient(f, ref call);
    }

    private struct GradientCall : IGradientCall
    {
        public Row Row;

        public void Run<TOp>()
            where TOp : struct, IBinaryOp
        {
            fixed (Row* row = &Row) BinaryLoop<TOp, TSimd, TVec, T>.Run(row);
        }
    }

    /// <summary>A row from A to the result Y and its slope B.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void SlopeLoop<TOp>(Row* row)
        where TOp : struct, ISlopeOp
    {
        T* z = (T*)row->A;
        T* slope = (T*)row->B;
        T* y = (T*)row->Y;
        nint n = row->N;
        TVec alpha = TSimd.Broadcast(Real<T>.Of(row->Alpha));
        for (nint i = 0; i < n; i += TSimd.Count)
        {
            nint lanes = Math.Min(n - i, TSimd.Count);
            bool whole = lanes == TSimd.Count;
            TVec value = TOp.Invoke(whole ? TSimd.Load(z + i) : Lanes<TSimd, TVec, T>.Load(z + i, lanes), alpha, out TVec derivative);
            if (whole)
            {
                TSimd.Store(y + i, value);
                TSimd.Store(slope + i, derivative);
                continue;
            }
            Lanes<TSimd, TVec, T>.Store(y + i, lanes, value);
            Lanes<TSimd, TVec, T>.Store(slope + i, lanes, derivative);
        }
    }

    /// <summary>A function and its derivative at once.</summary>
    private interface ISlopeOp
    {
        static abstract TVec Invoke(TVec z, TVec alpha, out TVec slope);
    }

    /// <summary>The derivative from the function's result.</summary>
    private readonly struct FromResult<TForward, TGradient> : ISlopeOp
        where TForward : struct, IUnaryOp
        where TGradient : struct, IBinaryOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Invoke(TVec z, TVec alpha, out TVec slope)
        {
            TVec y = TForward.Invoke<TSimd, TVec, T>(z, alpha);
            slope = TGradient.Invoke<TSimd, TVec, T>(y, TSimd.Broadcast(Real<T>.Of(1)), alpha);
            return y;
        }
    }

    /// <summary>From the operand: the result has lost the sign where alpha is negative.</summary>
    private readonly struct LeakyRelu : ISlopeOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Invoke(TVec z, TVec alpha, out TVec slope)
        {
            slope = GradientOps.LeakyRelu.Invoke<TSimd, TVec, T>(z, TSimd.Broadcast(Real<T>.Of(1)), alpha);
            return UnaryOps.LeakyRelu.Invoke<TSimd, TVec, T>(z, alpha);
        }
    }

    /// <summary>Both from one exponential.</summary>
    private readonly struct Swish : ISlopeOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Invoke(TVec z, TVec alpha, out TVec slope) => VectorMath<TSimd, TVec, T>.Swish(z, out slope);
    }
}

/// <summary>A kernel that is still open in the gradient of an activation: dz from what was saved and dy.</summary>
internal interface IGradientCall
{
    void Run<TOp>()
        where TOp : struct, IBinaryOp;
}

/// <summary>Which activations the fused kernels know.</summary>
internal static class FusedKinds
{
    public static bool Has(UnaryKind kind)
        => kind is UnaryKind.Identity or UnaryKind.Relu or UnaryKind.LeakyRelu or UnaryKind.Sigmoid or UnaryKind.Tanh or UnaryKind.Swish;

    /// <summary>Runs a kernel with the gradient of an activation, from its result or from its slope where the result doesn't tell.</summary>
    public static void RunGradient<TCall>(FusedActivation f, ref TCall call)
        where TCall : struct, IGradientCall
    {
        switch (f.Kind)
        {
            case UnaryKind.Identity: call.Run<GradientOps.Identity>(); break;
            case UnaryKind.Relu: call.Run<GradientOps.Relu>(); break;
            case UnaryKind.LeakyRelu when f.Alpha >= 0: call.Run<GradientOps.LeakyRelu>(); break;
            case UnaryKind.Sigmoid: call.Run<GradientOps.Sigmoid>(); break;
            case UnaryKind.Tanh: call.Run<GradientOps.Tanh>(); break;
            default: call.Run<GradientOps.Slope>(); break;
        }
    }
}
