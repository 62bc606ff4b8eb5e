namespace MiniDeep;

internal sealed unsafe partial class CpuBackend
{
    public void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate)
    {
        if (c.DType == DType.Float32) MatMul<float>(a, transposeA, b, transposeB, c, accumulate);
        else MatMul<double>(a, transposeA, b, transposeB, c, accumulate);
    }

    public bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope)
    {
        if (!FusedKinds.Has(activation.Kind)) return false;
        if (y.DType == DType.Float32) Linear<float>(x, w, bias, activation, y, slope);
        else Linear<double>(x, w, bias, activation, y, slope);
        return true;
    }

    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
    {
        if (!FusedKinds.Has(activation.Kind)) return false;
        if (dy.DType == DType.Float32) LinearGrad<float>(x, w, saved, activation, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias);
        else LinearGrad<double>(x, w, saved, activation, dy, dx, accumulateX, dw, accumulateW, dbias, accumulateBias);
        return true;
    }

    private static void MatMul<T>(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate)
        where T : unmanaged
    {
        ReadOnlySpan<int> sizesA = a.Shape.Sizes, sizesC = c.Shape.Sizes;
        int m = sizesC[^2], n = sizesC[^1], k = transposeA ? sizesA[^2] : sizesA[^1];
        int batch = 1;
        foreach (int size in sizesC[..^2]) batch *= size;
        bool oneB = b.Shape.Rank == 2;
        MatMulCall<T> call = new()
        {
            M = m,
            N = n,
            K = k,
            TransposeA = transposeA,
            TransposeB = transposeB,
            Accumulate = accumulate,
            Batch = batch,
            BatchA = a.Shape.Rank == 2 ? 0 : m * (nint)k,
            BatchB = oneB ? 0 : k * (nint)n,
            BatchC = m * (nint)n,
        };
        if (batch > 1 && oneB && call.BatchA != 0 && !transposeA)
        {
            // a batch of rows against one matrix is one tall matrix
            call.M = checked(m * batch);
            call.Batch = 1;
        }
        fixed (byte* pinnedA = &Pin(a), pinnedB = &Pin(b), pinnedC = &Pin(c))
        {
            call.A = (T*)pinnedA;
            call.B = (T*)pinnedB;
            call.C = (T*)pinnedC;
            KernelCall.Run<MatMulCall<T>, T>(ref call);
        }
        GC.KeepAlive(a.Storage);
        GC.KeepAlive(b.Storage);
        GC.KeepAlive(c.Storage);
    }

    private static void Linear<T>(
        in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope)
        where T : unmanaged
    {
        fixed (byte* pinnedX = &Pin(x), pinnedW = &Pin(w), pinnedBias = &Pin(bias), pinnedY = &Pin(y), pinnedSlope = &Pin(slope))
        {
            MatMulCall<T> call = new()
            {
                A = (T*)pinnedX,
                B = (T*)pinnedW,
                C = (T*)pinnedY,
                Bias = (T*)pinnedBias,
                Slope = (T*)pinnedSlope,
                M = x.Shape[0],
                N = w.Shape[1],
                K = w.Shape[0],
                Batch = 1,
                Activation = activation,
            };
            KernelCall.Run<MatMulCall<T>, T>(ref call);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(w.Storage);
        GC.KeepAlive(bias.Storage);
        GC.KeepAlive(y.Storage);
        GC.KeepAlive(slope.Storage);
    }

    private static void LinearGrad<T>(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
        where T : unmanaged
    {
        fixed (byte* pinnedX = &Pin(x), pinnedW = &Pin(w), pinnedSaved = &Pin(saved), pinnedDy = &Pin(dy))
        fixed (byte* pinnedDx = &Pin(dx), pinnedDw = &Pin(dw), pinnedDbias = &Pin(dbias))
        {
            LinearGradCall<T> call = new()
            {
                X = (T*)pinnedX,
                W = (T*)pinnedW,
                Saved = (T*)pinnedSaved,
                Dy = (T*)pinnedDy,
                Dx = (T*)pinnedDx,
                Dw = (T*)pinnedDw,
                Dbias = (T*)pinnedDbias,
                AccumulateX = accumulateX,
                AccumulateW = accumulateW,
                AccumulateBias = accumulateBias,
                M = dy.Shape[0],
                N = dy.Shape[1],
                K = w.Shape[0],
                Activation = activation,
            };
            KernelCall.Run<LinearGradCall<T>, T>(ref call);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(w.Storage);
        GC.KeepAlive(saved.Storage);
        GC.KeepAlive(dy.Storage);
        GC.KeepAlive(dx.Storage);
        GC.KeepAlive(dw.Storage);
        GC.KeepAlive(dbias.Storage);
    }
}
