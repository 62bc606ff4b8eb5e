using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// dx from dy for the functions of <see cref="UnaryKind"/>. The first operand is what <see cref="UnaryKinds.GradientFromOutput"/> has saved: y = f(x), or x.
/// </summary>
internal static class GradientOps
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public readonly struct Identity : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => dy;
    }

    /// <summary>A function that is constant almost everywhere.</summary>
    public readonly struct Zero : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Zero;
    }

    public readonly struct Negate : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Negate(dy);
    }

    public readonly struct Abs : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Multiply(dy, UnaryOps.Sign.Invoke<TSimd, TVec, T>(x, alpha));
    }

    public readonly struct Square : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(TSimd.Add(x, x), dy);
    }

    public readonly struct Sqrt : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Divide(dy, TSimd.Add(y, y));
    }

    public readonly struct Reciprocal : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Negate(VectorMath<TSimd, TVec, T>.Product(dy, VectorMath<TSimd, TVec, T>.Product(y, y)));
    }

    public readonly struct Exp : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, y);
    }

    public readonly struct Log : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Divide(dy, x);
    }

    public readonly struct Sin : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, UnaryOps.Cos.Invoke<TSimd, TVec, T>(x, alpha));
    }

    public readonly struct Cos : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Negate(VectorMath<TSimd, TVec, T>.Product(dy, UnaryOps.Sin.Invoke<TSimd, TVec, T>(x, alpha)));
    }

    public readonly struct Tanh : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, TSimd.MultiplyAdd(TSimd.Negate(y), y, TSimd.Broadcast(Real<T>.Of(1))));
    }

    public readonly struct Sigmoid : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, TSimd.Multiply(y, TSimd.Subtract(TSimd.Broadcast(Real<T>.Of(1)), y)));
    }

    public readonly struct Relu : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.And(TSimd.GreaterThan(y, TSimd.Zero), dy);
    }

    /// <summary>Right for y as for x, because alpha &gt;= 0 keeps the sign.</summary>
    public readonly struct LeakyRelu : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Select(TSimd.GreaterThan(y, TSimd.Zero), dy, VectorMath<TSimd, TVec, T>.Product(alpha, dy));
    }

    public readonly struct Swish : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, VectorMath<TSimd, TVec, T>.SwishSlope(x));
    }

    public readonly struct Softplus : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, VectorMath<TSimd, TVec, T>.Sigmoid(x));
    }

    public readonly struct MultiplyScalar : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec y, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(alpha, dy);
    }

    public readonly struct PowScalar : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, Lanes<TSimd, TVec, T>.Map<PowSlope>(x, alpha));
    }

    /// <summary>At a tie the gradient passes, as when PyTorch clamps.</summary>
    public readonly struct MaxScalar : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.And(TSimd.GreaterThanOrEqual(x, alpha), dy);
    }

    public readonly struct MinScalar : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec x, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.And(TSimd.GreaterThanOrEqual(alpha, x), dy);
    }

    /// <summary>What was saved is the derivative itself.</summary>
    public readonly struct Slope : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec slope, TVec dy, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(dy, slope);
    }

    /// <summary>alpha x^(alpha - 1), and 0 for alpha = 0 also where x^-1 is infinite.</summary>
    private readonly struct PowSlope : IScalarFunction
    {
        public static double Invoke(double x, double y) => y == 0 ? 0 : y * Math.Pow(x, y - 1);
    }
}
