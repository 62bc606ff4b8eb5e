using System.Diagnostics;
using System.Runtime.CompilerServices;
using MiniDeep.Data;

namespace MiniDeep;

/// <summary>One run of Fit.</summary>
internal sealed class Trainer(
    Model model, Optimizer optimizer, Scoring scoring, StepMemory memory, Callback[] callbacks, CancellationToken cancellation)
{
    private readonly History _history = new();
    private string[] _names = [];
    private double[] _values = [];
    private bool _epochIsOver;
    private int[]? _order;
    private Tensor? _indices;

    public History Run(Dataset train, int epochs, int batchSize, Dataset? validation, RandomStream? order)
    {
        int steps = ((train.Count - 1) / batchSize) + 1;
        _names = validation is null ? scoring.Names : [.. scoring.Names, .. scoring.Names.Select(static name => "val_" + name)];
        _values = new double[_names.Length];
        var progress = new TrainingProgress(model, optimizer, epochs, steps, Logs);
        foreach (Callback callback in callbacks) callback.OnTrainBegin(progress);
        for (int epoch = 0; epoch < epochs && !progress.StopTraining; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            _epochIsOver = false;
            progress.Begin(epoch);
            scoring.Clear();
            foreach (Callback callback in callbacks) callback.OnEpochBegin(progress);
            int[]? permutation = order is { } stream ? Permutation(train, stream.At(epoch)) : train.Pass(epoch);
            _indices = train.Upload(permutation, spare: _indices);
            bool whole = RunEpoch(train, _indices, batchSize, progress);
            if (!whole) break;
            Score(validation, batchSize);
            progress.EndEpoch();
            _history.Add(_names, _values, Stopwatch.GetElapsedTime(start));
            foreach (Callback callback in callbacks) callback.OnEpochEnd(progress);
        }
        foreach (Callback callback in callbacks) callback.OnTrainEnd(progress);
        return _history;
    }

    /// <summary>The samples' order in an epoch: a function of seed and epoch alone, so that a resumed run finds its place.</summary>
    private int[] Permutation(Dataset train, RandomStream epoch)
    {
        Philox.Permutation(_order ??= new int[train.Count], epoch.Key, epoch.Stream);
        return train.Arrange(_order);
    }

    /// <returns>False where a callback stopped the run before the epoch's last step.</returns>
    private bool RunEpoch(Dataset train, Tensor? order, int batchSize, TrainingProgress progress)
    {
        for (int at = 0, count; at < train.Count; at += count)
        {
            cancellation.ThrowIfCancellationRequested();
            count = Math.Min(batchSize, train.Count - at);
            bool completed = false;
            try
            {
                Step(train, order, at, count, progress);
                completed = true;
            }
            finally
            {
                memory.EndStep(completed);
            }
            progress.Advance();
            foreach (Callback callback in callbacks) callback.OnStepEnd(progress);
            if (progress.StopTraining && at + count < train.Count) return false;
        }
        return true;
    }

    // a method of its own, so that nothing of the step is alive in the caller's frame when the step's memory is looked through
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Step(Dataset train, Tensor? order, int start, int count, TrainingProgress progress)
    {
        using MemoryScope.Entered scope = memory.BeginStep().Enter();
        using NonFiniteWatch.Scope watch = NonFiniteWatch.Enter(model.WatchNonFinite);
        Batch batch = train.Read(order, start, count, model.ModelDType);
        if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(batch.Features, $"{Place(progress)}: the input");
        Tensor loss = scoring.Score(model.Call(batch.Features, training: true), batch.Labels);
        if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(loss, $"{Place(progress)}: the loss");
        loss.Backward();
        if (NonFiniteWatch.IsOn) CheckGradients(progress);
        optimizer.Step(model.Parameters);
    }

    private static string Place(TrainingProgress progress) => $"Epoch {progress.Epoch + 1}, step {progress.Step + 1}";

    /// <summary>Before the step, so that the weights stay as they were.</summary>
    private void CheckGradients(TrainingProgress progress)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            if (parameter.Grad is { } gradient) NonFiniteWatch.Check(gradient, $"{Place(progress)}: the gradient of {parameter.Description}");
        }
    }

    /// <summary>The epoch's values: the running means, and behind them those of the validation.</summary>
    private void Score(Dataset? validation, int batchSize)
    {
        Span<double> own = _values.AsSpan(0, scoring.Names.Length);
        scoring.Read(own);
        if (validation is not null)
        {
            scoring.Clear();
            model.EvaluateWith(scoring, validation, batchSize, cancellation);
            scoring.Read(_values.AsSpan(own.Length));
        }
        _epochIsOver = true;
    }

    private IReadOnlyList<KeyValuePair<string, double>> Logs() => _epochIsOver ? Scoring.With(_names, _values) : scoring.Logs();
}
