namespace MiniDeep;

/// <summary>The loss and metrics of a run, with their running means.</summary>
internal sealed class Scoring(Loss loss, IReadOnlyList<Metric> metrics, Device device)
{
    private readonly RunningTotals _totals = new(metrics.Count + 1, device);

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

    /// <summary>Names and running means. Waits for the device.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Read()
    {
        double[] means = _totals.Read();
        var logs = new KeyValuePair<string, double>[means.Length];
        for (int i = 0; i < means.Length; i++) logs[i] = KeyValuePair.Create(i == 0 ? "loss" : metrics[i - 1].Name, means[i]);
        return logs;
    }
}
