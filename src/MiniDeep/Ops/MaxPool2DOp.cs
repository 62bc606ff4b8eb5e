namespace MiniDeep;

/// <summary>The largest element of each window, channel by channel; what lies outside the image doesn't count. dx = dy at the (first) winner.</summary>
internal sealed class MaxPool2DOp : GradNode
{
    private readonly PoolGeometry _geometry;
    private GradNode? _input;
    private Storage? _argmax;

    private MaxPool2DOp(in PoolGeometry geometry, Tensor x, Tensor y, Storage argmax) : base(y, x.Node)
    {
        _geometry = geometry;
        _input = x.Node;
        _argmax = argmax;
    }

    public static Tensor Apply(Tensor x, in PoolSettings settings)
    {
        if (!x.DType.IsFloat()) throw new DTypeException($"MaxPool2D takes floats, not {x.DType}.");
        PoolGeometry geometry = settings.Geometry(x.Shape, "MaxPool2D");
        x = x.Contiguous();
        Tensor y = Tensor.Empty([geometry.Batch, geometry.OutHeight, geometry.OutWidth, geometry.Channels], x.DType, x.Device);
        bool records = GradMode.Records(x);
        TensorView argmax = records ? MemoryScope.RentPrivate(x.Device, DType.UInt8, y.Shape) : default;
        x.Device.Backend.MaxPool2D(x.View, geometry, y.View, argmax);
        if (records) y.Node = new MaxPool2DOp(geometry, x, y, argmax.Storage);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView dx = walk.Target(_input!, out bool accumulate);
        Backend.MaxPool2DGrad(dy, Private(_argmax!, Shape), _geometry, dx, accumulate);
    }

    protected override void Release()
    {
        Return(_argmax);
        _input = null;
        _argmax = null;
    }
}
