using MiniDeep;
using MiniDeep.Examples;

namespace MomentumExercise;

/// <summary>What the notebook prints for a data set, in the notebook's own words, from a run with MiniDeep.</summary>
internal static class Notebook
{
    public static void Run(Settings settings, Training training, TextWriter output)
    {
        Outcome outcome = Network.Train(new Exercise(settings), new Momentum(settings.LearningRate, settings.Momentum), training);
        int interval = settings.Data == DataKind.Moons ? 200 : 100;
        for (int epoch = 0; epoch < settings.Epochs; epoch += interval)
            output.Write($"Époque {epoch}, Perte: {PythonNumber.Fixed(outcome.Losses[epoch], 4)}, Précision: {PythonNumber.Fixed(outcome.Accuracies[epoch], 2)}\n");
    }
}
