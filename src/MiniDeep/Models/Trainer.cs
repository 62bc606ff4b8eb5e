using System.Diagnostics;
using System.Runtime.CompilerServices;
using MiniDeep.Data;

namespace MiniDeep;

/// <summary>One run of Fit.</summary>
internal sealed class Trainer(
    Model model, Optimizer optimizer, Scoring scoring, Scoring validationScoring, StepMemory memory, Callback[] callbacks, CancellationToken cancellation)
{
    private readonly History _history = new();
    private string[] _names = [];
    private double[] _values = [];
    private bool _epochIsOver;
    private int[]? _order;
    private RandomStream? _orderStream;
    private int _samples, _batchSize;
    private long _epochStart;
    private TimeSpan _elapsedBefore;
    private Tensor? _indices;

    /// <param name="train">What to learn.</param>
    /// <param name="epochs">Passes over it.</param>
    /// <param name="batchSize">Samples in a step.</param>
    /// <param name="validation">What to measure on.</param>
    /// <param name="order">What each epoch's order follows from; null for the data's own.</param>
    /// <param name="checkpoint">What to go on from; null to begin.</param>
    public History Run(Dataset train, int epochs, int batchSize, Dataset? validation, RandomStream? order, Resumption? checkpoint)
    {
        (_samples, _batchSize) = (train.Count, batchSize);
        int steps = ((train.Count - 1) / batchSize) + 1;
        _names = validation is null ? scoring.Names : [.. scoring.Names, .. scoring.Names.Select(static name => "val_" + name)];
        _values = new double[_names.Length];
        TrainingState? resumed = checkpoint?.Check(train.Count, batchSize, order, _names);
        _orderStream = resumed?.OrderKey is { } key ? RandomStream.FromKey(key) : order;
        var progress = new TrainingProgress(model, optimizer, epochs, steps, Logs, Capture) { ResumedFrom = checkpoint };
        foreach (Callback callback in callbacks) callback.OnTrainBegin(progress);
        if (resumed is not null)
        {
            // after the callbacks, which set things up as for a run from the beginning, a learning rate for example
            checkpoint!.Apply();
            Restore(resumed);
        }
        try
        {
            for (int epoch = resumed?.Epoch ?? 0; epoch < epochs && !progress.StopTraining; epoch++)
            {
                bool isWhole = RunEpoch(train, epoch, validation, progress, epoch == resumed?.Epoch ? resumed : null);
                if (!isWhole) break;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            foreach (Callback callback in callbacks) callback.OnTrainCancelled(progress);
            throw;
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
    private bool RunEpoch(Dataset train, int epoch, Dataset? validation, TrainingProgress progress, TrainingState? resumed)
    {
        _epochStart = Stopwatch.GetTimestamp();
        _elapsedBefore = resumed?.Elapsed ?? TimeSpan.Zero;
        _epochIsOver = false;
        scoring.Clear();
        if (resumed is { Step: > 0 }) scoring.Restore(resumed.Totals);
        progress.Begin(epoch, resumed?.Step ?? 0);
        double learningRate = optimizer.LearningRate;
        foreach (Callback callback in callbacks) callback.OnEpochBegin(progress);
        if (progress.Step > 0) optimizer.LearningRate = learningRate;    // what they change at an epoch's beginning is in the checkpoint's rate already
        int[]? permutation = _orderStream is { } stream ? Permutation(train, stream.At(epoch)) : train.Pass(epoch);
        _indices = train.Upload(permutation, spare: _indices);
        if (!RunSteps(train, _indices, progress)) return false;
        Score(validation);
        progress.EndEpoch();
        _history.Add(_names, _values, Elapsed);
        foreach (Callback callback in callbacks) callback.OnEpochEnd(progress);
        return true;
    }

    private TimeSpan Elapsed => _elapsedBefore + Stopwatch.GetElapsedTime(_epochStart);

    /// <returns>False where a callback stopped the run before the epoch's last step.</returns>
    private bool RunSteps(Dataset train, Tensor? order, TrainingProgress progress)
    {
        long first = (long)progress.Step * _batchSize;
        for (int at = (int)Math.Min(first, train.Count), count; at < train.Count; at += count)
        {
            cancellation.ThrowIfCancellationRequested();
            count = Math.Min(_batchSize, train.Count - at);
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
        using LayerWatch.Scope watch = NonFiniteWatch.Enter(model.WatchNonFinite);
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
    private void Score(Dataset? validation)
    {
        Span<double> own = _values.AsSpan(0, scoring.Names.Length);
        scoring.Read(own);
        if (validation is not null)
        {
            validationScoring.Clear();
            model.EvaluateWith(validationScoring, validation, _batchSize, cancellation);
            validationScoring.Read(_values.AsSpan(own.Length));
        }
        _epochIsOver = true;
    }

    private IReadOnlyList<KeyValuePair<string, double>> Logs() => _epochIsOver ? Scoring.With(_names, _values) : scoring.Logs();

    private TrainingState Capture(TrainingProgress progress) => new()
    {
        Epoch = _epochIsOver ? progress.Epoch + 1 : progress.Epoch,
        Step = _epochIsOver ? 0 : progress.Step,
        StepsPerEpoch = progress.StepsPerEpoch,
        Samples = _samples,
        BatchSize = _batchSize,
        OrderKey = _orderStream?.Key,
        Names = _names,
        History = _history.Rows(),
        EpochTimes = _history.EpochTimes,
        Elapsed = _epochIsOver ? TimeSpan.Zero : Elapsed,
        Totals = scoring.Totals(),
        Callbacks = [.. callbacks.Select(static callback => KeyValuePair.Create(callback.GetType().Name, callback.State))],
    };

    /// <summary>The history so far, and what each callback remembers: of several of a type, in their order.</summary>
    private void Restore(TrainingState state)
    {
        for (int i = 0; i < state.History.Count; i++) _history.Add(_names, state.History[i], state.EpochTimes[i]);
        var left = state.Callbacks.GroupBy(static pair => pair.Key).ToDictionary(static group => group.Key, static group => new Queue<string?>(group.Select(static pair => pair.Value)));
        foreach (Callback callback in callbacks)
        {
            if (left.TryGetValue(callback.GetType().Name, out Queue<string?>? states) && states.TryDequeue(out string? remembered) && remembered is not null) callback.State = remembered;
        }
    }
}
