namespace MiniDeep;

public partial class Tensor
{
    /// <summary>a + b, element by element, with broadcasting.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.Add, a, b);

    /// <summary>a + b.</summary>
    public static Tensor operator +(Tensor a, double b) => UnaryOp.Apply(UnaryKind.AddScalar, a, b);

    /// <summary>a + b.</summary>
    public static Tensor operator +(double a, Tensor b) => b + a;

    /// <summary>a - b, element by element, with broadcasting.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.Subtract, a, b);

    /// <summary>a - b.</summary>
    public static Tensor operator -(Tensor a, double b) => UnaryOp.Apply(UnaryKind.AddScalar, a, -b);

    /// <summary>a - b.</summary>
    public static Tensor operator -(double a, Tensor b) => -b + a;

    /// <summary>-a.</summary>
    public static Tensor operator -(Tensor a) => UnaryOp.Apply(UnaryKind.Negate, a);

    /// <summary>a b, element by element, with broadcasting; for the matrix product see <see cref="MatMul"/>.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.Multiply, a, b);

    /// <summary>a b.</summary>
    public static Tensor operator *(Tensor a, double b) => UnaryOp.Apply(UnaryKind.MultiplyScalar, a, b);

    /// <summary>a b.</summary>
    public static Tensor operator *(double a, Tensor b) => b * a;

    /// <summary>a / b, element by element, with broadcasting.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.Divide, a, b);

    /// <summary>a / b.</summary>
    /// <exception cref="DTypeException">The tensor holds integers: convert it first, or divide by a tensor, which rounds towards 0.</exception>
    public static Tensor operator /(Tensor a, double b) => UnaryOp.Apply(UnaryKind.MultiplyScalar, a, 1 / b);

    /// <summary>a / b.</summary>
    public static Tensor operator /(double a, Tensor b) => b.Reciprocal() * a;

    /// <summary>Where a is larger (Bool), with broadcasting.</summary>
    public static Tensor operator >(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.Greater, a, b);

    /// <summary>Where a is smaller (Bool), with broadcasting.</summary>
    public static Tensor operator <(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.Less, a, b);

    /// <summary>Where a is larger or equal (Bool), with broadcasting.</summary>
    public static Tensor operator >=(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.GreaterOrEqual, a, b);

    /// <summary>Where a is smaller or equal (Bool), with broadcasting.</summary>
    public static Tensor operator <=(Tensor a, Tensor b) => BinaryOp.Apply(BinaryKind.LessOrEqual, a, b);

    /// <summary>Where a is larger (Bool). Integers are compared as Float64.</summary>
    public static Tensor operator >(Tensor a, double b) => Compared(BinaryKind.Greater, a, b);

    /// <summary>Where a is smaller (Bool). Integers are compared as Float64.</summary>
    public static Tensor operator <(Tensor a, double b) => Compared(BinaryKind.Less, a, b);

    /// <summary>Where a is larger or equal (Bool). Integers are compared as Float64.</summary>
    public static Tensor operator >=(Tensor a, double b) => Compared(BinaryKind.GreaterOrEqual, a, b);

    /// <summary>Where a is smaller or equal (Bool). Integers are compared as Float64.</summary>
    public static Tensor operator <=(Tensor a, double b) => Compared(BinaryKind.LessOrEqual, a, b);

    /// <summary>Not a, of a Bool tensor.</summary>
    public static Tensor operator !(Tensor a) => UnaryOp.Apply(UnaryKind.Not, a);

    /// <summary>Part of the tensor, as a view: <c>t[0]</c>, <c>t[^1]</c>, <c>t[2..5]</c>, <c>t[.., 1]</c>. A position drops its axis, a range keeps it.</summary>
    /// <exception cref="ShapeException">A position is outside its axis, or there are more indices than axes.</exception>
    [System.Runtime.CompilerServices.IndexerName("Part")]
    public Tensor this[params ReadOnlySpan<TensorIndex> indices] => SliceOp.Apply(this, indices);

    /// <summary>The same elements in the same order under another shape; one size may be -1: whatever is left over. A view where possible.</summary>
    /// <exception cref="ShapeException">The shape has another number of elements.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> sizes) => ReshapeOp.Apply(this, sizes);

    /// <summary>The axes in another order (none given: reversed), as a view: a matrix's transpose.</summary>
    /// <exception cref="ShapeException">The order doesn't name every axis once.</exception>
    public Tensor Transpose(params ReadOnlySpan<int> order) => TransposeOp.Apply(this, order);

    /// <summary>A copy stretched to a shape by the rules of broadcasting.</summary>
    /// <exception cref="ShapeException">The shape can't be reached by stretching.</exception>
    public Tensor BroadcastTo(Shape shape) => ContiguousOp.Broadcast(this, shape);

    /// <summary>The tensor if its elements lie side by side, otherwise a copy whose do.</summary>
    public Tensor Contiguous() => ContiguousOp.Apply(this);

    /// <summary>A copy of its own, through which the gradient flows.</summary>
    public Tensor Clone() => ContiguousOp.Copy(this, Shape);

    /// <summary>The values in another dtype; the tensor itself if it has it already. Floats become integers by truncation.</summary>
    public Tensor To(DType dtype) => CastOp.Apply(this, dtype);

    /// <summary>The values on another device; the tensor itself if it is there already.</summary>
    public Tensor To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return DeviceCopyOp.Apply(this, device);
    }

    // 0.5 as an integer would be 0
    private static Tensor Compared(BinaryKind kind, Tensor a, double b)
    {
        if (!a.DType.IsFloat()) a = a.To(DType.Float64);
        return BinaryOp.Apply(kind, a, Scalar(b, a.DType, a.Device));
    }
}
