using System.Numerics;
using ILGPU;

namespace MiniDeep;

internal sealed partial class GpuBackend
{
    /// <summary>Turns of one group over the rows of a loss that cost less than a second launch.</summary>
    private const int TurnsOfOneGroup = 4;

    public void Softmax(bool logarithm, in TensorView x, in TensorView y)
    {
        if (x.DType == DType.Float32) Rows<SoftmaxKernel<float, Real32>, float>(logarithm, x, default, y, false);
        else Rows<SoftmaxKernel<double, Real64>, double>(logarithm, x, default, y, false);
    }

    public void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate)
    {
        if (y.DType == DType.Float32) Rows<SoftmaxGradKernel<float, Real32>, float>(logarithm, y, dy, dx, accumulate);
        else Rows<SoftmaxGradKernel<double, Real64>, double>(logarithm, y, dy, dx, accumulate);
    }

    public void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient)
    {
        if (logits.DType == DType.Float32) CrossEntropy<float, Real32>(kind, logits, target, scale, loss, gradient);
        else CrossEntropy<double, Real64>(kind, logits, target, scale, loss, gradient);
    }

    private void Rows<TKernel, T>(bool logarithm, in TensorView x, in TensorView dy, in TensorView y, bool accumulate)
        where TKernel : struct, IKernel<SoftmaxArgs<T>>
        where T : unmanaged
    {
        int elements = x.Shape.ElementCount, classes = x.Shape[^1];
        if (elements == 0) return;
        lock (_lock)
        {
            SoftmaxArgs<T> args = new()
            {
                X = View<T>(x),
                Dy = View<T>(dy),
                Y = View<T>(y),
                Rows = elements / classes,
                Classes = classes,
                Slices = RowSlices(classes),
                Logarithm = logarithm ? 1 : 0,
                Accumulate = accumulate ? 1 : 0,
            };
            int groups = Math.Min(Ratio(args.Rows, Limits.MapGroup / args.Slices), Limits.MapGroups);
            _kernels.Launch<TKernel, SoftmaxArgs<T>>(new KernelConfig(groups, Limits.MapGroup), args);
        }
    }

    private void CrossEntropy<T, R>(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        int elements = logits.Shape.ElementCount, classes = kind == CrossEntropyKind.Sigmoid ? 1 : logits.Shape[^1];
        bool hasLabels = kind == CrossEntropyKind.SparseSoftmax;
        lock (_lock)
        {
            CrossEntropyArgs<T> args = new()
            {
                X = View<T>(logits),
                Target = View<T>(hasLabels ? default : target),
                Labels = View<int>(hasLabels ? target : default),
                Loss = View<T>(loss),
                Gradient = View<T>(gradient),
                Faults = _faults.Sink(checks: hasLabels),
                Rows = classes == 0 ? 0 : elements / classes,
                Classes = classes,
                Slices = RowSlices(classes),
                HasLabels = hasLabels ? 1 : 0,
                HasGradient = gradient.IsNone ? 0 : 1,
                Scale = scale,
            };
            int turns = Ratio(args.Rows, Limits.MapGroup / args.Slices), groups = turns <= TurnsOfOneGroup ? 1 : Math.Min(turns, ManyGroups);
            args.Partials = _parts.Take<double>(groups);
            var grid = new KernelConfig(groups, Limits.MapGroup);
            if (kind == CrossEntropyKind.Sigmoid) _kernels.Launch<SigmoidCrossEntropyKernel<T, R>, CrossEntropyArgs<T>>(grid, args);
            else _kernels.Launch<CrossEntropyKernel<T, R>, CrossEntropyArgs<T>>(grid, args);
            if (groups == 1) return;
            ReduceArgs<double> sum = new()
            {
                X = View<byte>(loss),
                Y = View<byte>(loss),
                Partials = args.Partials,
                Kept = new Layout { Count = 1 },
                From = (int)loss.DType,
                To = (int)loss.DType,
                Kind = (int)ReduceKind.Sum,
                Scale = scale,
                Divisor = 1,
            };
            Finish<double, FloatFold>(sum, groups);
        }
    }

    /// <summary>Threads that share a row.</summary>
    private int RowSlices(int classes) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(classes, 1, Limits.MapGroup));
}
