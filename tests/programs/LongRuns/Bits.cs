using System.Runtime;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MiniDeep.Data;

namespace MiniDeep.LongRuns;

/// <summary>Exercise 3's network with dropout, trained for a few steps: the same bits in every process on one instruction set.</summary>
internal static class Bits
{
    /// <summary>SHA-256 of the trained weights, then what the process ran on.</summary>
    public static string Train(int? threads)
    {
        if (threads is { } count) Compute.Threads = count;
        Sequential model = new Sequential([28, 28, 1], seed: 42)
            .Conv2D(16, 3, Padding.Same, Activation.Swish).MaxPool2D(2)
            .Conv2D(32, 3, Padding.Same, Activation.LeakyReLU(0.01)).MaxPool2D(2)
            .Flatten().Dropout(0.3)
            .Dense(128, Activation.Tanh).Dense(10, Activation.Softmax);
        model.Compile(new Adam(1e-3), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        model.Fit(Images(150), epochs: 2, batchSize: 64, verbosity: Verbosity.Silent);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in model.Parameters) hash.AppendData(MemoryMarshal.AsBytes<float>(parameter.ToArray<float>()));
        return $"{Convert.ToHexString(hash.GetHashAndReset())} threads={Compute.Threads} server={GCSettings.IsServerGC}";
    }

    public static Dataset Images(int count)
    {
        double[] values = new NumPyRandom(7).Rand(count * 28 * 28);
        return new Dataset(Tensor.From(values, [count, 28, 28, 1]).To(DType.Float32), Tensor.From([.. Enumerable.Range(0, count).Select(static i => i * 7 % 10)]));
    }
}
