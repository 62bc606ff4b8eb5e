using MiniDeep;
using MiniDeep.Data;
using MiniDeep.Examples;

namespace MomentumExercise;

/// <summary>The notebook's two data sets.</summary>
internal enum DataKind
{
    /// <summary>Normal points with random labels.</summary>
    Random,

    /// <summary>scikit-learn's two half circles.</summary>
    Moons,
}

/// <summary>The exercise's numbers for one data set.</summary>
internal sealed record Settings(DataKind Data)
{
    /// <summary>What the notebook has for random labels.</summary>
    public static Settings Random { get; } = new(DataKind.Random) { Seed = 0, Samples = 100, Hidden = 4, Epochs = 1000, Targets = [0.68, 0.65, 0.62] };

    /// <summary>What the notebook has for the moons.</summary>
    public static Settings Moons { get; } = new(DataKind.Moons) { Seed = 1, Samples = 200, Hidden = 6, Epochs = 2000, Targets = [0.5, 0.3, 0.1] };

    /// <summary>NumPy's seed: for random labels that of data and weights, for the moons that of the weights.</summary>
    public long Seed { get; init; }

    /// <summary>The <c>random_state</c> of the moons.</summary>
    public long DataSeed { get; init; }

    public int Samples { get; init; }

    /// <summary>The moons' noise.</summary>
    public double Noise { get; init; } = 0.2;

    public int Hidden { get; init; }

    public double LearningRate { get; init; } = 0.005;

    public double Momentum { get; init; } = 0.9;

    public int Epochs { get; init; }

    /// <summary>Where MiniDeep computes.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>The losses that the comparison times, from high to low.</summary>
    public IReadOnlyList<double> Targets { get; init; } = [];
}

/// <summary>Data, normalised, and initial weights, drawn from NumPy's generator in the notebook's order.</summary>
internal sealed class Exercise
{
    public Exercise(Settings settings)
    {
        Settings = settings;
        var random = new NumPyRandom(settings.Seed);
        double[,] points;
        if (settings.Data == DataKind.Moons)
        {
            (points, int[] labels) = MakeMoons.Generate(settings.Samples, settings.Noise, settings.DataSeed);
            Y = Column(labels.Length, i => labels[i]);
        }
        else
        {
            points = random.Randn(settings.Samples, 2);
            double[] draws = random.Rand(settings.Samples);
            Y = Column(draws.Length, i => draws[i] > 0.5 ? 1 : 0);
        }
        X = Standardization.Of(points);
        W1 = Small(random.Randn(2, settings.Hidden));
        W2 = Small(random.Randn(settings.Hidden, 1));
    }

    public Settings Settings { get; }

    /// <summary>[samples, 2], each column with mean 0 and standard deviation 1.</summary>
    public double[,] X { get; }

    /// <summary>[samples, 1], 0 or 1.</summary>
    public double[,] Y { get; }

    public double[,] W1 { get; }

    public double[,] W2 { get; }

    private static double[,] Column(int count, Func<int, double> value)
    {
        var column = new double[count, 1];
        for (int i = 0; i < count; i++) column[i, 0] = value(i);
        return column;
    }

    private static double[,] Small(double[,] weights)
    {
        for (int i = 0; i < weights.GetLength(0); i++)
        {
            for (int j = 0; j < weights.GetLength(1); j++) weights[i, j] *= 0.01;
        }
        return weights;
    }
}
