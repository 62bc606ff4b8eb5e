namespace MiniDeep;

/// <summary>
/// Convolution, bias, activation and max-pool as one: the same numbers as <see cref="Conv2DOp"/> and <see cref="MaxPool2DOp"/> in a row, without the large image between them.
/// Only the windows' winners have a gradient: dz = dy f'(z) there.
/// </summary>
internal sealed class ConvPoolOp : GradNode
{
    private readonly ConvPoolPlan _plan;
    private GradNode? _bias;
    private Saved _x, _w, _y;
    private Storage? _argmax, _slope;

    private ConvPoolOp(ConvPoolPlan plan, Tensor x, Tensor w, Tensor? bias, Tensor y, Storage argmax, Storage? slope)
        : base(y, x.Node, w.Node, bias?.Node)
    {
        _plan = plan;
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
        ConvPoolPlan? none = null;
        return Apply(x, w, bias, new ConvPoolSettings(conv, activation, pool), ref none);
    }

    /// <param name="x">The images.</param>
    /// <param name="w">The kernel.</param>
    /// <param name="bias">The bias, if any.</param>
    /// <param name="block">Convolution, activation and pool.</param>
    /// <param name="recent">The last plan in the caller's hands, used again where it fits.</param>
    public static Tensor Apply(Tensor x, Tensor w, Tensor? bias, in ConvPoolSettings block, ref ConvPoolPlan? recent)
    {
        Device device = Device.Common(x, w, "Conv2D");
        ConvPoolPlan? plan = recent;
        if (plan is null || !plan.Fits(x, w, block)) recent = plan = new ConvPoolPlan(x, w, block);
        FusedActivation activation = block.Activation;
        x = x.Contiguous();
        Tensor y = Tensor.Empty(plan.Result, x.DType, device);
        bool records = GradMode.Records(x, w, bias);
        TensorView argmax = records ? MemoryScope.RentPrivate(device, DType.UInt8, y.Shape) : default;
        TensorView slope = records && !activation.GradientFromOutput ? MemoryScope.RentPrivate(device, y.DType, y.Shape) : default;
        if (!device.Backend.ConvPool(x.View, w.View, bias?.View ?? default, plan.Conv, activation, plan.Pool, y.View, argmax, slope))
            return MaxPool2DOp.Apply(Conv2DOp.Apply(x, w, bias, block.Conv, activation), block.Pool);
        if (records) y.Node = new ConvPoolOp(plan, x, w, bias, y, argmax.Storage, slope.Storage);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView x = _x.View(this), w = _w.View(this), saved = _slope is null ? _y.View(this) : Private(_slope, Shape);
        TensorView argmax = Private(_argmax!, Shape);
        (ConvGeometry conv, FusedActivation activation, PoolGeometry pool) = (_plan.Conv, _plan.Block.Activation, _plan.Pool);
        TensorView dbias = walk.TargetIfNeeded(_bias, out bool accumulateBias);
        TensorView dw = walk.TargetIfNeeded(_w.Node, out bool accumulateW);
        TensorView dx = walk.TargetIfNeeded(_x.Node, out bool accumulateX);
        bool shared = !dx.IsNone && !dw.IsNone && ReferenceEquals(dx.Storage, dw.Storage);
        if (!shared && Backend.ConvPoolGrad(
            x, w, conv, activation, pool, saved, argmax, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias))
        {
            return;
        }
        Backend.ActivationGrad(activation, saved, dy, dy, dbias, accumulateBias);
        TensorView dz = Rent([conv.Batch, conv.OutHeight, conv.OutWidth, conv.OutChannels], DType);
        Backend.MaxPool2DGrad(dy, argmax, pool, dz, accumulate: false);
        if (!dw.IsNone) Backend.Conv2DWeightGrad(x, dz, conv, dw, accumulateW);
        if (!dx.IsNone) Backend.Conv2DInputGrad(dz, w, conv, dx, accumulateX);
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
}

/// <summary>What a convolution with its activation and the pool behind it need to know beside their tensors.</summary>
internal readonly record struct ConvPoolSettings(ConvSettings Conv, FusedActivation Activation, PoolSettings Pool);

/// <summary>The sizes of such a block for one size of batch. Layers keep the last one: it is the same in every step.</summary>
internal sealed class ConvPoolPlan
{
    private readonly Shape _x, _w;

    public ConvPoolPlan(Tensor x, Tensor w, in ConvPoolSettings block)
    {
        (Block, _x, _w) = (block, x.Shape, w.Shape);
        Conv = block.Conv.Geometry(x, w);
        Pool = block.Pool.Geometry([Conv.Batch, Conv.OutHeight, Conv.OutWidth, Conv.OutChannels], "MaxPool2D");
        Result = [Pool.Batch, Pool.OutHeight, Pool.OutWidth, Pool.Channels];
    }

    public ConvPoolSettings Block { get; }
    public ConvGeometry Conv { get; }
    public PoolGeometry Pool { get; }

    /// <summary>The result's shape.</summary>
    public Shape Result { get; }

    public bool Fits(Tensor x, Tensor w, in ConvPoolSettings block) => x.Shape == _x && w.Shape == _w && x.DType == w.DType && block == Block;
}
