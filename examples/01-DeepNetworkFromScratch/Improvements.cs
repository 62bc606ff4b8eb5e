using MiniDeep;
using MiniDeep.Examples;

namespace DeepNetworkFromScratch;

/// <summary>One variant of the exercise, trained.</summary>
/// <param name="Name">What is different.</param>
/// <param name="Settings">Its numbers.</param>
/// <param name="Outcome">What came out.</param>
internal sealed record Variant(string Name, Settings Settings, Outcome Outcome);

/// <summary>The exercise's suggestions, each tried alone and then all together.</summary>
internal static class Improvements
{
    public static IEnumerable<Variant> Run(Settings basic, Texts texts, Surroundings surroundings, Trainings trainings)
    {
        Settings longer = basic with { Epochs = 2 * basic.Epochs };
        Settings larger = basic with { Hidden1 = 4 * basic.Hidden1, Hidden2 = 4 * basic.Hidden2 };

        yield return Train("as-is", texts.AsIs, basic, Activation.ReLU);
        yield return Train("longer", texts.MoreEpochs(longer.Epochs), longer, Activation.ReLU);
        yield return Train("normalized", texts.Normalized, basic, Activation.ReLU, normalize: true);
        yield return Train("tanh", texts.Tanh, basic, Activation.Tanh);
        yield return Train("leaky", texts.LeakyReLU, basic, Activation.LeakyReLU(0.01));
        yield return Train("larger", texts.Larger(larger.Hidden1, larger.Hidden2), larger, Activation.ReLU);
        yield return Train("together", texts.Together, larger with { Epochs = longer.Epochs }, Activation.LeakyReLU(0.01), normalize: true);

        Variant Train(string key, string name, Settings settings, Activation activation, bool normalize = false)
        {
            var exercise = new Exercise(settings);
            if (normalize) exercise = exercise.WithInputs(Standardization.Of(exercise.X));
            return new Variant(name, settings, Network.Train(exercise, activation, trainings[key], new EpochBar(surroundings, name)));
        }
    }
}
