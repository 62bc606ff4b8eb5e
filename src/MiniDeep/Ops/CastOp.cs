namespace MiniDeep;

/// <summary>The same values in another dtype. Between floats dx = dy, converted back; other dtypes have no gradient.</summary>
internal sealed class CastOp : GradNode
{
    private GradNode? _input;

    private CastOp(Tensor x, Tensor y) : base(y, x.Node) => _input = x.Node;

    public static Tensor Apply(Tensor x, DType dtype)
    {
        if (x.DType == dtype) return x;
        Tensor y = Tensor.Empty(x.Shape, dtype, x.Device);
        x.Device.Backend.Copy(x.View, y.View);
        if (dtype.IsFloat() && GradMode.Records(x)) y.Node = new CastOp(x, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView converted = Rent(Shape, _input!.DType);
        Backend.Copy(dy, converted);
        walk.GiveOwned(_input, converted);
    }

    protected override void Release() => _input = null;
}
