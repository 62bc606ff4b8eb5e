namespace MiniDeep;

internal sealed unsafe partial class CpuBackend
{
    public void Fill(in TensorView y, double value)
    {
        // one number in y's own type, broadcast by the copy kernel
        ulong element = 0;
        switch (y.DType)
        {
            case DType.Float32: *(float*)&element = (float)value; break;
            case DType.Float64: *(double*)&element = value; break;
            case DType.Int32: *(int*)&element = int.CreateSaturating(value); break;
            case DType.Int64: *(long*)&element = long.CreateSaturating(value); break;
            case DType.UInt8: *(byte*)&element = byte.CreateSaturating(value); break;
            default: *(byte*)&element = value != 0 ? (byte)1 : (byte)0; break;
        }
        fixed (byte* pointer = &Pin(y))
        {
            Row row = new() { A = (byte*)&element, ConstantA = true, Y = pointer };
            if (y.IsContiguous)
            {
                ElementwiseJob.RunContiguous(ElementwiseKernels.Copy(y.DType, y.DType), &row, y.Shape.ElementCount, 0, 0, 0, y.DType.Size());
            }
            else
            {
                row.ConstantA = false;
                var source = new TensorView(y.Storage, 0, y.Shape, new int[y.Shape.Rank]);
                ElementwiseJob.RunStrided(ElementwiseKernels.Copy(y.DType, y.DType), &row, source, default, default, y);
            }
        }
        GC.KeepAlive(y.Storage);
    }

    public void Copy(in TensorView x, in TensorView y)
        => Run(ElementwiseKernels.Copy(x.DType, y.DType), 0, x, default, default, y, false, x.DType == y.DType);

    public void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate)
        => Run(ElementwiseKernels.Unary(kind, alpha, x.DType), alpha, x, default, default, y, accumulate);

    public void UnaryGrad(UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate)
        => Run(ElementwiseKernels.Gradient(kind, alpha, dy.DType), alpha, saved, dy, default, dx, accumulate);

    public void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate)
        => Run(ElementwiseKernels.Binary(kind, a.DType), 0, a, b, default, y, accumulate);

    public void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y)
        => Run(ElementwiseKernels.Select(y.DType), 0, condition, a, b, y, false);

    public void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias)
    {
        if (activation.GradientFromOutput) UnaryGrad(activation.Kind, activation.Alpha, saved, dy, dz, false);
        else Binary(BinaryKind.Multiply, dy, saved, dz, false);
        if (!dbias.IsNone) SumOverLeadingAxes(dz, dbias, accumulateBias);
    }

    private static void Run(
        delegate*<Row*, void> kernel, double alpha, in TensorView a, in TensorView b, in TensorView c, in TensorView y, bool accumulate,
        bool copies = false)
    {
        fixed (byte* pointerA = &Pin(a), pointerB = &Pin(b), pointerC = &Pin(c), pointerY = &Pin(y))
        {
            Row row = new() { A = pointerA, B = pointerB, C = pointerC, Y = pointerY, Accumulate = accumulate, Alpha = alpha };
            if (a.IsContiguous && b.IsContiguous && c.IsContiguous && y.IsContiguous)
            {
                ElementwiseJob.RunContiguous(kernel, &row, y.Shape.ElementCount, SizeOf(a), SizeOf(b), SizeOf(c), SizeOf(y));
            }
            else
            {
                ElementwiseJob.RunStrided(kernel, &row, a, b, c, y, copies);
            }
        }
        GC.KeepAlive(a.Storage);
        GC.KeepAlive(b.Storage);
        GC.KeepAlive(c.Storage);
        GC.KeepAlive(y.Storage);
    }

    private static int SizeOf(in TensorView view) => view.IsNone ? 0 : view.DType.Size();
}
