using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The functions of <see cref="UnaryKind"/> on vectors.</summary>
internal static class UnaryOps
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public readonly struct Identity : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => x;
    }

    public readonly struct Negate : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Negate(x);
    }

    public readonly struct Abs : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Abs(x);
    }

    /// <summary>0 and NaN stay what they are.</summary>
    public readonly struct Sign : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Select(TSimd.GreaterThan(x, TSimd.Zero), TSimd.Broadcast(Real<T>.Of(1)),
                TSimd.Select(TSimd.GreaterThan(TSimd.Zero, x), TSimd.Broadcast(Real<T>.Of(-1)), x));
    }

    public readonly struct Square : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(x, x);
    }

    public readonly struct Sqrt : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Sqrt(x);
    }

    public readonly struct Reciprocal : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Divide(TSimd.Broadcast(Real<T>.Of(1)), x);
    }

    public readonly struct Exp : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Exp(x);
    }

    public readonly struct Log : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Log(x);
    }

    public readonly struct Sin : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => Lanes<TSimd, TVec, T>.Map<SinFunction>(x, alpha);
    }

    public readonly struct Cos : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => Lanes<TSimd, TVec, T>.Map<CosFunction>(x, alpha);
    }

    public readonly struct Tanh : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Tanh(x);
    }

    public readonly struct Sigmoid : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Sigmoid(x);
    }

    /// <summary>The operand that may be NaN stands second.</summary>
    public readonly struct Relu : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Max(TSimd.Zero, x);
    }

    public readonly struct LeakyRelu : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Select(TSimd.GreaterThan(x, TSimd.Zero), x, VectorMath<TSimd, TVec, T>.Product(x, alpha));
    }

    public readonly struct Swish : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Swish(x);
    }

    public readonly struct Softplus : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Softplus(x);
    }

    public readonly struct AddScalar : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Add(x, alpha);
    }

    public readonly struct MultiplyScalar : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(x, alpha);
    }

    public readonly struct PowScalar : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => Lanes<TSimd, TVec, T>.Map<PowFunction>(x, alpha);
    }

    public readonly struct MaxScalar : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => BinaryOps.Max.Invoke<TSimd, TVec, T>(x, alpha, alpha);
    }

    public readonly struct MinScalar : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => BinaryOps.Min.Invoke<TSimd, TVec, T>(x, alpha, alpha);
    }

    public readonly struct Floor : IUnaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Floor(x);
    }

    private readonly struct SinFunction : IScalarFunction
    {
        public static double Invoke(double x, double y) => Math.Sin(x);
    }

    private readonly struct CosFunction : IScalarFunction
    {
        public static double Invoke(double x, double y) => Math.Cos(x);
    }

    internal readonly struct PowFunction : IScalarFunction
    {
        public static double Invoke(double x, double y) => Math.Pow(x, y);
    }
}
