namespace MiniDeep;

internal sealed unsafe partial class CpuBackend
{
    public void Softmax(bool logarithm, in TensorView x, in TensorView y)
    {
        fixed (byte* pointerX = &Pin(x), pointerY = &Pin(y))
        {
            var job = new RowsJob
            {
                Kernel = SoftmaxKernels.For(logarithm ? SoftmaxKernels.Kind.LogSoftmax : SoftmaxKernels.Kind.Softmax, x.DType, LengthOf(x)),
                X = pointerX,
                Y = pointerY,
            };
            SetRows(ref job, x);
            job.Run();
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
    }

    public void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate)
    {
        fixed (byte* pointerY = &Pin(y), pointerDy = &Pin(dy), pointerDx = &Pin(dx))
        {
            var job = new RowsJob
            {
                Kernel = SoftmaxKernels.For(logarithm ? SoftmaxKernels.Kind.LogSoftmaxGradient : SoftmaxKernels.Kind.SoftmaxGradient, y.DType, LengthOf(y)),
                X = pointerY,
                Target = pointerDy,
                Y = pointerDx,
                Accumulate = accumulate,
            };
            SetRows(ref job, y);
            job.Run();
        }
        GC.KeepAlive(y.Storage);
        GC.KeepAlive(dy.Storage);
        GC.KeepAlive(dx.Storage);
    }

    public void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient)
    {
        double* partials = stackalloc double[RowsJob.MaxPartials];
        fixed (byte* pointerX = &Pin(logits), pointerTarget = &Pin(target), pointerLoss = &Pin(loss), pointerGradient = &Pin(gradient))
        {
            var job = new RowsJob { X = pointerX, Target = pointerTarget, Y = pointerGradient, Scale = scale, Partials = partials };
            if (kind == CrossEntropyKind.Sigmoid)
            {
                job.Rows = logits.Shape.ElementCount;
                job.Length = 1;
            }
            else
            {
                SetRows(ref job, logits);
            }
            if (kind == CrossEntropyKind.SparseSoftmax) CheckLabels((int*)pointerTarget, job.Rows, job.Length);
            job.Kernel = SoftmaxKernels.For(
                kind switch
                {
                    CrossEntropyKind.SparseSoftmax => SoftmaxKernels.Kind.SparseCrossEntropy,
                    CrossEntropyKind.Softmax => SoftmaxKernels.Kind.CrossEntropy,
                    _ => SoftmaxKernels.Kind.SigmoidCrossEntropy,
                },
                logits.DType, job.Length);
            double sum = scale * job.Run();
            if (loss.DType == DType.Float32) *(float*)pointerLoss = (float)sum;
            else *(double*)pointerLoss = sum;
        }
        GC.KeepAlive(logits.Storage);
        GC.KeepAlive(target.Storage);
        GC.KeepAlive(loss.Storage);
        GC.KeepAlive(gradient.Storage);
    }

    private static void CheckLabels(int* labels, int rows, int classes)
    {
        for (int row = 0; row < rows; row++)
        {
            if ((uint)labels[row] >= (uint)classes)
                throw new LabelException($"Row {row} has label {labels[row]}, but there are {classes} classes: labels go from 0 to {classes - 1}.");
        }
    }

    private static int LengthOf(in TensorView x) => x.Shape.Rank == 0 ? 1 : x.Shape[^1];

    private static void SetRows(ref RowsJob job, in TensorView x)
    {
        job.Length = LengthOf(x);
        job.Rows = job.Length == 0 ? 0 : x.Shape.ElementCount / job.Length;
    }
}
