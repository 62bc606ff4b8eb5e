using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MiniDeep.Data;

namespace MiniDeep.Kills;

/// <summary>Exercise 3's network on a few images, with a checkpoint after each step.</summary>
internal static class Training
{
    private const int Samples = 200, BatchSize = 64, Epochs = 3;

    /// <summary>Trains to the end, from the newest checkpoint on if there is one.</summary>
    /// <returns>SHA-256 of weights, optimizer steps and history.</returns>
    public static string Run(string folder, Action<IOException>? whenWriteFails)
    {
        Sequential model = new Sequential([28, 28, 1], seed: 42)
            .Conv2D(16, 3, Padding.Same, Activation.ReLU).MaxPool2D(2)
            .Conv2D(32, 3, Padding.Same, Activation.ReLU).MaxPool2D(2)
            .Flatten().Dropout(0.2)
            .Dense(128, Activation.ReLU).Dense(10, Activation.Softmax);
        model.Compile(new Adam(1e-3), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        (Dataset train, Dataset test) = Images(Samples + 50).Split(Samples / (Samples + 50.0));
        History history = model.Fit(
            train, Epochs, BatchSize, test, verbosity: Verbosity.Silent, resumeFrom: folder,
            callbacks: [new Checkpoint(folder) { EverySteps = 1, Keep = 2, WhenWriteFails = whenWriteFails }]);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in model.Parameters) hash.AppendData(MemoryMarshal.AsBytes<float>(parameter.ToArray<float>()));
        hash.AppendData(BitConverter.GetBytes(model.Optimizer!.Iterations));
        foreach (string name in history.Names) hash.AppendData(MemoryMarshal.AsBytes<double>(history[name].ToArray()));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static Dataset Images(int count)
    {
        double[] values = new NumPyRandom(7).Rand(count * 28 * 28);
        return new Dataset(Tensor.From(values, [count, 28, 28, 1]).To(DType.Float32), Tensor.From([.. Enumerable.Range(0, count).Select(static i => i * 7 % 10)]));
    }
}
