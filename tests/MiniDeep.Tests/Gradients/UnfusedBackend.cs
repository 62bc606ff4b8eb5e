namespace MiniDeep.Tests.Gradients;

/// <summary>The CPU's backend without fused members: the ops run their plain chains.</summary>
/// <param name="fusesForward">Whether the forward members stay, so that a fused result gets a plain backward pass.</param>
internal sealed class UnfusedBackend(bool fusesForward) : IBackend
{
    private static readonly IBackend _cpu = Device.Cpu.Backend;

    /// <summary>A device that fuses nothing.</summary>
    public static Device Device { get; } = new("unfused", new UnfusedBackend(fusesForward: false));

    /// <summary>A device that fuses no gradient.</summary>
    public static Device Backward { get; } = new("unfused backward", new UnfusedBackend(fusesForward: true));

    /// <summary>Another, so that tensors can move.</summary>
    public static Device Other { get; } = new("other", new UnfusedBackend(fusesForward: false));

    /// <summary>How often a fused member has been asked for on this thread.</summary>
    [field: ThreadStatic]
    public static int Refusals { get; private set; }

    public long PoolThreshold => _cpu.PoolThreshold;

    public MemoryBlock Allocate(long bytes) => _cpu.Allocate(bytes);

    public void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset) => _cpu.Upload(source, destination, byteOffset);

    public void Download(Storage source, long byteOffset, Span<byte> destination) => _cpu.Download(source, byteOffset, destination);

    public void Synchronize() => _cpu.Synchronize();

    public void Fill(in TensorView y, double value) => _cpu.Fill(y, value);

    public void Copy(in TensorView x, in TensorView y) => _cpu.Copy(x, y);

    public void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate) => _cpu.Unary(kind, alpha, x, y, accumulate);

    public void UnaryGrad(UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate) =>
        _cpu.UnaryGrad(kind, alpha, saved, dy, dx, accumulate);

    public void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate) => _cpu.Binary(kind, a, b, y, accumulate);

    public void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y) => _cpu.Select(condition, a, b, y);

    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate) => _cpu.Reduce(kind, x, y, accumulate);

    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y) => _cpu.ArgReduce(largest, x, axis, y);

    public void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate) =>
        _cpu.MatMul(a, transposeA, b, transposeB, c, accumulate);

    public bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope) =>
        fusesForward ? _cpu.Linear(x, w, bias, activation, y, slope) : Refuse();

    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => Refuse();

    public void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias) =>
        _cpu.ActivationGrad(activation, saved, dy, dz, dbias, accumulateBias);

    public void Conv2D(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope) =>
        _cpu.Conv2D(x, w, bias, geometry, activation, y, slope);

    public void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate) =>
        _cpu.Conv2DInputGrad(dz, w, geometry, dx, accumulate);

    public void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate) =>
        _cpu.Conv2DWeightGrad(x, dz, geometry, dw, accumulate);

    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax) => _cpu.MaxPool2D(x, geometry, y, argmax);

    public void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate) =>
        _cpu.MaxPool2DGrad(dy, argmax, geometry, dx, accumulate);

    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope) =>
        fusesForward ? _cpu.ConvPool(x, w, bias, conv, activation, pool, y, argmax, slope) : Refuse();

    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => Refuse();

    public void Softmax(bool logarithm, in TensorView x, in TensorView y) => _cpu.Softmax(logarithm, x, y);

    public void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate) => _cpu.SoftmaxGrad(logarithm, y, dy, dx, accumulate);

    public void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient) =>
        _cpu.CrossEntropy(kind, logits, target, scale, loss, gradient);

    public void Gather(in TensorView x, in TensorView indices, in TensorView y) => _cpu.Gather(x, indices, y);

    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx) => _cpu.ScatterAdd(dy, indices, dx);

    public void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate) => _cpu.Dropout(x, rate, key, stream, y, accumulate);

    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets) => _cpu.Update(rule, targets);

    private static bool Refuse()
    {
        Refusals++;
        return false;
    }
}
