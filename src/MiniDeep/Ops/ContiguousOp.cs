namespace MiniDeep;

/// <summary>A copy in row-major order, or of a view stretched by broadcasting. dx = dy, summed where x was stretched.</summary>
internal sealed class ContiguousOp : GradNode
{
    private GradNode? _input;

    private ContiguousOp(Tensor x, Tensor y) : base(y, x.Node) => _input = x.Node;

    public static Tensor Apply(Tensor x) => x.IsContiguous ? x : Copy(x, x.Shape);

    /// <summary>A copy stretched to a shape.</summary>
    public static Tensor Broadcast(Tensor x, Shape shape)
    {
        if (x.Shape == shape) return x;
        if (Broadcasting.Result(x.Shape, shape, "BroadcastTo") != shape) throw new ShapeException($"BroadcastTo: shape {x.Shape} doesn't stretch to {shape}.");
        return Copy(x, shape);
    }

    public override void Backward(GradientWalk walk, in TensorView dy) => walk.Add(_input, dy);

    protected override void Release() => _input = null;

    internal static Tensor Copy(Tensor x, Shape shape)
    {
        Tensor y = Tensor.Empty(shape, x.DType, x.Device);
        x.Device.Backend.Copy(Broadcasting.To(x.View, shape), y.View);
        if (GradMode.Records(x)) y.Node = new ContiguousOp(x, y);
        return y;
    }
}
