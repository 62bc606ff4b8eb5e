namespace MiniDeep;

internal sealed partial class GpuBackend
{
    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate) => throw new NotImplementedException();
    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y) => throw new NotImplementedException();
    public void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate) => throw new NotImplementedException();
    public bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope) => throw new NotImplementedException();
    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => throw new NotImplementedException();
    public void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias) => throw new NotImplementedException();
    public void Conv2D(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope) => throw new NotImplementedException();
    public void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate) => throw new NotImplementedException();
    public void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate) => throw new NotImplementedException();
    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope) => throw new NotImplementedException();
    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => throw new NotImplementedException();
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
