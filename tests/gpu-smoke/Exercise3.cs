using System.Diagnostics;
using MiniDeep.Data;

namespace MiniDeep.GpuSmoke;

/// <summary>The exercise's network on MNIST, with each of its activations.</summary>
internal static class Exercise3
{
    private const int Epochs = 3;
    private const int BatchSize = 64;

    /// <summary>What three epochs reach with any of the three.</summary>
    private const double LeastAccuracy = 0.98;

    /// <summary>The network.</summary>
    public static Sequential Network(Activation activation)
    {
        Sequential model = new Sequential([28, 28, 1], seed: 1)
            .Conv2D(16, 3, padding: Padding.Same, activation: activation).MaxPool2D(2)
            .Conv2D(32, 3, padding: Padding.Same, activation: activation).MaxPool2D(2)
            .Flatten().Dense(128, activation).Dense(10, Activation.Softmax);
        model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        return model;
    }

    /// <summary>Trains and prints a line for each activation.</summary>
    /// <returns>Whether all are as accurate as they should be.</returns>
    public static bool Run(Device device, TextWriter output)
    {
        (Dataset train, Dataset test) = LoadMnist();
        bool good = true;
        foreach ((string name, Activation activation) in ((string, Activation)[])[("ReLU", Activation.ReLU), ("Leaky ReLU", Activation.LeakyReLU(0.01)), ("Swish", Activation.Swish)])
        {
            Sequential model = Network(activation);
            model.To(device);
            long start = Stopwatch.GetTimestamp();
            model.Fit(train, Epochs, BatchSize, verbosity: Verbosity.Silent);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            double accuracy = model.Evaluate(test)["accuracy"];
            good &= accuracy >= LeastAccuracy;
            output.WriteLine(FormattableString.Invariant($"{name,-12} test accuracy {accuracy:0.0000}, {time.TotalSeconds:0.0} s for {Epochs} epochs"));
        }
        return good;
    }

    /// <summary>The digits that the program carries.</summary>
    private static (Dataset Train, Dataset Test) LoadMnist()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("minideep-mnist");
        try
        {
            foreach (string name in typeof(Exercise3).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith("mnist/", StringComparison.Ordinal)))
            {
                using Stream resource = typeof(Exercise3).Assembly.GetManifestResourceStream(name)!;
                using FileStream file = File.Create(Path.Combine(folder.FullName, name["mnist/".Length..]));
                resource.CopyTo(file);
            }
            return Mnist.Load(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
