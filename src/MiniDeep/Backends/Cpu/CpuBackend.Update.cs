namespace MiniDeep;

internal sealed unsafe partial class CpuBackend
{
    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets)
    {
        var job = new UpdateJob { Rate = rule.LearningRate.Value, First = rule.Beta1, Epsilon = rule.Epsilon };
        if (rule.Kind == UpdateKind.Adam)
        {
            double step = rule.Step.Value;
            job.Rate *= Math.Sqrt(1 - Math.Pow(rule.Beta2, step)) / (1 - Math.Pow(rule.Beta1, step));
            job.First = 1 - rule.Beta1;
            job.Second = 1 - rule.Beta2;
        }
        for (int i = 0; i < targets.Length; i++)
        {
            ref readonly UpdateTarget target = ref targets[i];
            TensorView weights = target.Weights, gradient = target.Gradient, state0 = target.State0, state1 = target.State1;
            job.Kernel = UpdateKernels.For(rule.Kind, weights.DType);
            job.Count = weights.Shape.ElementCount;
            job.ElementSize = weights.DType.Size();
            fixed (byte* pointerW = &Pin(weights), pointerG = &Pin(gradient), pointer0 = &Pin(state0), pointer1 = &Pin(state1))
            {
                job.Weights = pointerW;
                job.Gradient = pointerG;
                job.State0 = pointer0;
                job.State1 = pointer1;
                job.Run();
            }
            GC.KeepAlive(weights.Storage);
            GC.KeepAlive(gradient.Storage);
            GC.KeepAlive(state0.Storage);
            GC.KeepAlive(state1.Storage);
        }
    }

    public void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate)
    {
        fixed (byte* pointerX = &Pin(x), pointerY = &Pin(y))
        {
            var job = new DropoutJob
            {
                X = pointerX,
                Y = pointerY,
                Count = x.Shape.ElementCount,
                Accumulate = accumulate,
                Key = key,
                Stream = stream,
                Rate = rate,
                ElementSize = x.DType.Size(),
                Kernel = DropoutKernels.For(x.DType),
            };
            job.Run();
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
    }
}
