using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>The operands of a softmax over rows, or of its gradient.</summary>
internal struct SoftmaxArgs<T>
    where T : unmanaged
{
    /// <summary>The logits; for the gradient, the softmax.</summary>
    public ArrayView<T> X;

    /// <summary>The gradient of the softmax.</summary>
    public ArrayView<T> Dy;
    public ArrayView<T> Y;
    public int Rows, Classes, Slices, Logarithm, Accumulate;
}

/// <summary>What a softmax subtracts and divides by. A row with NaN, or with nothing above -infinity, has a sum of NaN.</summary>
internal struct RowStatistics
{
    public double Max, Sum;

    /// <summary>Of the row that starts at an element; all threads of the group call, those without a row with 0 classes.</summary>
    public static RowStatistics Of<T, R>(ArrayView<T> x, int start, int classes, Slices slices, ArrayView<double> shared)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        var row = default(RowStatistics);
        T max = -RealMath.Infinity<T, R>();
        for (int i = slices.Index; i < classes; i += slices.Count) max = x[start + i] > max ? x[start + i] : max;
        row.Max = GroupTree.Combine<double, FloatFold>(shared, ReduceKind.Max, R.ToDouble(max), slices);
        max = R.Of(row.Max);
        double sum = 0;
        for (int i = slices.Index; i < classes; i += slices.Count) sum += R.ToDouble(RealMath.Exp<T, R>(x[start + i] - max));
        row.Sum = GroupTree.Combine<double, FloatFold>(shared, ReduceKind.Sum, sum, slices);
        return row;
    }
}

/// <summary>Softmax or its logarithm; the threads of a group share one row or several.</summary>
internal readonly struct SoftmaxKernel<T, R> : IKernel<SoftmaxArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(SoftmaxArgs<T> args)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Slices.MaxGroup);
        Slices slices = Slices.Of(args.Slices, true);
        for (int first = Grid.IdxX * slices.Lanes; first < args.Rows; first += Grid.DimX * slices.Lanes)
        {
            bool isRow = first + slices.Lane < args.Rows;
            int classes = isRow ? args.Classes : 0, start = isRow ? (first + slices.Lane) * args.Classes : 0;
            RowStatistics row = RowStatistics.Of<T, R>(args.X, start, classes, slices, shared);
            double logSum = RealMath.Log<double, Real64>(row.Sum);
            T max = R.Of(row.Max), share = R.Of(1 / row.Sum);
            for (int i = slices.Index; i < classes; i += slices.Count)
            {
                T x = args.X[start + i];
                args.Y[start + i] = args.Logarithm != 0 ? R.Of((R.ToDouble(x) - row.Max) - logSum) : RealMath.Exp<T, R>(x - max) * share;
            }
        }
    }
}

/// <summary>The gradient of softmax, (dy - sum dy y) y, or of its logarithm, dy - e^y sum dy.</summary>
internal readonly struct SoftmaxGradKernel<T, R> : IKernel<SoftmaxArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(SoftmaxArgs<T> args)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Slices.MaxGroup);
        Slices slices = Slices.Of(args.Slices, true);
        for (int first = Grid.IdxX * slices.Lanes; first < args.Rows; first += Grid.DimX * slices.Lanes)
        {
            bool isRow = first + slices.Lane < args.Rows;
            int classes = isRow ? args.Classes : 0, start = isRow ? (first + slices.Lane) * args.Classes : 0;
            double sum = 0;
            for (int i = slices.Index; i < classes; i += slices.Count)
            {
                double dy = R.ToDouble(args.Dy[start + i]);
                sum += args.Logarithm != 0 ? dy : dy * R.ToDouble(args.X[start + i]);
            }
            sum = GroupTree.Combine<double, FloatFold>(shared, ReduceKind.Sum, sum, slices);
            for (int i = slices.Index; i < classes; i += slices.Count)
            {
                T y = args.X[start + i];
                double dy = R.ToDouble(args.Dy[start + i]);
                T dx = R.Of(args.Logarithm != 0 ? dy - (R.ToDouble(RealMath.Exp<T, R>(y)) * sum) : (dy - sum) * R.ToDouble(y));
                args.Y[start + i] = args.Accumulate != 0 ? args.Y[start + i] + dx : dx;
            }
        }
    }
}
