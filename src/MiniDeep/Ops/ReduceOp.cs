namespace MiniDeep;

/// <summary>
/// Sum, mean, largest or smallest over some axes. Gradients: sum: dy everywhere; mean: dy / n; largest, smallest: dy shared equally by the elements that are it
/// (as TensorFlow and PyTorch's amax do).
/// </summary>
internal sealed class ReduceOp : GradNode
{
    private readonly ReduceKind _kind;
    private readonly Shape _keptShape;
    private GradNode? _input;
    private Saved _x, _y;

    private ReduceOp(ReduceKind kind, Shape keptShape, Tensor x, Tensor y) : base(y, x.Node)
    {
        _kind = kind;
        _keptShape = keptShape;
        _input = x.Node;
        if (kind is ReduceKind.Sum or ReduceKind.Mean) return;
        _x = new Saved(x);
        _y = new Saved(y);
    }

    public override string Name => _kind.ToString();

    /// <param name="kind">What is computed.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="axes">The axes that go; empty: all.</param>
    /// <param name="keepDims">Whether they stay, with size 1.</param>
    public static Tensor Apply(ReduceKind kind, Tensor x, ReadOnlySpan<int> axes, bool keepDims)
    {
        if (x.DType is DType.Bool or DType.UInt8 || kind == ReduceKind.Mean && !x.DType.IsFloat())
            throw new DTypeException($"{kind} doesn't take {x.DType}. Convert first, for example with To(DType.{(kind == ReduceKind.Mean ? "Float32" : "Int32")}).");
        var kept = new int[x.Rank];
        x.Shape.Sizes.CopyTo(kept);
        if (axes.IsEmpty) kept.AsSpan().Fill(1);
        else foreach (int axis in Axes.Resolve(x.Shape, axes, Enum.GetName(kind)!)) kept[axis] = 1;
        if (kind is ReduceKind.Max or ReduceKind.Min && x.Count == 0 && !kept.AsSpan().Contains(0))
            throw new ShapeException($"{kind}: there is nothing to choose from in a tensor of shape {x.Shape}.");

        Shape keptShape = Shape.Adopt(kept);
        Tensor y = Tensor.Empty(keepDims ? keptShape : Dropped(x.Shape, axes), x.DType, x.Device);
        x.Device.Backend.Reduce(kind, x.View, y.View.Reshaped(keptShape), accumulate: false);
        if (GradMode.Records(x)) y.Node = new ReduceOp(kind, keptShape, x, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView spread = Broadcasting.To(dy.Reshaped(_keptShape), _input!.Shape);
        if (_kind is ReduceKind.Sum or ReduceKind.Mean)
        {
            TensorView dx = walk.Target(_input, out bool accumulate);
            double scale = _kind == ReduceKind.Sum ? 1 : (double)Shape.ElementCount / _input.Shape.ElementCount;
            Backend.Unary(UnaryKind.MultiplyScalar, scale, spread, dx, accumulate);
            return;
        }
        TensorView x = _x.View(this);
        TensorView chosen = Rent(x.Shape, DType.Bool);
        TensorView share = Rent(x.Shape, DType);
        TensorView count = Rent(_keptShape, DType);
        Backend.Binary(BinaryKind.Equal, x, Broadcasting.To(_y.View(this).Reshaped(_keptShape), x.Shape), chosen, accumulate: false);
        Backend.Copy(chosen, share);
        Backend.Reduce(ReduceKind.Sum, share, count, accumulate: false);
        Backend.Binary(BinaryKind.Divide, share, Broadcasting.To(count, x.Shape), share, accumulate: false);
        walk.AddBinary(_input, BinaryKind.Multiply, share, spread);
        Return(count);
        Return(share);
        Return(chosen);
    }

    protected override void Release()
    {
        _input = null;
        _x = _y = default;
    }

    internal static Shape Dropped(Shape shape, ReadOnlySpan<int> axes)
    {
        if (axes.IsEmpty) return default;
        int[] resolved = Axes.Resolve(shape, axes, "Reduce");
        if (resolved.Length == shape.Rank) return default;
        var sizes = new int[shape.Rank - resolved.Length];
        int next = 0;
        for (int i = 0; i < shape.Rank; i++)
        {
            if (!resolved.AsSpan().Contains(i)) sizes[next++] = shape[i];
        }
        return Shape.Adopt(sizes);
    }
}
