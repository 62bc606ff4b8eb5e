namespace MiniDeep;

/// <summary>Does nothing: running a Forward on it finds the shape of its result, and builds what it is made of, without data.</summary>
internal sealed class ShapeBackend : IBackend
{
    public static readonly ShapeBackend Instance = new();
    private static readonly MemoryBlock s_nothing = new NoMemory();

    public long PoolThreshold => long.MaxValue;
    public MemoryBlock Allocate(long bytes) => s_nothing;
    public void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset) { }

    public void Download(Storage source, long byteOffset, Span<byte> destination) => throw new ShapeInferenceException();

    public void Synchronize() { }
    public void Fill(in TensorView y, double value) { }
    public void Copy(in TensorView x, in TensorView y) { }
    public void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate) { }
    public void UnaryGrad(UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate) { }
    public void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate) { }
    public void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y) { }
    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate) { }
    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y) { }
    public void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate) { }

    public bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope) => true;

    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => true;

    public void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias) { }

    public void Conv2D(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope) { }

    public void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate) { }
    public void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate) { }
    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax) { }
    public void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate) { }

    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope) => true;

    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => true;

    public void Softmax(bool logarithm, in TensorView x, in TensorView y) { }
    public void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate) { }
    public void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient) { }
    public void Gather(in TensorView x, in TensorView indices, in TensorView y) { }
    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx) { }
    public void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate) { }
    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets) { }

    private sealed class NoMemory() : MemoryBlock(0);
}
