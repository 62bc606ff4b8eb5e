namespace MiniDeep;

/// <summary>The loss and metrics of a run, with their running means.</summary>
internal sealed class Scoring(Loss loss, IReadOnlyList<Metric> metrics, Device device)
{
    private readonly RunningTotals _totals = new(metrics.Count + 1, device);

    /// <summary>"loss" and the metrics' names.</summary>
    public string[] Names { get; } = ["loss", .. metrics.Select(static metric => metric.Name)];

    public void Clear() => _totals.Clear();

    /// <summary>The loss of a batch; loss and metrics are added to the running means.</summary>
    public Tensor Score(Tensor predictions, Tensor targets)
    {
        Tensor value = loss.Of(predictions, targets);
        if (value.Count != 1) throw new ShapeException($"Loss {loss.Name} gave shape {value.Shape}; a loss is a scalar.");
        int samples = predictions.Shape[0];
        _totals.Add(0, value, samples, loss.Reduction == Reduction.Sum);
        for (int i = 0; i < metrics.Count; i++) _totals.Add(i + 1, metrics[i].Of(predictions, targets), samples);
        return value;
    }

    /// <summary>What the running means are made of. Waits for the device.</summary>
    public (double[] Sums, double[] Weights) Totals() => _totals.Save();

    /// <summary>Goes on from totals that were saved.</summary>
    public void Restore((double[] Sums, double[] Weights) totals) => _totals.Restore(totals);

    /// <summary>The running means in the order of the names. Waits for the device.</summary>
    public void Read(Span<double> means) => _totals.Read(means);

    /// <summary>Names and running means. Waits for the device.</summary>
    public KeyValuePair<string, double>[] Logs()
    {
        var means = new double[Names.Length];
        Read(means);
        return With(Names, means);
    }

    /// <summary>Names with their values.</summary>
    public static KeyValuePair<string, double>[] With(string[] names, double[] values)
    {
        var logs = new KeyValuePair<string, double>[names.Length];
        for (int i = 0; i < logs.Length; i++) logs[i] = KeyValuePair.Create(names[i], values[i]);
        return logs;
    }
}
