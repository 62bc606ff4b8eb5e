namespace MiniDeep;

/// <summary>
/// y = f(x * w + bias): cross-correlation over [batch, height, width, channels] with a kernel [kh, kw, in / groups, out]. With dz = dy f'(z): dx is the full correlation of dz
/// with the flipped kernel, dw the correlation of x with dz, dbias the sum of dz over all but the channels (Dumoulin and Visin 2016).
/// </summary>
internal sealed class Conv2DOp : GradNode
{
    private readonly ConvGeometry _geometry;
    private readonly FusedActivation _activation;
    private GradNode? _bias;
    private Saved _x, _w, _y;
    private Storage? _slope;

    private Conv2DOp(Tensor x, Tensor w, Tensor? bias, in ConvGeometry geometry, FusedActivation activation, Tensor y, Storage? slope)
        : base(y, x.Node, w.Node, bias?.Node)
    {
        _geometry = geometry;
        _activation = activation;
        _bias = bias?.Node;
        _x = new Saved(x);
        _w = new Saved(w);
        if (slope is null) _y = new Saved(y);
        _slope = slope;
    }

    public static Tensor Apply(Tensor x, Tensor w, Tensor? bias, in ConvSettings settings, FusedActivation activation)
    {
        Device device = Device.Common(x, w, "Conv2D");
        ConvGeometry geometry = settings.Geometry(x, w);
        x = x.Contiguous();
        Tensor y = Tensor.Empty([geometry.Batch, geometry.OutHeight, geometry.OutWidth, geometry.OutChannels], x.DType, device);
        bool records = GradMode.Records(x, w, bias);
        TensorView slope = records && !activation.GradientFromOutput ? MemoryScope.RentPrivate(device, y.DType, y.Shape) : default;
        device.Backend.Conv2D(x.View, w.View, bias?.View ?? default, geometry, activation, y.View, slope);
        if (records) y.Node = new Conv2DOp(x, w, bias, geometry, activation, y, slope.Storage);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView x = _x.View(this), w = _w.View(this);
        TensorView dbias = walk.TargetIfNeeded(_bias, out bool accumulateBias);
        Backend.ActivationGrad(_activation, _slope is null ? _y.View(this) : Private(_slope, Shape), dy, dy, dbias, accumulateBias);
        TensorView dw = walk.TargetIfNeeded(_w.Node, out bool accumulateW);
        if (!dw.IsNone) Backend.Conv2DWeightGrad(x, dy, _geometry, dw, accumulateW);
        TensorView dx = walk.TargetIfNeeded(_x.Node, out bool accumulateX);
        if (!dx.IsNone) Backend.Conv2DInputGrad(dy, w, _geometry, dx, accumulateX);
    }

    protected override void Release()
    {
        Return(_slope);
        _bias = null;
        _x = _w = _y = default;
        _slope = null;
    }
}
