using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>
/// Elementwise functions of one operand. <c>alpha</c> is their one constant, where they have one. Exponentials (those of Exp, Sigmoid, Swish and Softplus, and of softmax and
/// the losses) that are no normal number, below 1.18e-38 or 2.2e-308, may count as 0: subnormal numbers would slow down all that is computed from them.
/// </summary>
[Experimental(Experiments.Backends)]
public enum UnaryKind
{
    /// <summary>x</summary>
    Identity,

    /// <summary>-x</summary>
    Negate,

    /// <summary>|x|</summary>
    Abs,

    /// <summary>-1, 0 or 1; NaN stays NaN</summary>
    Sign,

    /// <summary>x * x</summary>
    Square,

    /// <summary>Square root</summary>
    Sqrt,

    /// <summary>1 / x</summary>
    Reciprocal,

    /// <summary>e^x</summary>
    Exp,

    /// <summary>Natural logarithm</summary>
    Log,

    /// <summary>Sine</summary>
    Sin,

    /// <summary>Cosine</summary>
    Cos,

    /// <summary>Hyperbolic tangent</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x)</summary>
    Sigmoid,

    /// <summary>max(0, x); NaN stays NaN; derivative 0 at 0</summary>
    Relu,

    /// <summary>x where x &gt; 0, otherwise alpha x</summary>
    LeakyRelu,

    /// <summary>x sigmoid(x); at -infinity the limit, 0</summary>
    Swish,

    /// <summary>log(1 + e^x), without overflow</summary>
    Softplus,

    /// <summary>x + alpha</summary>
    AddScalar,

    /// <summary>x * alpha</summary>
    MultiplyScalar,

    /// <summary>x^alpha</summary>
    PowScalar,

    /// <summary>max(x, alpha); NaN stays NaN; derivative 1 at alpha</summary>
    MaxScalar,

    /// <summary>min(x, alpha); NaN stays NaN; derivative 1 at alpha</summary>
    MinScalar,

    /// <summary>Largest integer not above x</summary>
    Floor,

    /// <summary>Logical not of a Bool</summary>
    Not,
}

/// <summary>What the derivative of a unary function is computed from.</summary>
[Experimental(Experiments.Backends)]
public static class UnaryKinds
{
    /// <summary>Whether f'(x) follows from y = f(x) (and alpha) alone, so that only the result needs to be kept.</summary>
    public static bool GradientFromOutput(UnaryKind kind, double alpha) => kind switch
    {
        UnaryKind.Identity or UnaryKind.Negate or UnaryKind.Sqrt or UnaryKind.Reciprocal or UnaryKind.Exp or UnaryKind.Tanh
            or UnaryKind.Sigmoid or UnaryKind.Relu or UnaryKind.AddScalar or UnaryKind.MultiplyScalar => true,
        UnaryKind.LeakyRelu => alpha >= 0,
        _ => false,
    };
}

/// <summary>Elementwise functions of two operands. Comparisons write Bool.</summary>
[Experimental(Experiments.Backends)]
public enum BinaryKind
{
    /// <summary>a + b</summary>
    Add,

    /// <summary>a - b</summary>
    Subtract,

    /// <summary>a * b</summary>
    Multiply,

    /// <summary>a / b; of integers, towards 0, and 0 where b is 0</summary>
    Divide,

    /// <summary>a^b; of integers, a negative power is 1 / a^-b towards 0</summary>
    Pow,

    /// <summary>The larger; NaN if either is</summary>
    Max,

    /// <summary>The smaller; NaN if either is</summary>
    Min,

    /// <summary>a == b</summary>
    Equal,

    /// <summary>a != b</summary>
    NotEqual,

    /// <summary>a &lt; b</summary>
    Less,

    /// <summary>a &lt;= b</summary>
    LessOrEqual,

    /// <summary>a &gt; b</summary>
    Greater,

    /// <summary>a &gt;= b</summary>
    GreaterOrEqual,
}

/// <summary>Reductions.</summary>
[Experimental(Experiments.Backends)]
public enum ReduceKind
{
    /// <summary>The sum, by a fixed tree: 0 over nothing; of integers and truth values, in 64 bits</summary>
    Sum,

    /// <summary>The arithmetic mean of floats: NaN over nothing</summary>
    Mean,

    /// <summary>The largest; NaN if one is; -infinity over nothing</summary>
    Max,

    /// <summary>The smallest; NaN if one is; infinity over nothing</summary>
    Min,
}

/// <summary>Stable losses on logits.</summary>
[Experimental(Experiments.Backends)]
public enum CrossEntropyKind
{
    /// <summary>Softmax over the last axis; targets are Int32 class numbers, one a row</summary>
    SparseSoftmax,

    /// <summary>Softmax over the last axis; targets are distributions of the logits' shape and dtype</summary>
    Softmax,

    /// <summary>Sigmoid on each element; targets are probabilities of the logits' shape and dtype</summary>
    Sigmoid,
}

/// <summary>The rule of an optimizer's update.</summary>
[Experimental(Experiments.Backends)]
public enum UpdateKind
{
    /// <summary>w -= lr g</summary>
    Sgd,

    /// <summary>v = mu v - lr g; w += v (Keras). State 0 is v; it becomes 0 where |v| &lt; 1e-30 (Float32) or 1e-290 (Float64).</summary>
    Momentum,

    /// <summary>v = mu v - lr g; w += mu v - lr g (Keras). State 0 is v, as for <see cref="Momentum"/>.</summary>
    Nesterov,

    /// <summary>
    /// m += (g - m)(1 - b1); v += (g^2 - v)(1 - b2); w -= a m / (sqrt(v) + epsilon) with a = lr sqrt(1 - b2^t) / (1 - b1^t), as Keras does. Epsilon is the
    /// "epsilon hat" of Kingma and Ba 2015 (before section 2.1): it is added before v's bias is corrected; PyTorch adds it after, which is epsilon sqrt(1 - b2^t) here.
    /// States 0 and 1 are m and v. So that weights without a gradient don't end with subnormal states, which are slow, m becomes 0 where |m| &lt; 1e-30
    /// (Float32) or 1e-290 (Float64), and so does v where m is 0 and v &lt; 1e-35 or 1e-300; elsewhere v may be held at the smallest normal number.
    /// </summary>
    Adam,
}

/// <summary>
/// An activation that a convolution or a fused operation applies to its result. The kinds are Identity, Relu, LeakyRelu, Sigmoid, Tanh and Swish: every
/// backend has these, and ops apply any other function by itself.
/// </summary>
[Experimental(Experiments.Backends)]
public readonly record struct FusedActivation(UnaryKind Kind, double Alpha = 0)
{
    /// <summary>No activation.</summary>
    public static FusedActivation None => default;

    /// <summary>Whether backward can do with the result alone; otherwise the forward pass also writes the slope f'(z).</summary>
    public bool GradientFromOutput => UnaryKinds.GradientFromOutput(Kind, Alpha);
}
