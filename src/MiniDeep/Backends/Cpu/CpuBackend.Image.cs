namespace MiniDeep;

internal sealed unsafe partial class CpuBackend
{
    public void Conv2D(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope)
    {
        if (y.DType == DType.Float32) Conv2D<float>(x, w, bias, geometry, activation, y, slope);
        else Conv2D<double>(x, w, bias, geometry, activation, y, slope);
    }

    public void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate)
    {
        if (dz.DType == DType.Float32) Conv2DInputGrad<float>(dz, w, geometry, dx, accumulate);
        else Conv2DInputGrad<double>(dz, w, geometry, dx, accumulate);
    }

    public void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate)
    {
        if (dz.DType == DType.Float32) Conv2DWeightGrad<float>(x, dz, geometry, dw, accumulate);
        else Conv2DWeightGrad<double>(x, dz, geometry, dw, accumulate);
    }

    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax)
    {
        if (x.DType == DType.Float32) MaxPool<float>(x, geometry, y, argmax, false, false);
        else MaxPool<double>(x, geometry, y, argmax, false, false);
    }

    public void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate)
    {
        if (dy.DType == DType.Float32) MaxPool<float>(dx, geometry, dy, argmax, true, accumulate);
        else MaxPool<double>(dx, geometry, dy, argmax, true, accumulate);
    }

    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope)
    {
        if (!FusedKinds.Has(activation.Kind) || !ConvPoolCall<float>.Supports(conv, pool)) return false;
        if (y.DType == DType.Float32) ConvPool<float>(x, w, bias, conv, activation, pool, y, argmax, slope);
        else ConvPool<double>(x, w, bias, conv, activation, pool, y, argmax, slope);
        return true;
    }

    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
    {
        if (!FusedKinds.Has(activation.Kind) || !ConvPoolCall<float>.Supports(conv, pool)) return false;
        if (dy.DType == DType.Float32)
        {
            ConvPoolGrad<float>(x, w, conv, activation, pool, saved, argmax, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias);
        }
        else
        {
            ConvPoolGrad<double>(x, w, conv, activation, pool, saved, argmax, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias);
        }
        return true;
    }

    private static void Conv2D<T>(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope)
        where T : unmanaged
    {
        fixed (byte* pinnedX = &Pin(x), pinnedW = &Pin(w), pinnedBias = &Pin(bias), pinnedY = &Pin(y), pinnedSlope = &Pin(slope))
        {
            ConvCall<T> call = new()
            {
                Shape = ConvShape.Forward(geometry),
                X = (T*)pinnedX,
                W = (T*)pinnedW,
                Bias = (T*)pinnedBias,
                Y = (T*)pinnedY,
                Slope = (T*)pinnedSlope,
                Activation = activation,
            };
            KernelCall.Run<ConvCall<T>, T>(ref call);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(w.Storage);
        GC.KeepAlive(bias.Storage);
        GC.KeepAlive(y.Storage);
        GC.KeepAlive(slope.Storage);
    }

    private static void Conv2DInputGrad<T>(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate)
        where T : unmanaged
    {
        fixed (byte* pinnedDz = &Pin(dz), pinnedW = &Pin(w), pinnedDx = &Pin(dx))
        {
            ConvCall<T> call = new()
            {
                Shape = ConvShape.InputGrad(geometry),
                X = (T*)pinnedDz,
                W = (T*)pinnedW,
                Y = (T*)pinnedDx,
                Accumulate = accumulate,
                Turned = true,
            };
            KernelCall.Run<ConvCall<T>, T>(ref call);
        }
        GC.KeepAlive(dz.Storage);
        GC.KeepAlive(w.Storage);
        GC.KeepAlive(dx.Storage);
    }

    private static void Conv2DWeightGrad<T>(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate)
        where T : unmanaged
    {
        fixed (byte* pinnedX = &Pin(x), pinnedDz = &Pin(dz), pinnedDw = &Pin(dw))
        {
            ConvWeightGradCall<T> call = new()
            {
                Shape = ConvShape.Forward(geometry),
                X = (T*)pinnedX,
                Dz = (T*)pinnedDz,
                Dw = (T*)pinnedDw,
                Accumulate = accumulate,
            };
            KernelCall.Run<ConvWeightGradCall<T>, T>(ref call);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(dz.Storage);
        GC.KeepAlive(dw.Storage);
    }

    private static void MaxPool<T>(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax, bool gradient, bool accumulate)
        where T : unmanaged
    {
        fixed (byte* pinnedX = &Pin(x), pinnedY = &Pin(y), pinnedArgmax = &Pin(argmax))
        {
            MaxPoolCall<T> call = new()
            {
                Geometry = geometry,
                X = (T*)pinnedX,
                Y = (T*)pinnedY,
                Argmax = pinnedArgmax,
                Gradient = gradient,
                Accumulate = accumulate,
            };
            KernelCall.Run<MaxPoolCall<T>, T>(ref call);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
        GC.KeepAlive(argmax.Storage);
    }

    private static void ConvPool<T>(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope)
        where T : unmanaged
    {
        fixed (byte* pinnedX = &Pin(x), pinnedW = &Pin(w), pinnedBias = &Pin(bias), pinnedY = &Pin(y), pinnedArgmax = &Pin(argmax), pinnedSlope = &Pin(slope))
        {
            ConvPoolCall<T> call = new()
            {
                Shape = ConvPoolCall<T>.Cut(conv, pool),
                WindowHeight = pool.WindowHeight,
                WindowWidth = pool.WindowWidth,
                X = (T*)pinnedX,
                W = (T*)pinnedW,
                Bias = (T*)pinnedBias,
                Y = (T*)pinnedY,
                Argmax = pinnedArgmax,
                Slope = (T*)pinnedSlope,
                Activation = activation,
            };
            KernelCall.Run<ConvPoolCall<T>, T>(ref call);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(w.Storage);
        GC.KeepAlive(bias.Storage);
        GC.KeepAlive(y.Storage);
        GC.KeepAlive(argmax.Storage);
        GC.KeepAlive(slope.Storage);
    }

    private static void ConvPoolGrad<T>(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
        where T : unmanaged
    {
        fixed (byte* pinnedX = &Pin(x), pinnedW = &Pin(w), pinnedSaved = &Pin(saved), pinnedArgmax = &Pin(argmax), pinnedDy = &Pin(dy))
        fixed (byte* pinnedDx = &Pin(dx), pinnedDw = &Pin(dw), pinnedDbias = &Pin(dbias))
        {
            ConvPoolGradCall<T> call = new()
            {
                Shape = ConvPoolCall<T>.Cut(conv, pool),
                Input = ConvShape.InputGrad(conv with { OutHeight = pool.OutHeight * pool.WindowHeight, OutWidth = pool.OutWidth * pool.WindowWidth }),
                WindowHeight = pool.WindowHeight,
                WindowWidth = pool.WindowWidth,
                X = (T*)pinnedX,
                W = (T*)pinnedW,
                Saved = (T*)pinnedSaved,
                Argmax = pinnedArgmax,
                Dy = (T*)pinnedDy,
                Dx = (T*)pinnedDx,
                Dw = (T*)pinnedDw,
                Dbias = (T*)pinnedDbias,
                AccumulateX = accumulateX,
                AccumulateW = accumulateW,
                AccumulateBias = accumulateBias,
                Activation = activation,
            };
            KernelCall.Run<ConvPoolGradCall<T>, T>(ref call);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(w.Storage);
        GC.KeepAlive(saved.Storage);
        GC.KeepAlive(argmax.Storage);
        GC.KeepAlive(dy.Storage);
        GC.KeepAlive(dx.Storage);
        GC.KeepAlive(dw.Storage);
        GC.KeepAlive(dbias.Storage);
    }
}
