using System.Runtime.CompilerServices;
using MiniDeep.Data;

namespace MiniDeep;

/// <summary>Runs a model without gradients, batch by batch.</summary>
internal static class Inference
{
    /// <param name="model">The model.</param>
    /// <param name="memories">Where the buffers of a batch come from.</param>
    /// <param name="count">Samples in all.</param>
    /// <param name="batchSize">Samples at once.</param>
    /// <param name="read">The samples from a start on, on the model's device and in its dtype.</param>
    public static Tensor Predict(Model model, StepMemories memories, int count, int batchSize, Func<int, int, Tensor> read)
    {
        StepMemory memory = memories.Take(model.Device);
        try
        {
            using NoGradScope noGrad = Tensor.NoGrad();
            if (count == 0) return Tensor.Zeros(model.OutputShape.Prepend(0), model.ModelDType, model.Device);
            Tensor? all = null;
            for (int at = 0; at < count; at += Math.Min(batchSize, count - at))
            {
                bool completed = false;
                try
                {
                    PredictBatch(model, memory, at, Math.Min(batchSize, count - at), count, read, ref all);
                    completed = true;
                }
                finally
                {
                    memory.EndStep(completed);
                }
            }
            return all!;
        }
        finally
        {
            memories.Return(memory);
        }
    }

    /// <summary>Adds a data set's loss and metrics to the running means.</summary>
    public static void Evaluate(Model model, StepMemories memories, Scoring scoring, Dataset data, int batchSize, CancellationToken cancellation)
    {
        StepMemory memory = memories.Take(model.Device);
        try
        {
            using NoGradScope noGrad = Tensor.NoGrad();
            for (int at = 0; at < data.Count; at += Math.Min(batchSize, data.Count - at))
            {
                cancellation.ThrowIfCancellationRequested();
                bool completed = false;
                try
                {
                    EvaluateBatch(model, memory, scoring, data, at, Math.Min(batchSize, data.Count - at));
                    completed = true;
                }
                finally
                {
                    memory.EndStep(completed);
                }
            }
        }
        finally
        {
            memories.Return(memory);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PredictBatch(Model model, StepMemory memory, int start, int count, int total, Func<int, int, Tensor> read, ref Tensor? all)
    {
        Tensor? result = all;
        using (memory.BeginStep().Enter())
        using (NonFiniteWatch.Enter(model.WatchNonFinite))
        {
            Tensor x = read(start, count);
            if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(x, "The input");
            Tensor y = model.Call(x);
            if (y.Rank == 0 || y.Shape[0] != count) throw new ShapeException($"{LayerError.Name(model)} gave shape {y.Shape} for {count} samples: the batch must stay the first axis.");

            // the caller's to keep: a copy outside the step's memory
            using (MemoryScope.Plain.Enter()) result ??= Tensor.Empty(y.Shape.From(1).Prepend(total), y.DType, y.Device);
            result.Rows(start, count).CopyFrom(y);
        }
        all = result;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EvaluateBatch(Model model, StepMemory memory, Scoring scoring, Dataset data, int start, int count)
    {
        using (memory.BeginStep().Enter())
        using (NonFiniteWatch.Enter(model.WatchNonFinite))
        {
            Batch batch = data.Read(null, start, count, model.ModelDType);
            if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(batch.Features, "The input");
            Tensor loss = scoring.Score(model.Call(batch.Features), batch.Labels);
            if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(loss, "The loss");
        }
    }
}
