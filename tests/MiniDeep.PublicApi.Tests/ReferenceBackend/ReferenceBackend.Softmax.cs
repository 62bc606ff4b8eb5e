namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void Softmax(bool logarithm, in TensorView x, in TensorView y)
    {
        double[] values = Elements.Read(x);
        int classes = x.Shape[^1];
        for (int start = 0; start < values.Length; start += classes)
        {
            Span<double> row = values.AsSpan(start, classes);
            (double max, double logSum) = LogSumExp(row);
            for (int j = 0; j < classes; j++) row[j] = logarithm ? row[j] - max - logSum : Math.Exp(row[j] - max - logSum);
        }
        Elements.Write(y, values);
    }

    public void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate)
    {
        double[] result = Elements.Read(y), gradient = Elements.Read(dy);
        int classes = y.Shape[^1];
        for (int start = 0; start < result.Length; start += classes)
        {
            double sum = 0;
            for (int i = start; i < start + classes; i++) sum += logarithm ? gradient[i] : gradient[i] * result[i];
            for (int i = start; i < start + classes; i++)
                gradient[i] = logarithm ? gradient[i] - Math.Exp(result[i]) * sum : (gradient[i] - sum) * result[i];
        }
        Elements.Write(dx, gradient, accumulate);
    }

    public void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient)
    {
        double[] x = Elements.Read(logits);
        var slopes = new double[x.Length];
        double total = kind == CrossEntropyKind.Sigmoid
            ? SigmoidLoss(x, Elements.Read(target), slopes)
            : SoftmaxLoss(x, kind == CrossEntropyKind.Softmax ? Elements.Read(target) : OneHot(target, logits.Shape), logits.Shape[^1], slopes);
        Elements.Write(loss, [scale * total]);
        if (!gradient.IsNone) Elements.Write(gradient, [.. slopes.Select(slope => scale * slope)]);
    }

    private static double SigmoidLoss(double[] x, double[] t, double[] slopes)
    {
        double total = 0;
        for (int i = 0; i < x.Length; i++)
        {
            total += Math.Max(x[i], 0) - x[i] * t[i] + Functions.LogOnePlus(Math.Exp(-Math.Abs(x[i])));
            slopes[i] = Functions.Sigmoid(x[i]) - t[i];
        }
        return total;
    }

    private static double SoftmaxLoss(double[] x, double[] t, int classes, double[] slopes)
    {
        double total = 0;
        for (int start = 0; start < x.Length; start += classes)
        {
            (double max, double logSum) = LogSumExp(x.AsSpan(start, classes));
            double weight = t.AsSpan(start, classes).ToArray().Sum();
            for (int i = start; i < start + classes; i++)
            {
                if (t[i] != 0) total += t[i] * (max - x[i] + logSum);
                slopes[i] = weight * Math.Exp(x[i] - max - logSum) - t[i];
            }
        }
        return total;
    }

    private static double[] OneHot(in TensorView labels, Shape logits)
    {
        int classes = logits[^1];
        long[] label = Elements.ReadIntegers(labels);
        var hot = new double[label.Length * classes];
        for (int row = 0; row < label.Length; row++)
        {
            if (label[row] < 0 || label[row] >= classes) throw new LabelException($"Row {row} has the label {label[row]}; there are {classes} classes.");
            hot[row * classes + label[row]] = 1;
        }
        return hot;
    }

    /// <summary>The logarithm of the row's sum of exponentials, in two parts: the maximum, and what comes on top of it.</summary>
    private static (double Max, double LogSum) LogSumExp(ReadOnlySpan<double> row)
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (double value in row) max = Math.Max(max, value);
        foreach (double value in row) sum += Math.Exp(value - max);
        return (max, Math.Log(sum));
    }
}
