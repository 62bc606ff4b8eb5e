namespace MiniDeep;

/// <summary>
/// Convolution, bias, activation and max-pool as one: the same numbers as <see cref="Conv2DOp"/> and <see cref="MaxPool2DOp"/> in a row, without the large image between them.
/// Only the windows' winners have a gradient: dz = dy f'(z) there.
/// </summary>
internal sealed class ConvPoolOp : GradNode
{
    private readonly ConvGeometry _conv;
    private readonly PoolGeometry _pool;
    private readonly FusedActivation _activation;
    private GradNode? _bias;
    private Saved _x, _w, _y;
    private Storage? _argmax, _slope;

    private ConvPoolOp(in Block block, Tensor x, Tensor w, Tensor? bias, Tensor y, Storage argmax, Storage? slope)
        : base(y, x.Node, w.Node, bias?.Node)
    {
        (_conv, _pool, _activation) = (block.Conv, block.Pool, block.Activation);
        _bias = bias?.Node;
        _x = new Saved(x);
        _w = new Saved(w);
        if (slope is null) _y = new Saved(y);
        _argmax = argmax;
        _slope = slope;
    }

    /// <summary>Runs the block in one pass where the backend can, otherwise the plain chain.</summary>
    public static Tensor Apply(Tensor x, Tensor w, Tensor? bias, in ConvSettings conv, FusedActivation activation, in PoolSettings pool)
    {
        Device device = Device.Common(x, w, "Conv2D");
        ConvGeometry convolution = conv.Geometry(x, w);
        Shape image = [convolution.Batch, convolution.OutHeight, convolution.OutWidth, convolution.OutChannels];
        var block = new Block(convolution, pool.Geometry(image, "MaxPool2D"), activation);
        x = x.Contiguous();
        Tensor y = Tensor.Empty([block.Pool.Batch, block.Pool.OutHeight, block.Pool.OutWidth, block.Pool.Channels], x.DType, device);
        bool records = GradMode.Records(x, w, bias);
        TensorView argmax = records ? MemoryScope.RentPrivate(device, DType.UInt8, y.Shape) : default;
        TensorView slope = records && !activation.GradientFromOutput ? MemoryScope.RentPrivate(device, y.DType, y.Shape) : default;
        if (!device.Backend.ConvPool(x.View, w.View, bias?.View ?? default, block.Conv, activation, block.Pool, y.View, argmax, slope))
            return MaxPool2DOp.Apply(Conv2DOp.Apply(x, w, bias, conv, activation), pool);
        if (records) y.Node = new ConvPoolOp(block, x, w, bias, y, argmax.Storage, slope.Storage);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView x = _x.View(this), w = _w.View(this), saved = _slope is null ? _y.View(this) : new TensorView(_slope, 0, Shape);
        var argmax = new TensorView(_argmax!, 0, Shape);
        TensorView dbias = walk.TargetIfNeeded(_bias, out bool accumulateBias);
        TensorView dw = walk.TargetIfNeeded(_w.Node, out bool accumulateW);
        TensorView dx = walk.TargetIfNeeded(_x.Node, out bool accumulateX);
        bool shared = !dx.IsNone && !dw.IsNone && ReferenceEquals(dx.Storage, dw.Storage);
        if (!shared && Backend.ConvPoolGrad(
            x, w, _conv, _activation, _pool, saved, argmax, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias))
        {
            return;
        }
        Backend.ActivationGrad(_activation, saved, dy, dy, dbias, accumulateBias);
        TensorView dz = Rent([_conv.Batch, _conv.OutHeight, _conv.OutWidth, _conv.OutChannels], DType);
        Backend.MaxPool2DGrad(dy, argmax, _pool, dz, accumulate: false);
        if (!dw.IsNone) Backend.Conv2DWeightGrad(x, dz, _conv, dw, accumulateW);
        if (!dx.IsNone) Backend.Conv2DInputGrad(dz, w, _conv, dx, accumulateX);
        Return(dz);
    }

    protected override void Release()
    {
        Return(_argmax);
        Return(_slope);
        _bias = null;
        _x = _w = _y = default;
        _argmax = _slope = null;
    }

    private readonly record struct Block(ConvGeometry Conv, PoolGeometry Pool, FusedActivation Activation);
}
