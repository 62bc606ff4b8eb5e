using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>The operands of an elementwise kernel. What a kernel has no use for is any view and not touched.</summary>
internal struct ElementwiseArgs<T>
    where T : unmanaged
{
    public ArrayView<T> A, B, Y;

    /// <summary>A condition, or a result of truth values.</summary>
    public ArrayView<byte> Flags;

    public Layout Layout;
    public int Kind;
    public T Alpha;
    public int Accumulate;
}

/// <summary>The operands of a conversion: elements of some dtypes, as bytes.</summary>
internal struct ConvertArgs
{
    public ArrayView<byte> X, Y;
    public Layout Layout;
    public int From, To;
}

/// <summary>
/// The functions of <see cref="UnaryKind"/>. A kernel takes the function's number and branches on it, the same way in all threads: one kernel to compile for a
/// family of functions, and memory is the limit anyway.
/// </summary>
internal readonly struct UnaryKernel<T, R> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            T y = UnaryFunction.Apply<T, R>((UnaryKind)args.Kind, args.Alpha, args.A[at.A]);
            args.Y[at.Y] = args.Accumulate != 0 ? args.Y[at.Y] + y : y;
        }
    }
}

/// <summary>dx = dy f'(saved).</summary>
internal readonly struct UnaryGradKernel<T, R> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            T dx = UnaryFunction.Gradient<T, R>((UnaryKind)args.Kind, args.Alpha, args.A[at.A], args.B[at.B]);
            args.Y[at.Y] = args.Accumulate != 0 ? args.Y[at.Y] + dx : dx;
        }
    }
}

/// <summary>The functions of two floats.</summary>
internal readonly struct BinaryKernel<T, R> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            T y = Apply((BinaryKind)args.Kind, args.A[at.A], args.B[at.B]);
            args.Y[at.Y] = args.Accumulate != 0 ? args.Y[at.Y] + y : y;
        }
    }

    private static T Apply(BinaryKind kind, T a, T b)
    {
        switch (kind)
        {
            case BinaryKind.Add: return a + b;
            case BinaryKind.Subtract: return a - b;
            case BinaryKind.Multiply: return a * b;
            case BinaryKind.Divide: return a / b;
            case BinaryKind.Pow: return R.Of(RealMath.Pow(R.ToDouble(a), R.ToDouble(b)));
            case BinaryKind.Max: return T.IsNaN(a) ? a : T.IsNaN(b) ? b : a > b ? a : b;
            default: return T.IsNaN(a) ? a : T.IsNaN(b) ? b : a < b ? a : b;
        }
    }
}

/// <summary>The comparisons; the result is a byte of 0 or 1.</summary>
internal readonly struct CompareKernel<T> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged, INumber<T>
{
    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            args.Flags[at.Y] = Holds((BinaryKind)args.Kind, args.A[at.A], args.B[at.B]) ? (byte)1 : (byte)0;
        }
    }

    private static bool Holds(BinaryKind kind, T a, T b)
    {
        switch (kind)
        {
            case BinaryKind.Equal: return a == b;
            case BinaryKind.NotEqual: return a != b;
            case BinaryKind.Less: return a < b;
            case BinaryKind.LessOrEqual: return a <= b;
            case BinaryKind.Greater: return a > b;
            default: return a >= b;
        }
    }
}

/// <summary>The functions of one and of two integers; results that don't fit wrap around.</summary>
internal readonly struct IntegerKernel<T> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged, INumber<T>
{
    /// <summary>Kinds of two operands are told from those of one by this.</summary>
    public const int Binary = 1000;

    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            T y = args.Kind >= Binary
                ? Apply((BinaryKind)(args.Kind - Binary), args.A[at.A], args.B[at.B])
                : Apply((UnaryKind)args.Kind, args.A[at.A], args.Alpha);
            args.Y[at.Y] = args.Accumulate != 0 ? args.Y[at.Y] + y : y;
        }
    }

    private static T Apply(UnaryKind kind, T x, T alpha)
    {
        switch (kind)
        {
            case UnaryKind.Negate: return T.Zero - x;
            case UnaryKind.Abs: return x < T.Zero ? T.Zero - x : x;
            case UnaryKind.Sign: return x < T.Zero ? T.Zero - T.One : x > T.Zero ? T.One : T.Zero;
            case UnaryKind.Square: return x * x;
            case UnaryKind.AddScalar: return x + alpha;
            case UnaryKind.MultiplyScalar: return x * alpha;
            case UnaryKind.Not: return x == T.Zero ? T.One : T.Zero;
            default: return x;
        }
    }

    private static T Apply(BinaryKind kind, T a, T b)
    {
        switch (kind)
        {
            case BinaryKind.Add: return a + b;
            case BinaryKind.Subtract: return a - b;
            case BinaryKind.Multiply: return a * b;
            // the smallest number over -1 must wrap around, not trap; of an unsigned type there is no negative b
            case BinaryKind.Divide: return b == T.Zero ? T.Zero : b < T.Zero && b + T.One == T.Zero ? T.Zero - a : a / b;
            case BinaryKind.Pow: return Pow(a, b);
            case BinaryKind.Max: return a > b ? a : b;
            default: return a < b ? a : b;
        }
    }

    private static T Pow(T a, T b)
    {
        T two = T.One + T.One;
        if (b < T.Zero)
        {
            if (a == T.One) return a;
            if (a + T.One != T.Zero) return T.Zero;
            return (b / two) * two == b ? T.One : a;
        }
        T result = T.One;
        while (b > T.Zero)
        {
            T half = b / two;
            if (half * two != b) result *= a;
            a *= a;
            b = half;
        }
        return result;
    }
}

/// <summary>y = condition ? a : b, of elements of one size.</summary>
internal readonly struct SelectKernel<T> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged
{
    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            args.Y[at.Y] = args.Flags[at.C] != 0 ? args.A[at.A] : args.B[at.B];
        }
    }
}

/// <summary>y = x, of elements of one size.</summary>
internal readonly struct CopyKernel<T> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged
{
    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            args.Y[at.Y] = args.A[at.A];
        }
    }
}

/// <summary>y = alpha, of elements of one size.</summary>
internal readonly struct FillKernel<T> : IKernel<ElementwiseArgs<T>>
    where T : unmanaged
{
    public static void Run(ElementwiseArgs<T> args)
    {
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step) args.Y[args.Layout.At(i).Y] = args.Alpha;
    }
}

/// <summary>Elements of one dtype as another: floats go by way of 53 bits, integers by way of 64.</summary>
internal readonly struct ConvertKernel : IKernel<ConvertArgs>
{
    public static void Run(ConvertArgs args)
    {
        var from = (DType)args.From;
        var to = (DType)args.To;
        for (int i = Work.First; i < args.Layout.Count; i += Work.Step)
        {
            Places at = args.Layout.At(i);
            if (from == DType.Float32) Store(args.Y, to, at.Y, args.X.Cast<float>()[at.A]);
            else if (from == DType.Float64) Store(args.Y, to, at.Y, args.X.Cast<double>()[at.A]);
            else if (from == DType.Int32) Store(args.Y, to, at.Y, (long)args.X.Cast<int>()[at.A]);
            else if (from == DType.Int64) Store(args.Y, to, at.Y, args.X.Cast<long>()[at.A]);
            else Store(args.Y, to, at.Y, (long)args.X[at.A]);
        }
    }

    private static void Store(ArrayView<byte> y, DType dtype, int at, double value)
    {
        switch (dtype)
        {
            case DType.Float32: y.Cast<float>()[at] = (float)value; break;
            case DType.Float64: y.Cast<double>()[at] = value; break;
            case DType.Int32: y.Cast<int>()[at] = (int)Saturated(value, -2147483648.0, 2147483647.0); break;
            case DType.Int64: y.Cast<long>()[at] = value >= 9223372036854775808.0 ? long.MaxValue : (long)Saturated(value, -9223372036854775808.0, 9223372036854774784.0); break;
            case DType.UInt8: y[at] = (byte)(int)Saturated(value, 0, 255); break;
            default: y[at] = value != 0 ? (byte)1 : (byte)0; break;
        }
    }

    private static void Store(ArrayView<byte> y, DType dtype, int at, long value)
    {
        switch (dtype)
        {
            case DType.Float32: y.Cast<float>()[at] = value; break;
            case DType.Float64: y.Cast<double>()[at] = value; break;
            case DType.Int32: y.Cast<int>()[at] = (int)value; break;
            case DType.Int64: y.Cast<long>()[at] = value; break;
            case DType.UInt8: y[at] = (byte)value; break;
            default: y[at] = value != 0 ? (byte)1 : (byte)0; break;
        }
    }

    private static double Saturated(double value, double least, double most) => double.IsNaN(value) ? 0 : value < least ? least : value > most ? most : value;
}

/// <summary>The functions of <see cref="UnaryKind"/> and their derivatives.</summary>
internal static class UnaryFunction
{
    public static T Apply<T, R>(UnaryKind kind, T alpha, T x)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        switch (kind)
        {
            case UnaryKind.Negate: return -x;
            case UnaryKind.Abs: return x < T.Zero ? -x : x == T.Zero ? T.Zero : x;
            case UnaryKind.Sign: return x > T.Zero ? T.One : x < T.Zero ? -T.One : x;
            case UnaryKind.Square: return x * x;
            case UnaryKind.Sqrt: return R.Sqrt(x);
            case UnaryKind.Reciprocal: return T.One / x;
            case UnaryKind.Exp: return RealMath.Exp<T, R>(x);
            case UnaryKind.Log: return RealMath.Log<T, R>(x);
            case UnaryKind.Sin: return RealMath.Sin<T, R>(x);
            case UnaryKind.Cos: return RealMath.Cos<T, R>(x);
            case UnaryKind.Tanh: return RealMath.Tanh<T, R>(x);
            case UnaryKind.Sigmoid: return RealMath.Sigmoid<T, R>(x);
            case UnaryKind.Relu: return T.IsNaN(x) || x > T.Zero ? x : T.Zero;
            case UnaryKind.LeakyRelu: return x > T.Zero ? x : alpha * x;
            case UnaryKind.Swish: return RealMath.Swish<T, R>(x);
            case UnaryKind.Softplus: return RealMath.Softplus<T, R>(x);
            case UnaryKind.AddScalar: return x + alpha;
            case UnaryKind.MultiplyScalar: return x * alpha;
            case UnaryKind.PowScalar: return R.Of(RealMath.Pow(R.ToDouble(x), R.ToDouble(alpha)));
            case UnaryKind.MaxScalar: return T.IsNaN(x) || x > alpha ? x : alpha;
            case UnaryKind.MinScalar: return T.IsNaN(x) || x < alpha ? x : alpha;
            case UnaryKind.Floor: return R.Floor(x);
            default: return x;
        }
    }

    /// <summary>dy f', from what <see cref="UnaryKinds.GradientFromOutput"/> says is saved.</summary>
    public static T Gradient<T, R>(UnaryKind kind, T alpha, T saved, T dy)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        switch (kind)
        {
            case UnaryKind.Negate: return -dy;
            case UnaryKind.Abs: return saved > T.Zero ? dy : saved < T.Zero ? -dy : dy * saved;
            case UnaryKind.Sign:
            case UnaryKind.Floor: return T.Zero;
            case UnaryKind.Square: return dy * (saved + saved);
            case UnaryKind.Sqrt: return dy / (saved + saved);
            case UnaryKind.Reciprocal: return -(dy * (saved * saved));
            case UnaryKind.Exp: return dy * saved;
            case UnaryKind.Log: return dy / saved;
            case UnaryKind.Sin: return dy * RealMath.Cos<T, R>(saved);
            case UnaryKind.Cos: return -(dy * RealMath.Sin<T, R>(saved));
            case UnaryKind.Tanh: return dy * (T.One - (saved * saved));
            case UnaryKind.Sigmoid: return dy * (saved * (T.One - saved));
            case UnaryKind.Relu: return saved > T.Zero ? dy : T.Zero;
            case UnaryKind.LeakyRelu: return saved > T.Zero ? dy : alpha * dy;
            case UnaryKind.Swish: return dy * RealMath.SwishSlope<T, R>(saved);
            case UnaryKind.Softplus: return dy * RealMath.Sigmoid<T, R>(saved);
            case UnaryKind.MultiplyScalar: return alpha * dy;
            case UnaryKind.PowScalar: return R.Of(R.ToDouble(dy) * R.ToDouble(alpha) * RealMath.Pow(R.ToDouble(saved), R.ToDouble(alpha) - 1));
            case UnaryKind.MaxScalar: return saved >= alpha ? dy : T.Zero;
            case UnaryKind.MinScalar: return saved <= alpha ? dy : T.Zero;
            default: return dy;
        }
    }
}
