namespace MiniDeep;

internal sealed partial class GpuBackend
{
    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate) => throw new NotImplementedException();
    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y) => throw new NotImplementedException();
    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax) => throw new NotImplementedException();
    public void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate) => throw new NotImplementedException();
    public void Softmax(bool logarithm, in TensorView x, in TensorView y) => throw new NotImplementedException();
    public void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate) => throw new NotImplementedException();
    public void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient) => throw new NotImplementedException();
    public void Gather(in TensorView x, in TensorView indices, in TensorView y) => throw new NotImplementedException();
    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx) => throw new NotImplementedException();
    public void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate) => throw new NotImplementedException();
    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets) => throw new NotImplementedException();
}
