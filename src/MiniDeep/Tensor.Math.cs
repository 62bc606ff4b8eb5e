namespace MiniDeep;

public partial class Tensor
{
    /// <summary>|x|; the gradient at 0 is 0.</summary>
    public Tensor Abs() => UnaryOp.Apply(UnaryKind.Abs, this);

    /// <summary>-1, 0 or 1; no gradient passes.</summary>
    public Tensor Sign() => UnaryOp.Apply(UnaryKind.Sign, this);

    /// <summary>x².</summary>
    public Tensor Square() => UnaryOp.Apply(UnaryKind.Square, this);

    /// <summary>The square root.</summary>
    public Tensor Sqrt() => UnaryOp.Apply(UnaryKind.Sqrt, this);

    /// <summary>1 / x.</summary>
    public Tensor Reciprocal() => UnaryOp.Apply(UnaryKind.Reciprocal, this);

    /// <summary>e^x.</summary>
    public Tensor Exp() => UnaryOp.Apply(UnaryKind.Exp, this);

    /// <summary>The natural logarithm.</summary>
    public Tensor Log() => UnaryOp.Apply(UnaryKind.Log, this);

    /// <summary>The sine.</summary>
    public Tensor Sin() => UnaryOp.Apply(UnaryKind.Sin, this);

    /// <summary>The cosine.</summary>
    public Tensor Cos() => UnaryOp.Apply(UnaryKind.Cos, this);

    /// <summary>The hyperbolic tangent.</summary>
    public Tensor Tanh() => UnaryOp.Apply(UnaryKind.Tanh, this);

    /// <summary>1 / (1 + e^-x). A cross-entropy of the result is computed from x, stably.</summary>
    public Tensor Sigmoid() => UnaryOp.Apply(UnaryKind.Sigmoid, this);

    /// <summary>max(0, x); the gradient at 0 is 0.</summary>
    public Tensor ReLU() => UnaryOp.Apply(UnaryKind.Relu, this);

    /// <summary>x where it is positive, otherwise alpha x.</summary>
    /// <param name="alpha">The slope for negative x; 0.01 is PyTorch's default, Keras's is 0.3.</param>
    public Tensor LeakyReLU(double alpha = 0.01) => UnaryOp.Apply(UnaryKind.LeakyRelu, this, alpha);

    /// <summary>x sigmoid(x), also called SiLU (Ramachandran, Zoph and Le 2017).</summary>
    public Tensor Swish() => UnaryOp.Apply(UnaryKind.Swish, this);

    /// <summary>log(1 + e^x), without overflow.</summary>
    public Tensor Softplus() => UnaryOp.Apply(UnaryKind.Softplus, this);

    /// <summary>Multiplies every element in place: for a tensor that nobody else has seen yet.</summary>
    internal void Scale(double factor) => UnaryOp.ApplyInPlace(UnaryKind.MultiplyScalar, this, factor);

    /// <summary>The largest integer not above x; no gradient passes.</summary>
    public Tensor Floor() => UnaryOp.Apply(UnaryKind.Floor, this);

    /// <summary>x^exponent.</summary>
    public Tensor Pow(double exponent) => UnaryOp.Apply(UnaryKind.PowScalar, this, exponent);

    /// <summary>x^exponent, element by element, with broadcasting.</summary>
    public Tensor Pow(Tensor exponent) => BinaryOp.Apply(BinaryKind.Pow, this, exponent);

    /// <summary>The larger of x and a number; the gradient passes where x is larger or equal.</summary>
    public Tensor Maximum(double value) => UnaryOp.Apply(UnaryKind.MaxScalar, this, value);

    /// <summary>The larger of two, element by element, with broadcasting. Equal elements share the gradient.</summary>
    public Tensor Maximum(Tensor other) => BinaryOp.Apply(BinaryKind.Max, this, other);

    /// <summary>The smaller of x and a number; the gradient passes where x is smaller or equal.</summary>
    public Tensor Minimum(double value) => UnaryOp.Apply(UnaryKind.MinScalar, this, value);

    /// <summary>The smaller of two, element by element, with broadcasting. Equal elements share the gradient.</summary>
    public Tensor Minimum(Tensor other) => BinaryOp.Apply(BinaryKind.Min, this, other);

    /// <summary>x, held between two numbers.</summary>
    public Tensor Clip(double minimum, double maximum) => Maximum(minimum).Minimum(maximum);

    /// <summary>Softmax along an axis.</summary>
    /// <remarks>A cross-entropy of the result along the last axis is computed from x, stably.</remarks>
    public Tensor Softmax(int axis = -1) => SoftmaxOp.Apply(this, axis, logarithm: false);

    /// <summary>The logarithm of softmax along an axis.</summary>
    public Tensor LogSoftmax(int axis = -1) => SoftmaxOp.Apply(this, axis, logarithm: true);

    /// <summary>The sum over some axes (none given: all), with axes counted from the end where negative.</summary>
    public Tensor Sum(params ReadOnlySpan<int> axes) => ReduceOp.Apply(ReduceKind.Sum, this, axes, keepDims: false);

    /// <summary>The sum over some axes, which stay with size 1 if asked for.</summary>
    public Tensor Sum(ReadOnlySpan<int> axes, bool keepDims) => ReduceOp.Apply(ReduceKind.Sum, this, axes, keepDims);

    /// <summary>The mean over some axes (none given: all).</summary>
    public Tensor Mean(params ReadOnlySpan<int> axes) => ReduceOp.Apply(ReduceKind.Mean, this, axes, keepDims: false);

    /// <summary>The mean over some axes, which stay with size 1 if asked for.</summary>
    public Tensor Mean(ReadOnlySpan<int> axes, bool keepDims) => ReduceOp.Apply(ReduceKind.Mean, this, axes, keepDims);

    /// <summary>The largest over some axes (none given: all); NaN if there is one. Equal largest elements share the gradient.</summary>
    public Tensor Max(params ReadOnlySpan<int> axes) => ReduceOp.Apply(ReduceKind.Max, this, axes, keepDims: false);

    /// <summary>The largest over some axes, which stay with size 1 if asked for.</summary>
    public Tensor Max(ReadOnlySpan<int> axes, bool keepDims) => ReduceOp.Apply(ReduceKind.Max, this, axes, keepDims);

    /// <summary>The smallest over some axes (none given: all); NaN if there is one. Equal smallest elements share the gradient.</summary>
    public Tensor Min(params ReadOnlySpan<int> axes) => ReduceOp.Apply(ReduceKind.Min, this, axes, keepDims: false);

    /// <summary>The smallest over some axes, which stay with size 1 if asked for.</summary>
    public Tensor Min(ReadOnlySpan<int> axes, bool keepDims) => ReduceOp.Apply(ReduceKind.Min, this, axes, keepDims);

    /// <summary>The position (Int64) of the first largest element along an axis.</summary>
    public Tensor ArgMax(int axis = -1, bool keepDims = false) => ArgReduceOp.Apply(largest: true, this, axis, keepDims);

    /// <summary>The position (Int64) of the first smallest element along an axis.</summary>
    public Tensor ArgMin(int axis = -1, bool keepDims = false) => ArgReduceOp.Apply(largest: false, this, axis, keepDims);

    /// <summary>The matrix product over the last two axes, leading axes broadcast; a vector counts as a row on the left and as a column on the right.</summary>
    /// <exception cref="ShapeException">The inner sizes differ.</exception>
    public Tensor MatMul(Tensor other) => MatMulOp.Apply(this, other);

    /// <summary>Where the condition (Bool) holds a, elsewhere b, with broadcasting.</summary>
    public static Tensor Where(Tensor condition, Tensor a, Tensor b) => SelectOp.Apply(condition, a, b);

    /// <summary>Slices along an axis, picked by number (Int32 or Int64, any shape): [.., n, ..] becomes [.., indices' shape, ..].</summary>
    /// <exception cref="ShapeException">A number is outside the axis.</exception>
    public Tensor Gather(Tensor indices, int axis = 0) => GatherOp.Apply(this, indices, axis);

    /// <summary>Class numbers (Int32 or Int64) as rows of the given length, 1 at the class and 0 elsewhere.</summary>
    /// <exception cref="LabelException">A number is outside 0 … classes - 1.</exception>
    public Tensor OneHot(int classes, DType dtype = DType.Float32) => OneHotOp.Apply(this, classes, dtype);

    /// <summary>Where both are equal (Bool), with broadcasting.</summary>
    public Tensor EqualTo(Tensor other) => BinaryOp.Apply(BinaryKind.Equal, this, other);

    /// <summary>Where they differ (Bool), with broadcasting.</summary>
    public Tensor NotEqualTo(Tensor other) => BinaryOp.Apply(BinaryKind.NotEqual, this, other);
}
