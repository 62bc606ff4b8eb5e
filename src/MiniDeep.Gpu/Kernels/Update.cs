using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>A parameter of an update, and the groups that work on it.</summary>
internal struct UpdateParameter<T>
    where T : unmanaged
{
    public ArrayView<T> Weights, Gradient, State0, State1;
    public int Count, FirstGroup, Groups;
}

/// <summary>Several parameters, and a rule's numbers of this step. The parameters that aren't there have a first group behind the grid.</summary>
internal struct UpdateArgs<T>
    where T : unmanaged
{
    /// <summary>The parameters of one launch: OpenCL promises room for 1,024 bytes of arguments.</summary>
    public const int Parameters = 8;

    public UpdateParameter<T> P0, P1, P2, P3, P4, P5, P6, P7;
    public int Kind;

    /// <summary>The learning rate (Adam: with the correction of both moments in it).</summary>
    public T Rate;

    /// <summary>mu; Adam: 1 - beta1.</summary>
    public T First;

    /// <summary>Adam: 1 - beta2.</summary>
    public T Second;
    public T Epsilon;

    public void Set(int index, in UpdateParameter<T> parameter)
    {
        switch (index)
        {
            case 0: P0 = parameter; break;
            case 1: P1 = parameter; break;
            case 2: P2 = parameter; break;
            case 3: P3 = parameter; break;
            case 4: P4 = parameter; break;
            case 5: P5 = parameter; break;
            case 6: P6 = parameter; break;
            default: P7 = parameter; break;
        }
    }
}

/// <summary>The rules of <see cref="UpdateKind"/>.</summary>
internal readonly struct UpdateKernel<T, R> : IKernel<UpdateArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(UpdateArgs<T> args)
    {
        int group = Grid.IdxX;
        UpdateParameter<T> p = args.P0;
        if (group >= args.P1.FirstGroup) p = args.P1;
        if (group >= args.P2.FirstGroup) p = args.P2;
        if (group >= args.P3.FirstGroup) p = args.P3;
        if (group >= args.P4.FirstGroup) p = args.P4;
        if (group >= args.P5.FirstGroup) p = args.P5;
        if (group >= args.P6.FirstGroup) p = args.P6;
        if (group >= args.P7.FirstGroup) p = args.P7;
        for (int i = ((group - p.FirstGroup) * Group.DimX) + Group.IdxX; i < p.Count; i += p.Groups * Group.DimX)
        {
            T w = p.Weights[i], g = p.Gradient[i];
            switch ((UpdateKind)args.Kind)
            {
                case UpdateKind.Sgd:
                    p.Weights[i] = w - (args.Rate * g);
                    break;
                case UpdateKind.Momentum:
                case UpdateKind.Nesterov:
                    T step = args.Rate * g;
                    T velocity = (args.First * p.State0[i]) - step;
                    if (IsTiny(velocity)) velocity = T.Zero;
                    p.State0[i] = velocity;
                    p.Weights[i] = w + (args.Kind == (int)UpdateKind.Nesterov ? (args.First * velocity) - step : velocity);
                    break;
                default:
                    T m = p.State0[i], v = p.State1[i];
                    m += (g - m) * args.First;
                    v += ((g * g) - v) * args.Second;
                    if (IsTiny(m))
                    {
                        // v acts on nothing there, and would otherwise end as a slow subnormal
                        m = T.Zero;
                        if (!T.IsNaN(v) && v < R.Of(R.IsDouble ? 1e-300 : 1e-35)) v = T.Zero;
                    }
                    p.State0[i] = m;
                    p.State1[i] = v;
                    p.Weights[i] = w - (m * args.Rate / (R.Sqrt(v) + args.Epsilon));
                    break;
            }
        }
    }

    /// <summary>NaN is asked for first: a compiler of a device may turn a comparison around without it.</summary>
    private static bool IsTiny(T x) => !T.IsNaN(x) && x < R.Of(R.IsDouble ? 1e-290 : 1e-30) && x > R.Of(R.IsDouble ? -1e-290 : -1e-30);
}
