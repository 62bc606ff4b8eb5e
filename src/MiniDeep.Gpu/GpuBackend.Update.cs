using System.Numerics;
using ILGPU;

namespace MiniDeep;

internal sealed partial class GpuBackend
{
    public void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate)
    {
        if (x.DType == DType.Float32) Dropout<float, Real32>(x, rate, key, stream, y, accumulate);
        else Dropout<double, Real64>(x, rate, key, stream, y, accumulate);
    }

    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets)
    {
        lock (_lock)
        {
            Update<float, Real32>(rule, targets, DType.Float32);
            Update<double, Real64>(rule, targets, DType.Float64);
        }
    }

    private void Dropout<T, R>(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        lock (_lock)
        {
            DropoutArgs<T> args = new()
            {
                X = View<T>(x),
                Y = View<T>(y),
                Count = x.Shape.ElementCount,
                Accumulate = accumulate ? 1 : 0,
                Scale = R.Of(rate < 1 ? 1 / (1 - rate) : 0),
                // at rate 1 no half reaches 2^16
                Threshold = (uint)Math.Ceiling(rate * (1 << 16)),
                Key = key,
                Stream = stream,
            };
            _kernels.Map<DropoutKernel<T>, DropoutArgs<T>>(((long)args.Count + 7) / 8, args);
        }
    }

    /// <summary>The parameters of one type, several in a launch; each has groups of its own.</summary>
    private void Update<T, R>(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets, DType dtype)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        UpdateArgs<T> args = default;
        int taken = 0, groups = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            ref readonly UpdateTarget target = ref targets[i];
            if (target.Weights.DType != dtype || target.Weights.Shape.ElementCount == 0) continue;
            if (taken == 0) args = UpdateArguments<T, R>(rule);
            UpdateParameter<T> parameter = new()
            {
                Weights = View<T>(target.Weights),
                Gradient = View<T>(target.Gradient),
                State0 = View<T>(target.State0),
                State1 = View<T>(target.State1),
                Count = target.Weights.Shape.ElementCount,
                FirstGroup = groups,
            };
            parameter.Groups = Math.Min(Ratio(parameter.Count, Limits.MapGroup), Limits.MapGroups);
            args.Set(taken++, parameter);
            groups += parameter.Groups;
            if (taken < UpdateArgs<T>.Parameters) continue;
            _kernels.Launch<UpdateKernel<T, R>, UpdateArgs<T>>(new KernelConfig(groups, Limits.MapGroup), args);
            taken = groups = 0;
        }
        if (taken > 0) _kernels.Launch<UpdateKernel<T, R>, UpdateArgs<T>>(new KernelConfig(groups, Limits.MapGroup), args);
    }

    private UpdateArgs<T> UpdateArguments<T, R>(in UpdateRule rule)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        double rate = rule.LearningRate.Value, first = rule.Beta1;
        if (rule.Kind == UpdateKind.Adam)
        {
            double step = rule.Step.Value;
            rate *= Math.Sqrt(1 - Math.Pow(rule.Beta2, step)) / (1 - Math.Pow(rule.Beta1, step));
            first = 1 - rule.Beta1;
        }
        UpdateArgs<T> args = new()
        {
            Kind = (int)rule.Kind,
            Rate = R.Of(rate),
            First = R.Of(first),
            Second = R.Of(1 - rule.Beta2),
            Epsilon = R.Of(rule.Epsilon),
        };
        UpdateParameter<T> none = new()
        {
            Weights = View<T>(default),
            Gradient = View<T>(default),
            State0 = View<T>(default),
            State1 = View<T>(default),
            FirstGroup = int.MaxValue,
        };
        for (int i = 0; i < UpdateArgs<T>.Parameters; i++) args.Set(i, none);
        return args;
    }
}
