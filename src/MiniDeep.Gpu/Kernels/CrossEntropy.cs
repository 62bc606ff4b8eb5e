using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>The operands of a loss on logits.</summary>
internal struct CrossEntropyArgs<T>
    where T : unmanaged
{
    public ArrayView<T> X, Target, Loss, Gradient;
    public ArrayView<int> Labels;

    /// <summary>The groups' sums, where there are several groups.</summary>
    public ArrayView<double> Partials;
    public FaultSink Faults;

    /// <summary>For sigmoid, a row is an element.</summary>
    public int Rows;
    public int Classes, Slices, HasLabels, HasGradient;
    public double Scale;
}

/// <summary>Softmax and cross-entropy, loss and gradient in one kernel; the threads of a group share one row or several.</summary>
internal readonly struct CrossEntropyKernel<T, R> : IKernel<CrossEntropyArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(CrossEntropyArgs<T> args)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Slices.MaxGroup);
        Slices slices = Slices.Of(args.Slices, true);
        double loss = 0;
        int badRow = int.MaxValue, badLabel = 0;
        for (int first = Grid.IdxX * slices.Lanes; first < args.Rows; first += Grid.DimX * slices.Lanes)
        {
            int row = first + slices.Lane;
            bool isRow = row < args.Rows;
            int classes = isRow ? args.Classes : 0, start = isRow ? row * args.Classes : 0;
            int label = isRow && args.HasLabels != 0 ? args.Labels[row] : 0;
            if ((label < 0 || label >= args.Classes) && row < badRow)
            {
                // such a row has no target, so no loss and no gradient, until the host is told
                badRow = row;
                badLabel = label;
            }
            RowStatistics statistics = RowStatistics.Of<T, R>(args.X, start, classes, slices, shared);
            double weight = 0, logSum = RealMath.Log<double, Real64>(statistics.Sum);
            for (int i = slices.Index; i < classes; i += slices.Count)
            {
                double t = Target(args, start, i, label);
                weight += t;
                if (double.IsNaN(t) || t != 0) loss += t * ((statistics.Max - R.ToDouble(args.X[start + i])) + logSum);
            }
            weight = GroupTree.Combine<double, FloatFold>(shared, ReduceKind.Sum, weight, slices);
            T max = R.Of(statistics.Max);
            double share = weight / statistics.Sum;
            int written = args.HasGradient != 0 ? classes : 0;
            for (int i = slices.Index; i < written; i += slices.Count)
            {
                // in 53 bits: near a right and sure answer the two nearly cancel
                double p = R.ToDouble(RealMath.Exp<T, R>(args.X[start + i] - max)) * share;
                args.Gradient[start + i] = R.Of(args.Scale * (p - Target(args, start, i, label)));
            }
        }
        Fault.Note(args.Faults, FaultKind.Label, badRow, badLabel, args.Classes);
        Losses.Leave<T, R>(args, loss, shared);
    }

    /// <summary>The target of a row's i-th class.</summary>
    private static double Target(CrossEntropyArgs<T> args, int start, int i, int label) =>
        args.HasLabels == 0 ? R.ToDouble(args.Target[start + i]) : i == label ? 1.0 : 0.0;
}

/// <summary>Sigmoid and binary cross-entropy of each element: max(x, 0) - x t + log(1 + e^-|x|).</summary>
internal readonly struct SigmoidCrossEntropyKernel<T, R> : IKernel<CrossEntropyArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(CrossEntropyArgs<T> args)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Slices.MaxGroup);
        double loss = 0;
        for (int i = Work.First; i < args.Rows; i += Work.Step)
        {
            T x = args.X[i];
            double t = R.ToDouble(args.Target[i]), wide = R.ToDouble(x);
            T rest = RealMath.LogOnePlus<T, R>(RealMath.Exp<T, R>(x > T.Zero ? -x : x));
            loss += (wide > 0 ? wide : 0) - (wide * t) + R.ToDouble(rest);
            if (args.HasGradient != 0) args.Gradient[i] = R.Of(args.Scale * (R.ToDouble(RealMath.Sigmoid<T, R>(x)) - t));
        }
        Losses.Leave<T, R>(args, loss, shared);
    }
}

/// <summary>What loss kernels end with.</summary>
internal static class Losses
{
    /// <summary>Adds up the threads' losses: a single group has the result, several leave partial sums.</summary>
    public static void Leave<T, R>(CrossEntropyArgs<T> args, double loss, ArrayView<double> shared)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        loss = GroupTree.Combine<double, FloatFold>(shared, ReduceKind.Sum, loss, Slices.Of(Group.DimX, true));
        if (Group.IdxX != 0) return;
        if (Grid.DimX == 1) args.Loss[0] = R.Of(loss * args.Scale);
        else args.Partials[Grid.IdxX] = loss;
    }
}
