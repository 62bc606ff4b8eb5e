using System.Diagnostics;
using MiniDeep;
using MiniDeep.Examples;

namespace DeepNetworkFromScratch;

/// <summary>One variant of the exercise, trained.</summary>
/// <param name="Name">What is different.</param>
/// <param name="Settings">Its numbers.</param>
/// <param name="Outcome">What came out.</param>
/// <param name="Time">How long the training took.</param>
internal sealed record Variant(string Name, Settings Settings, Outcome Outcome, TimeSpan Time);

/// <summary>The exercise's suggestions, each tried alone and then all together.</summary>
internal static class Improvements
{
    public static IEnumerable<Variant> Run(Settings basic, Texts texts, Surroundings surroundings)
    {
        Settings longer = basic with { Epochs = 2 * basic.Epochs };
        Settings larger = basic with { Hidden1 = 4 * basic.Hidden1, Hidden2 = 4 * basic.Hidden2 };

        yield return Train(texts.AsIs, basic, Activation.ReLU);
        yield return Train(texts.MoreEpochs(longer.Epochs), longer, Activation.ReLU);
        yield return Train(texts.Normalized, basic, Activation.ReLU, normalize: true);
        yield return Train(texts.Tanh, basic, Activation.Tanh);
        yield return Train(texts.LeakyReLU, basic, Activation.LeakyReLU(0.01));
        yield return Train(texts.Larger(larger.Hidden1, larger.Hidden2), larger, Activation.ReLU);
        yield return Train(texts.Together, larger with { Epochs = longer.Epochs }, Activation.LeakyReLU(0.01), normalize: true);

        Variant Train(string name, Settings settings, Activation activation, bool normalize = false)
        {
            var exercise = new Exercise(settings);
            if (normalize) exercise = exercise.WithInputs(Standardization.Of(exercise.X));
            long start = Stopwatch.GetTimestamp();
            Outcome outcome = Network.Train(exercise, activation, new EpochBar(surroundings, name));
            return new Variant(name, settings, outcome, Stopwatch.GetElapsedTime(start));
        }
    }
}
