namespace MiniDeep;

/// <summary>y = condition ? a : b with broadcasting. da = dy where the condition holds, db = dy where it doesn't.</summary>
internal sealed class SelectOp : GradNode
{
    private GradNode? _inputA, _inputB;
    private Saved _condition;

    private SelectOp(Tensor condition, Tensor a, Tensor b, Tensor y) : base(y, a.Node, b.Node)
    {
        _inputA = a.Node;
        _inputB = b.Node;
        _condition = new Saved(condition);
    }

    public static Tensor Apply(Tensor condition, Tensor a, Tensor b)
    {
        Device device = Device.Common(a, b, "Where");
        device = Device.Common(condition, device == a.Device ? a : b, "Where");
        if (condition.DType != DType.Bool) throw new DTypeException($"Where: the condition holds {condition.DType}, not Bool. Compare first, for example x > 0.");
        if (a.DType != b.DType) throw new DTypeException($"Where: one choice holds {a.DType} and the other {b.DType}.");
        Shape shape = Broadcasting.Result(condition.Shape, Broadcasting.Result(a.Shape, b.Shape, "Where"), "Where");
        Tensor y = Tensor.Empty(shape, a.DType, device);
        device.Backend.Select(Broadcasting.To(condition.View, shape), Broadcasting.To(a.View, shape), Broadcasting.To(b.View, shape), y.View);
        if (GradMode.Records(a, b)) y.Node = new SelectOp(condition, a, b, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView condition = Broadcasting.To(_condition.View(this), Shape);
        TensorView zero = Rent([], DType);
        Backend.Fill(zero, 0);
        TensorView zeros = Broadcasting.To(zero, Shape);
        TensorView part = Rent(Shape, DType);
        if (_inputA is not null)
        {
            Backend.Select(condition, dy, zeros, part);
            walk.Add(_inputA, part);
        }
        if (_inputB is not null)
        {
            Backend.Select(condition, zeros, dy, part);
            walk.Add(_inputB, part);
        }
        Return(part);
        Return(zero);
    }

    protected override void Release()
    {
        _inputA = _inputB = null;
        _condition = default;
    }
}
