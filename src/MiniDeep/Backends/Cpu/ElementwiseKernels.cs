using System.Numerics;

namespace MiniDeep;

/// <summary>
/// Which loop computes a function for a dtype on this machine. Addresses of loops, and not calls, so that everything about strides, blocks and threads exists once.
/// </summary>
internal static unsafe class ElementwiseKernels
{
    private enum Family
    {
        Unary,
        Gradient,
        Binary,
        Select,
    }

    public static delegate*<Row*, void> Unary(UnaryKind kind, double alpha, DType dtype) => dtype switch
    {
        DType.Float32 or DType.Float64 => OfFloats(new() { Family = Family.Unary, UnaryKind = kind, Alpha = alpha }, dtype),
        DType.Int32 => IntegerUnary<int>(kind),
        DType.Int64 => IntegerUnary<long>(kind),
        DType.UInt8 => IntegerUnary<byte>(kind),
        _ => kind switch
        {
            UnaryKind.Identity => &CopyLoop<byte>.Run,
            UnaryKind.Not => &NotLoop.Run,
            _ => throw NotFor(kind, dtype),
        },
    };

    /// <summary>dx (Y) from what was saved (A) and dy (B).</summary>
    public static delegate*<Row*, void> Gradient(UnaryKind kind, double alpha, DType dtype) => dtype.IsFloat()
        ? OfFloats(new() { Family = Family.Gradient, UnaryKind = kind, Alpha = alpha }, dtype)
        : throw NotFor(kind, dtype);

    public static delegate*<Row*, void> Binary(BinaryKind kind, DType dtype) => dtype switch
    {
        DType.Float32 or DType.Float64 => OfFloats(new() { Family = Family.Binary, BinaryKind = kind }, dtype),
        DType.Int32 => kind >= BinaryKind.Equal ? Compare<int>(kind) : IntegerBinary<int>(kind),
        DType.Int64 => kind >= BinaryKind.Equal ? Compare<long>(kind) : IntegerBinary<long>(kind),
        DType.UInt8 => kind >= BinaryKind.Equal ? Compare<byte>(kind) : IntegerBinary<byte>(kind),
        _ => kind switch
        {
            >= BinaryKind.Equal => Compare<byte>(kind),
            BinaryKind.Add or BinaryKind.Max => &IntegerBinaryLoop<IntegerOps.Max, byte>.Run,
            BinaryKind.Multiply or BinaryKind.Min => &IntegerBinaryLoop<IntegerOps.Min, byte>.Run,
            _ => throw NotFor(kind, dtype),
        },
    };

    public static delegate*<Row*, void> Select(DType dtype) => dtype.Size() switch
    {
        8 => OfFloats<double>(new() { Family = Family.Select }),
        4 => OfFloats<float>(new() { Family = Family.Select }),
        _ => &SelectBytesLoop.Run,
    };

    public static delegate*<Row*, void> Copy(DType from, DType to)
    {
        if (from == to || (from == DType.Bool && to == DType.UInt8)) return CopyOf(from);
        return from switch
        {
            DType.Float32 => Convert<float>(to),
            DType.Float64 => Convert<double>(to),
            DType.Int32 => Convert<int>(to),
            DType.Int64 => Convert<long>(to),
            _ => Convert<byte>(to),
        };
    }

    private static delegate*<Row*, void> OfFloats(in Wanted wanted, DType dtype) => dtype == DType.Float32 ? OfFloats<float>(wanted) : OfFloats<double>(wanted);

    private static delegate*<Row*, void> OfFloats<T>(in Wanted wanted)
        where T : unmanaged
    {
        var choice = new Choice<T> { Wanted = wanted };
        KernelCall.Run<Choice<T>, T>(ref choice);
        return choice.Kernel;
    }

    private struct Wanted
    {
        public Family Family;
        public UnaryKind UnaryKind;
        public BinaryKind BinaryKind;
        public double Alpha;
    }

    private struct Choice<T> : IKernelCall<T>
        where T : unmanaged
    {
        public Wanted Wanted;
        public delegate*<Row*, void> Kernel;

        public void Run<TSimd, TVec>()
            where TSimd : struct, ISimd<TVec, T>
            where TVec : unmanaged
        {
            Kernel = Wanted.Family switch
            {
                Family.Unary => Unary<TSimd, TVec, T>(Wanted.UnaryKind, Wanted.Alpha),
                Family.Gradient => Gradient<TSimd, TVec, T>(Wanted.UnaryKind, Wanted.Alpha),
                Family.Binary => Binary<TSimd, TVec, T>(Wanted.BinaryKind),
                _ => &SelectVectorsLoop<TSimd, TVec, T>.Run,
            };
        }
    }

    private static delegate*<Row*, void> CopyOf(DType dtype) => dtype.Size() switch
    {
        8 => &CopyLoop<ulong>.Run,
        4 => &CopyLoop<uint>.Run,
        _ => &CopyLoop<byte>.Run,
    };

    private static delegate*<Row*, void> Convert<TFrom>(DType to)
        where TFrom : unmanaged, INumber<TFrom> => to switch
        {
            DType.Float32 => &ConvertLoop<TFrom, float>.Run,
            DType.Float64 => &ConvertLoop<TFrom, double>.Run,
            DType.Int32 => &ConvertLoop<TFrom, int>.Run,
            DType.Int64 => &ConvertLoop<TFrom, long>.Run,
            DType.UInt8 => &ConvertLoop<TFrom, byte>.Run,
            _ => &NonZeroLoop<TFrom>.Run,
        };

    private static delegate*<Row*, void> Unary<TSimd, TVec, T>(UnaryKind kind, double alpha)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged => kind switch
        {
            UnaryKind.Identity => &UnaryLoop<UnaryOps.Identity, TSimd, TVec, T>.Run,
            UnaryKind.Negate => &UnaryLoop<UnaryOps.Negate, TSimd, TVec, T>.Run,
            UnaryKind.Abs => &UnaryLoop<UnaryOps.Abs, TSimd, TVec, T>.Run,
            UnaryKind.Sign => &UnaryLoop<UnaryOps.Sign, TSimd, TVec, T>.Run,
            UnaryKind.Square => &UnaryLoop<UnaryOps.Square, TSimd, TVec, T>.Run,
            UnaryKind.Sqrt => &UnaryLoop<UnaryOps.Sqrt, TSimd, TVec, T>.Run,
            UnaryKind.Reciprocal => &UnaryLoop<UnaryOps.Reciprocal, TSimd, TVec, T>.Run,
            UnaryKind.Exp => &UnaryLoop<UnaryOps.Exp, TSimd, TVec, T>.Run,
            UnaryKind.Log => &UnaryLoop<UnaryOps.Log, TSimd, TVec, T>.Run,
            UnaryKind.Sin => &UnaryLoop<UnaryOps.Sin, TSimd, TVec, T>.Run,
            UnaryKind.Cos => &UnaryLoop<UnaryOps.Cos, TSimd, TVec, T>.Run,
            UnaryKind.Tanh => &UnaryLoop<UnaryOps.Tanh, TSimd, TVec, T>.Run,
            UnaryKind.Sigmoid => &UnaryLoop<UnaryOps.Sigmoid, TSimd, TVec, T>.Run,
            UnaryKind.Relu => &UnaryLoop<UnaryOps.Relu, TSimd, TVec, T>.Run,
            UnaryKind.LeakyRelu => &UnaryLoop<UnaryOps.LeakyRelu, TSimd, TVec, T>.Run,
            UnaryKind.Swish => &UnaryLoop<UnaryOps.Swish, TSimd, TVec, T>.Run,
            UnaryKind.Softplus => &UnaryLoop<UnaryOps.Softplus, TSimd, TVec, T>.Run,
            UnaryKind.AddScalar => &UnaryLoop<UnaryOps.AddScalar, TSimd, TVec, T>.Run,
            UnaryKind.MultiplyScalar => &UnaryLoop<UnaryOps.MultiplyScalar, TSimd, TVec, T>.Run,
            UnaryKind.PowScalar when alpha == 2 => &UnaryLoop<UnaryOps.Square, TSimd, TVec, T>.Run,
            UnaryKind.PowScalar => &UnaryLoop<UnaryOps.PowScalar, TSimd, TVec, T>.Run,
            UnaryKind.MaxScalar => &UnaryLoop<UnaryOps.MaxScalar, TSimd, TVec, T>.Run,
            UnaryKind.MinScalar => &UnaryLoop<UnaryOps.MinScalar, TSimd, TVec, T>.Run,
            UnaryKind.Floor => &UnaryLoop<UnaryOps.Floor, TSimd, TVec, T>.Run,
            _ => throw NotFor(kind, DTypes.Of<T>()),
        };

    private static delegate*<Row*, void> Gradient<TSimd, TVec, T>(UnaryKind kind, double alpha)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged => kind switch
        {
            UnaryKind.Identity or UnaryKind.AddScalar => &BinaryLoop<GradientOps.Identity, TSimd, TVec, T>.Run,
            UnaryKind.Negate => &BinaryLoop<GradientOps.Negate, TSimd, TVec, T>.Run,
            UnaryKind.Abs => &BinaryLoop<GradientOps.Abs, TSimd, TVec, T>.Run,
            UnaryKind.Sign or UnaryKind.Floor => &BinaryLoop<GradientOps.Zero, TSimd, TVec, T>.Run,
            UnaryKind.Square => &BinaryLoop<GradientOps.Square, TSimd, TVec, T>.Run,
            UnaryKind.Sqrt => &BinaryLoop<GradientOps.Sqrt, TSimd, TVec, T>.Run,
            UnaryKind.Reciprocal => &BinaryLoop<GradientOps.Reciprocal, TSimd, TVec, T>.Run,
            UnaryKind.Exp => &BinaryLoop<GradientOps.Exp, TSimd, TVec, T>.Run,
            UnaryKind.Log => &BinaryLoop<GradientOps.Log, TSimd, TVec, T>.Run,
            UnaryKind.Sin => &BinaryLoop<GradientOps.Sin, TSimd, TVec, T>.Run,
            UnaryKind.Cos => &BinaryLoop<GradientOps.Cos, TSimd, TVec, T>.Run,
            UnaryKind.Tanh => &BinaryLoop<GradientOps.Tanh, TSimd, TVec, T>.Run,
            UnaryKind.Sigmoid => &BinaryLoop<GradientOps.Sigmoid, TSimd, TVec, T>.Run,
            UnaryKind.Relu => &BinaryLoop<GradientOps.Relu, TSimd, TVec, T>.Run,
            UnaryKind.LeakyRelu => &BinaryLoop<GradientOps.LeakyRelu, TSimd, TVec, T>.Run,
            UnaryKind.Swish => &BinaryLoop<GradientOps.Swish, TSimd, TVec, T>.Run,
            UnaryKind.Softplus => &BinaryLoop<GradientOps.Softplus, TSimd, TVec, T>.Run,
            UnaryKind.MultiplyScalar => &BinaryLoop<GradientOps.MultiplyScalar, TSimd, TVec, T>.Run,
            UnaryKind.PowScalar when alpha == 2 => &BinaryLoop<GradientOps.Square, TSimd, TVec, T>.Run,
            UnaryKind.PowScalar => &BinaryLoop<GradientOps.PowScalar, TSimd, TVec, T>.Run,
            UnaryKind.MaxScalar => &BinaryLoop<GradientOps.MaxScalar, TSimd, TVec, T>.Run,
            UnaryKind.MinScalar => &BinaryLoop<GradientOps.MinScalar, TSimd, TVec, T>.Run,
            _ => throw NotFor(kind, DTypes.Of<T>()),
        };

    private static delegate*<Row*, void> Binary<TSimd, TVec, T>(BinaryKind kind)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
        where T : unmanaged => kind switch
        {
            BinaryKind.Add => &BinaryLoop<BinaryOps.Add, TSimd, TVec, T>.Run,
            BinaryKind.Subtract => &BinaryLoop<BinaryOps.Subtract, TSimd, TVec, T>.Run,
            BinaryKind.Multiply => &BinaryLoop<BinaryOps.Multiply, TSimd, TVec, T>.Run,
            BinaryKind.Divide => &BinaryLoop<BinaryOps.Divide, TSimd, TVec, T>.Run,
            BinaryKind.Pow => &BinaryLoop<BinaryOps.Pow, TSimd, TVec, T>.Run,
            BinaryKind.Max => &BinaryLoop<BinaryOps.Max, TSimd, TVec, T>.Run,
            BinaryKind.Min => &BinaryLoop<BinaryOps.Min, TSimd, TVec, T>.Run,
            BinaryKind.Equal => &CompareFloatsLoop<Comparisons.Equal, TSimd, TVec, T>.Run,
            BinaryKind.NotEqual => &CompareFloatsLoop<Comparisons.NotEqual, TSimd, TVec, T>.Run,
            BinaryKind.Less => &CompareFloatsLoop<Comparisons.Less, TSimd, TVec, T>.Run,
            BinaryKind.LessOrEqual => &CompareFloatsLoop<Comparisons.LessOrEqual, TSimd, TVec, T>.Run,
            BinaryKind.Greater => &CompareFloatsLoop<Comparisons.Greater, TSimd, TVec, T>.Run,
            BinaryKind.GreaterOrEqual => &CompareFloatsLoop<Comparisons.GreaterOrEqual, TSimd, TVec, T>.Run,
            _ => throw NotFor(kind, DTypes.Of<T>()),
        };

    private static delegate*<Row*, void> IntegerUnary<T>(UnaryKind kind)
        where T : unmanaged, IBinaryInteger<T> => kind switch
        {
            UnaryKind.Identity => &IntegerUnaryLoop<IntegerOps.Identity, T>.Run,
            UnaryKind.Negate => &IntegerUnaryLoop<IntegerOps.Negate, T>.Run,
            UnaryKind.Abs => &IntegerUnaryLoop<IntegerOps.Abs, T>.Run,
            UnaryKind.Sign => &IntegerUnaryLoop<IntegerOps.Sign, T>.Run,
            UnaryKind.Square => &IntegerUnaryLoop<IntegerOps.Square, T>.Run,
            UnaryKind.AddScalar => &IntegerUnaryLoop<IntegerOps.AddScalar, T>.Run,
            UnaryKind.MultiplyScalar => &IntegerUnaryLoop<IntegerOps.MultiplyScalar, T>.Run,
            _ => throw NotFor(kind, DTypes.Of<T>()),
        };

    private static delegate*<Row*, void> IntegerBinary<T>(BinaryKind kind)
        where T : unmanaged, IBinaryInteger<T> => kind switch
        {
            BinaryKind.Add => &IntegerBinaryLoop<IntegerOps.Add, T>.Run,
            BinaryKind.Subtract => &IntegerBinaryLoop<IntegerOps.Subtract, T>.Run,
            BinaryKind.Multiply => &IntegerBinaryLoop<IntegerOps.Multiply, T>.Run,
            BinaryKind.Divide => &IntegerBinaryLoop<IntegerOps.Divide, T>.Run,
            BinaryKind.Pow => &IntegerBinaryLoop<IntegerOps.Pow, T>.Run,
            BinaryKind.Max => &IntegerBinaryLoop<IntegerOps.Max, T>.Run,
            _ => &IntegerBinaryLoop<IntegerOps.Min, T>.Run,
        };

    private static delegate*<Row*, void> Compare<T>(BinaryKind kind)
        where T : unmanaged, INumber<T> => kind switch
        {
            BinaryKind.Equal => &CompareLoop<Comparisons.Equal, T>.Run,
            BinaryKind.NotEqual => &CompareLoop<Comparisons.NotEqual, T>.Run,
            BinaryKind.Less => &CompareLoop<Comparisons.Less, T>.Run,
            BinaryKind.LessOrEqual => &CompareLoop<Comparisons.LessOrEqual, T>.Run,
            BinaryKind.Greater => &CompareLoop<Comparisons.Greater, T>.Run,
            _ => &CompareLoop<Comparisons.GreaterOrEqual, T>.Run,
        };

    private static DTypeException NotFor<TKind>(TKind kind, DType dtype)
        where TKind : struct, Enum => new($"{kind} isn't defined for {dtype}.");
}
