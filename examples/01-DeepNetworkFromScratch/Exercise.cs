using MiniDeep;

namespace DeepNetworkFromScratch;

/// <summary>The exercise's numbers; the defaults are the notebook's.</summary>
internal sealed record Settings
{
    public long Seed { get; init; } = 0;

    public int Samples { get; init; } = 100;

    public int Features { get; init; } = 4;

    public int Hidden1 { get; init; } = 5;

    public int Hidden2 { get; init; } = 4;

    public int Classes { get; init; } = 3;

    public double LearningRate { get; init; } = 0.01;

    public int Epochs { get; init; } = 1000;

    /// <summary>Where MiniDeep computes.</summary>
    public Device Device { get; init; } = Device.Cpu;
}

/// <summary>The made-up data and the initial weights, drawn from NumPy's generator in the notebook's order.</summary>
internal sealed class Exercise
{
    private Exercise(Exercise source, double[,] x)
    {
        (Settings, Labels, W1, W2, W3) = (source.Settings, source.Labels, source.W1, source.W2, source.W3);
        X = x;
    }

    public Exercise(Settings settings)
    {
        Settings = settings;
        var random = new NumPyRandom(settings.Seed);
        X = random.Randn(settings.Samples, settings.Features);
        Labels = [.. random.RandInt(0, settings.Classes, settings.Samples).Select(static label => (int)label)];
        W1 = Small(random.Randn(settings.Features, settings.Hidden1));
        W2 = Small(random.Randn(settings.Hidden1, settings.Hidden2));
        W3 = Small(random.Randn(settings.Hidden2, settings.Classes));
    }

    public Settings Settings { get; }

    /// <summary>[samples, features]</summary>
    public double[,] X { get; }

    /// <summary>A class number a sample.</summary>
    public int[] Labels { get; }

    public double[,] W1 { get; }

    public double[,] W2 { get; }

    public double[,] W3 { get; }

    /// <summary>The same labels and initial weights with other inputs.</summary>
    public Exercise WithInputs(double[,] x) => new(this, x);

    private static double[,] Small(double[,] weights)
    {
        for (int i = 0; i < weights.GetLength(0); i++)
        {
            for (int j = 0; j < weights.GetLength(1); j++) weights[i, j] *= 0.01;
        }
        return weights;
    }
}

/// <summary>What a run leaves.</summary>
/// <param name="Losses">The mean loss of each epoch, before its update.</param>
/// <param name="Accuracy">The part of the samples that the last epoch's forward pass got right.</param>
/// <param name="Weights">W1, b1, W2, b2, W3, b3, row by row.</param>
/// <param name="Time">How long the training took.</param>
internal sealed record Outcome(IReadOnlyList<double> Losses, double Accuracy, IReadOnlyList<double[]> Weights, TimeSpan Time);
