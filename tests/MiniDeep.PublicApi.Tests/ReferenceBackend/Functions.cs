namespace MiniDeep.Reference;

/// <summary>The elementwise functions and their derivatives, from the definitions in <see cref="UnaryKind"/> and <see cref="BinaryKind"/>.</summary>
internal static class Functions
{
    public static double Apply(UnaryKind kind, double alpha, double x) => kind switch
    {
        UnaryKind.Identity => x,
        UnaryKind.Negate => -x,
        UnaryKind.Abs => Math.Abs(x),
        UnaryKind.Sign => double.IsNaN(x) ? x : Math.Sign(x),
        UnaryKind.Square => x * x,
        UnaryKind.Sqrt => Math.Sqrt(x),
        UnaryKind.Reciprocal => 1 / x,
        UnaryKind.Exp => Math.Exp(x),
        UnaryKind.Log => Math.Log(x),
        UnaryKind.Sin => Math.Sin(x),
        UnaryKind.Cos => Math.Cos(x),
        UnaryKind.Tanh => Math.Tanh(x),
        UnaryKind.Sigmoid => Sigmoid(x),
        UnaryKind.Relu => double.IsNaN(x) ? x : x > 0 ? x : 0,
        UnaryKind.LeakyRelu => x > 0 ? x : alpha * x,
        UnaryKind.Swish => double.IsNegativeInfinity(x) ? 0 : x * Sigmoid(x),
        UnaryKind.Softplus => Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x))),
        UnaryKind.AddScalar => x + alpha,
        UnaryKind.MultiplyScalar => x * alpha,
        UnaryKind.PowScalar => Math.Pow(x, alpha),
        UnaryKind.MaxScalar => double.IsNaN(x) ? x : Math.Max(x, alpha),
        UnaryKind.MinScalar => double.IsNaN(x) ? x : Math.Min(x, alpha),
        UnaryKind.Floor => Math.Floor(x),
        UnaryKind.Not => x == 0 ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such function"),
    };

    /// <summary>The functions that integers have.</summary>
    public static long Apply(UnaryKind kind, double alpha, long x) => kind switch
    {
        UnaryKind.Identity => x,
        UnaryKind.Negate => -x,
        UnaryKind.Abs => Math.Abs(x),
        UnaryKind.Sign => Math.Sign(x),
        UnaryKind.Square => x * x,
        UnaryKind.AddScalar => x + (long)alpha,
        UnaryKind.MultiplyScalar => x * (long)alpha,
        UnaryKind.Not => x == 0 ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such function of integers"),
    };

    /// <summary>f'(x) from what backward keeps: f(x) where <see cref="UnaryKinds.GradientFromOutput"/> says so, otherwise x.</summary>
    public static double Derivative(UnaryKind kind, double alpha, double saved) => kind switch
    {
        // from the result
        UnaryKind.Identity or UnaryKind.AddScalar => 1,
        UnaryKind.Negate => -1,
        UnaryKind.MultiplyScalar => alpha,
        UnaryKind.Sqrt => 0.5 / saved,
        UnaryKind.Reciprocal => -saved * saved,
        UnaryKind.Exp => saved,
        UnaryKind.Tanh => 1 - saved * saved,
        UnaryKind.Sigmoid => saved * (1 - saved),
        UnaryKind.Relu => saved > 0 ? 1 : 0,

        // from the result or the operand: alpha's sign decides which, and a positive one keeps the sign of the operand
        UnaryKind.LeakyRelu => saved > 0 ? 1 : alpha,

        // from the operand
        UnaryKind.Abs => Math.Sign(saved),
        UnaryKind.Sign or UnaryKind.Floor => 0,
        UnaryKind.Square => 2 * saved,
        UnaryKind.Log => 1 / saved,
        UnaryKind.Sin => Math.Cos(saved),
        UnaryKind.Cos => -Math.Sin(saved),
        UnaryKind.Swish => Sigmoid(saved) * (1 + saved * (1 - Sigmoid(saved))),
        UnaryKind.Softplus => Sigmoid(saved),
        UnaryKind.PowScalar => alpha * Math.Pow(saved, alpha - 1),
        UnaryKind.MaxScalar => saved > alpha ? 1 : 0,
        UnaryKind.MinScalar => saved < alpha ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no derivative"),
    };

    /// <summary>f'(x) from x, whatever backward would keep.</summary>
    public static double Slope(FusedActivation f, double x) =>
        Derivative(f.Kind, f.Alpha, f.GradientFromOutput ? Apply(f.Kind, f.Alpha, x) : x);

    /// <summary>f'(x) from what a fused operation keeps: its result, or the slope itself.</summary>
    public static double SlopeFromSaved(FusedActivation f, double saved) => f.GradientFromOutput ? Derivative(f.Kind, f.Alpha, saved) : saved;

    public static double Apply(BinaryKind kind, double a, double b) => kind switch
    {
        BinaryKind.Add => a + b,
        BinaryKind.Subtract => a - b,
        BinaryKind.Multiply => a * b,
        BinaryKind.Divide => a / b,
        BinaryKind.Pow => Math.Pow(a, b),
        BinaryKind.Max => Math.Max(a, b),
        BinaryKind.Min => Math.Min(a, b),
        BinaryKind.Equal => a == b ? 1 : 0,
        BinaryKind.NotEqual => a != b ? 1 : 0,
        BinaryKind.Less => a < b ? 1 : 0,
        BinaryKind.LessOrEqual => a <= b ? 1 : 0,
        BinaryKind.Greater => a > b ? 1 : 0,
        BinaryKind.GreaterOrEqual => a >= b ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such function"),
    };

    public static long Apply(BinaryKind kind, long a, long b) => kind switch
    {
        BinaryKind.Add => unchecked(a + b),
        BinaryKind.Subtract => unchecked(a - b),
        BinaryKind.Multiply => unchecked(a * b),
        BinaryKind.Divide => a / b,
        BinaryKind.Max => Math.Max(a, b),
        BinaryKind.Min => Math.Min(a, b),
        BinaryKind.Equal => a == b ? 1 : 0,
        BinaryKind.NotEqual => a != b ? 1 : 0,
        BinaryKind.Less => a < b ? 1 : 0,
        BinaryKind.LessOrEqual => a <= b ? 1 : 0,
        BinaryKind.Greater => a > b ? 1 : 0,
        BinaryKind.GreaterOrEqual => a >= b ? 1 : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such function of integers"),
    };

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>log(1 + x) for small x too (Kahan): Math has none.</summary>
    public static double LogOnePlus(double x)
    {
        double u = 1 + x;
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }
}
