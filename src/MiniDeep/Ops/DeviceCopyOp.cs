namespace MiniDeep;

/// <summary>The same values on another device, through the host. dx = dy, brought back.</summary>
internal sealed class DeviceCopyOp : GradNode
{
    private GradNode? _input;

    private DeviceCopyOp(Tensor x, Tensor y) : base(y, x.Node) => _input = x.Node;

    public static Tensor Apply(Tensor x, Device device)
    {
        if (x.Device == device) return x;
        Tensor source = x.Contiguous();
        Tensor y = Tensor.Empty(x.Shape, x.DType, device);
        Move(source.View, y.View);
        if (GradMode.Records(x)) y.Node = new DeviceCopyOp(source, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        var there = new TensorView(MemoryScope.Rent(_input!.Device, DType, Shape.ElementCount), 0, Shape);
        Move(dy, there);
        walk.GiveOwned(_input, there);
    }

    protected override void Release() => _input = null;

    private static void Move(in TensorView from, in TensorView to)
    {
        int size = from.DType.Size();
        var bytes = new byte[checked(from.Shape.ElementCount * size)];
        from.Storage.Device.Backend.Download(from.Storage, (long)from.Offset * size, bytes);
        to.Storage.Device.Backend.Upload(bytes, to.Storage, (long)to.Offset * size);
    }
}
