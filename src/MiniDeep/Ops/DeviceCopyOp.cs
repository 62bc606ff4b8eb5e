namespace MiniDeep;

/// <summary>The same values on another device, through the host. dx = dy, brought back.</summary>
internal sealed class DeviceCopyOp : GradNode
{
    /// <summary>What passes through the host at once: a tensor may be larger than an array of bytes can be.</summary>
    private const int ChunkBytes = 64 << 20;

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
        long total = (long)from.Shape.ElementCount * size;
        var bytes = new byte[(int)Math.Min(total, ChunkBytes)];
        for (long at = 0; at < total; at += bytes.Length)
        {
            Span<byte> chunk = bytes.AsSpan(0, (int)Math.Min(bytes.Length, total - at));
            from.Storage.Device.Backend.Download(from.Storage, ((long)from.Offset * size) + at, chunk);
            to.Storage.Device.Backend.Upload(chunk, to.Storage, ((long)to.Offset * size) + at);
        }
    }
}
