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
    public int Classes, Slices, Kind, HasGradient;
    public double Scale;
}

/// <summary>Loss and gradient in one pass over the logits; a single group also finishes the loss.</summary>
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
            if (args.Kind == (int)CrossEntropyKind.Sigmoid)
            {
                if (isRow) loss += Sigmoid(args, row);
                continue;
            }
            int classes = isRow ? args.Classes : 0, start = isRow ? row * args.Classes : 0;
            RowStatistics statistics = RowStatistics.Of<T, R>(args.X, start, classes, slices, shared);
            if (args.Kind == (int)CrossEntropyKind.Softmax)
            {
                loss += Distribution(args, start, classes, statistics, slices, shared);
                continue;
            }
            int label = isRow ? args.Labels[row] : 0;
            if (isRow && (label < 0 || label >= args.Classes))
            {
                // no gradient until the host is told
                if (row < badRow)
                {
                    badRow = row;
                    badLabel = label;
                }
                label = -1;
            }
            loss += Label(args, start, classes, label, statistics, slices);
        }
        Fault.Note(args.Faults, FaultKind.Label, badRow, badLabel, args.Classes);
        loss = GroupTree.Combine<double, FloatFold>(shared, ReduceKind.Sum, loss, Slices.Of(Group.DimX, true));
        if (Group.IdxX != 0) return;
        if (Grid.DimX == 1) args.Loss[0] = R.Of(loss * args.Scale);
        else args.Partials[Grid.IdxX] = loss;
    }

    /// <summary>This thread's share of a row whose target is a class; -1: of a row without a target.</summary>
    private static double Label(CrossEntropyArgs<T> args, int start, int classes, int label, RowStatistics row, Slices slices)
    {
        if (args.HasGradient != 0)
        {
            T max = R.Of(row.Max);
            for (int i = slices.Index; i < classes; i += slices.Count)
            {
                double p = R.ToDouble(RealMath.Exp<T, R>(args.X[start + i] - max)) / row.Sum;
                args.Gradient[start + i] = label < 0 ? T.Zero : R.Of(args.Scale * (i == label ? p - 1 : p));
            }
        }
        return classes > 0 && slices.Index == 0 && label >= 0 ? (row.Max - R.ToDouble(args.X[start + label])) + RealMath.Log<double, Real64>(row.Sum) : 0;
    }

    /// <summary>The same for a row whose target is a distribution, or at least sums up to something.</summary>
    private static double Distribution(CrossEntropyArgs<T> args, int start, int classes, RowStatistics row, Slices slices, ArrayView<double> shared)
    {
        double weight = 0, loss = 0, logSum = RealMath.Log<double, Real64>(row.Sum);
        for (int i = slices.Index; i < classes; i += slices.Count)
        {
            double t = R.ToDouble(args.Target[start + i]);
            weight += t;
            if (t != 0) loss += t * ((row.Max - R.ToDouble(args.X[start + i])) + logSum);
        }
        weight = GroupTree.Combine<double, FloatFold>(shared, ReduceKind.Sum, weight, slices);
        if (args.HasGradient == 0) return loss;
        T max = R.Of(row.Max);
        for (int i = slices.Index; i < classes; i += slices.Count)
        {
            double p = R.ToDouble(RealMath.Exp<T, R>(args.X[start + i] - max)) / row.Sum;
            args.Gradient[start + i] = R.Of(args.Scale * ((weight * p) - R.ToDouble(args.Target[start + i])));
        }
        return loss;
    }

    /// <summary>An element's loss: max(x, 0) - x t + log(1 + e^-|x|).</summary>
    private static double Sigmoid(CrossEntropyArgs<T> args, int at)
    {
        T x = args.X[at];
        double t = R.ToDouble(args.Target[at]), wide = R.ToDouble(x);
        if (args.HasGradient != 0) args.Gradient[at] = R.Of(args.Scale * (R.ToDouble(RealMath.Sigmoid<T, R>(x)) - t));
        T rest = RealMath.LogOnePlus<T, R>(RealMath.Exp<T, R>(x > T.Zero ? -x : x));
        return (wide > 0 ? wide : 0) - (wide * t) + R.ToDouble(rest);
    }
}
