using System.Numerics;

namespace MiniDeep;

internal sealed partial class GpuBackend
{
    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax)
    {
        if (x.DType == DType.Float32) Pool<MaxPoolKernel<float>, float>(x, y, argmax, geometry, y.Shape.ElementCount, false);
        else Pool<MaxPoolKernel<double>, double>(x, y, argmax, geometry, y.Shape.ElementCount, false);
    }

    public void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate)
    {
        if (dx.DType == DType.Float32) Pool<MaxPoolGradKernel<float>, float>(dx, dy, argmax, geometry, dx.Shape.ElementCount, accumulate);
        else Pool<MaxPoolGradKernel<double>, double>(dx, dy, argmax, geometry, dx.Shape.ElementCount, accumulate);
    }

    private void Pool<TKernel, T>(in TensorView image, in TensorView pooled, in TensorView places, in PoolGeometry geometry, int count, bool accumulate)
        where TKernel : struct, IKernel<PoolArgs<T>>
        where T : unmanaged, INumber<T>
    {
        lock (_lock)
        {
            PoolArgs<T> args = new()
            {
                Image = View<T>(image),
                Pooled = View<T>(pooled),
                Places = View<byte>(places),
                Geometry = geometry,
                Count = count,
                HasPlaces = places.IsNone ? 0 : 1,
                Accumulate = accumulate ? 1 : 0,
            };
            _kernels.Map<TKernel, PoolArgs<T>>(count, args);
        }
    }
}
