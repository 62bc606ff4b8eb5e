using MiniDeep;
using MiniDeep.Examples;

namespace DeepNetworkFromScratch;

/// <summary>What the notebook prints, in the notebook's own words, from a run with MiniDeep.</summary>
internal static class Notebook
{
    private const int Interval = 100;

    public static void Run(Settings settings, Training training, TextWriter output)
    {
        Outcome outcome = Network.Train(new Exercise(settings), Activation.ReLU, training);
        for (int epoch = 0; epoch < settings.Epochs; epoch += Interval)
            output.Write($"Époque {epoch}, Perte: {PythonNumber.Fixed(outcome.Losses[epoch], 4)}\n");
        output.Write($"Précision finale : {PythonNumber.Shortest(outcome.Accuracy)}\n");
    }
}
