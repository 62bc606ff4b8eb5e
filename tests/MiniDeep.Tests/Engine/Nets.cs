using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>Tests that look at the process's memory or set the number of threads: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>Small models and data sets.</summary>
internal static class Nets
{
    /// <summary>Points with four features in three classes.</summary>
    public static Dataset Points(int count = 70, ulong seed = 5)
    {
        var features = new float[count, 4];
        Philox.FillNormal(MemoryMarshal.CreateSpan(ref features[0, 0], features.Length), seed, 0, 0, 1);
        var labels = new int[count];
        for (int i = 0; i < count; i++) labels[i] = features[i, 0] > 0.5 ? 2 : features[i, 1] > 0 ? 1 : 0;
        return new Dataset(features, labels);
    }

    public static Sequential Empty(long seed = 1) => new([4], seed: seed);

    public static Sequential Plain(long seed = 1) => Empty(seed).Dense(8, Activation.Tanh).Dense(3, Activation.Softmax);

    public static Sequential Compiled(this Sequential model, Optimizer? optimizer = null)
    {
        model.Compile(optimizer ?? new Adam(0.01), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        return model;
    }

    public static History Train(this Model model, Dataset data, int epochs = 3, int batchSize = 32, params Callback[] callbacks) =>
        model.Fit(data, epochs, batchSize, verbosity: Verbosity.Silent, callbacks: callbacks);

    /// <summary>SHA-256 of all the weights, in order.</summary>
    public static string Bits(this Model model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in model.Parameters)
        {
            hash.AppendData(parameter.DType == DType.Float64
                ? MemoryMarshal.AsBytes<double>(parameter.ToArray<double>())
                : MemoryMarshal.AsBytes<float>(parameter.ToArray<float>()));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    public static float[] Values(this Model model) => [.. model.Parameters.SelectMany(static p => p.ToArray<float>())];
}

/// <summary>A layer whose Forward is the test's.</summary>
internal sealed class FunctionLayer(Func<Tensor, bool, Tensor> forward) : Layer
{
    protected override Shape Build(Shape input) => input;

    protected override Tensor Forward(Tensor x, bool training) => forward(x, training);
}

/// <summary>Keeps the input of each step, so that its model runs without the arena.</summary>
internal sealed class KeepingLayer : Layer
{
    public Tensor? Last { get; private set; }

    protected override Shape Build(Shape input) => input;

    protected override Tensor Forward(Tensor x, bool training) => Last = x;
}

/// <summary>A callback made of functions.</summary>
internal sealed class Hooks : Callback
{
    public Action<TrainingProgress>? TrainBegin { get; init; }

    public Action<TrainingProgress>? EpochBegin { get; init; }

    public Action<TrainingProgress>? StepEnd { get; init; }

    public Action<TrainingProgress>? EpochEnd { get; init; }

    public Action<TrainingProgress>? TrainEnd { get; init; }

    public override void OnTrainBegin(TrainingProgress progress) => TrainBegin?.Invoke(progress);

    public override void OnEpochBegin(TrainingProgress progress) => EpochBegin?.Invoke(progress);

    public override void OnStepEnd(TrainingProgress progress) => StepEnd?.Invoke(progress);

    public override void OnEpochEnd(TrainingProgress progress) => EpochEnd?.Invoke(progress);

    public override void OnTrainEnd(TrainingProgress progress) => TrainEnd?.Invoke(progress);
}
