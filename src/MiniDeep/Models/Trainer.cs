using System.Diagnostics;
using System.Runtime.CompilerServices;
using MiniDeep.Data;

namespace MiniDeep;

/// <summary>One run of Fit.</summary>
internal sealed class Trainer(
    Model model, Optimizer optimizer, Scoring scoring, StepMemory memory, IReadOnlyList<Callback> callbacks, CancellationToken cancellation)
{
    private readonly History _history = new();

    public History Run(Dataset train, int epochs, int batchSize, Dataset? validation, RandomStream? order)
    {
        int steps = (train.Count + batchSize - 1) / batchSize;
        var progress = new TrainingProgress(model, optimizer, epochs, steps, scoring.Read);
        foreach (Callback callback in callbacks) callback.OnTrainBegin(progress);
        for (int epoch = 0; epoch < epochs && !progress.StopTraining; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            progress.Begin(epoch);
            scoring.Clear();
            foreach (Callback callback in callbacks) callback.OnEpochBegin(progress);
            int[]? permutation = order is { } stream ? Permutation(train, stream.At(epoch)) : null;
            bool whole = RunEpoch(train, permutation, batchSize, progress);
            if (!whole) break;
            progress.EndEpoch(Logs(validation, batchSize));
            _history.Add(progress.Logs, Stopwatch.GetElapsedTime(start));
            foreach (Callback callback in callbacks) callback.OnEpochEnd(progress);
        }
        foreach (Callback callback in callbacks) callback.OnTrainEnd(progress);
        return _history;
    }

    /// <summary>The samples' order in an epoch: a function of seed and epoch alone, so that a resumed run finds its place.</summary>
    private static int[] Permutation(Dataset train, RandomStream epoch) => train.Arrange(Philox.Permutation(train.Count, epoch.Key, epoch.Stream));

    /// <returns>False where a callback stopped the run before the epoch's last step.</returns>
    private bool RunEpoch(Dataset train, int[]? permutation, int batchSize, TrainingProgress progress)
    {
        for (int at = 0; at < train.Count; at += batchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Step(train, permutation, at, Math.Min(batchSize, train.Count - at), progress);
            }
            finally
            {
                memory.EndStep();
            }
            progress.Advance();
            foreach (Callback callback in callbacks) callback.OnStepEnd(progress);
            if (progress.StopTraining && at + batchSize < train.Count) return false;
        }
        return true;
    }

    // a method of its own, so that nothing of the step is alive in the caller's frame when the step's memory is looked through
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Step(Dataset train, int[]? permutation, int start, int count, TrainingProgress progress)
    {
        using MemoryScope.Entered scope = memory.BeginStep().Enter();
        using NonFiniteWatch.Scope watch = NonFiniteWatch.Enter(model.WatchNonFinite);
        Batch batch = train.Read(permutation, start, count, model.ModelDType);
        if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(batch.Features, $"Epoch {progress.Epoch + 1}, step {progress.Step + 1}: the input");
        Tensor loss = scoring.Score(model.Call(batch.Features, training: true), batch.Labels);
        if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(loss, $"Epoch {progress.Epoch + 1}, step {progress.Step + 1}: the loss");
        loss.Backward();
        optimizer.Step(model.Parameters);
    }

    private IReadOnlyList<KeyValuePair<string, double>> Logs(Dataset? validation, int batchSize)
    {
        IReadOnlyList<KeyValuePair<string, double>> own = scoring.Read();
        if (validation is null) return own;
        scoring.Clear();
        return [.. own, .. model.EvaluateWith(scoring, validation, batchSize).Select(static log => KeyValuePair.Create("val_" + log.Key, log.Value))];
    }
}
