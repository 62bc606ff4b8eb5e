using MiniDeep;
using MiniDeep.Examples;
using ScottPlot;

namespace DeepNetworkFromScratch;

/// <summary>The default run: MiniDeep beside a backward pass by hand, then the exercise's suggestions, and the loss curves.</summary>
internal sealed class Report(Surroundings surroundings, Texts texts, Settings settings, Trainings trainings)
{
    private readonly TextWriter _output = surroundings.Output;

    public void Run(string folder)
    {
        _output.WriteLine(texts.Title(settings));
        _output.WriteLine();
        CompareWithHandWritten();
        _output.WriteLine();
        Variant[] variants = [.. Improvements.Run(settings, texts, surroundings, trainings)];
        PrintImprovements(variants);
        _output.WriteLine();
        string path = Path.Combine(folder, "losses.png");
        Charts.Save(LossCurves(variants), path);
        _output.WriteLine(texts.Picture(path));
    }

    private void CompareWithHandWritten()
    {
        var exercise = new Exercise(settings);
        Training training = trainings["compared"];
        Outcome network = Network.Train(exercise, Activation.ReLU, training, new EpochBar(surroundings, "MiniDeep"));
        Outcome byHand = HandWritten.Train(exercise, training.Cancellation);

        var table = new TextTable(texts.Epoch, texts.LossOfMiniDeep, texts.LossByHand);
        foreach (int epoch in PrintedEpochs(settings.Epochs))
            table.Add(texts.Count(epoch), texts.Loss(network.Losses[epoch]), texts.Loss(byHand.Losses[epoch]));
        table.Print(_output);
        _output.WriteLine();
        _output.WriteLine(texts.Accuracies(network.Accuracy, byHand.Accuracy));
        _output.WriteLine(texts.Times(network.Time, byHand.Time));
        _output.WriteLine(texts.Differences(
            LargestDifference(network.Losses, byHand.Losses), network.Weights.Zip(byHand.Weights, LargestDifference).Aggregate(Math.Max)));
    }

    private void PrintImprovements(Variant[] variants)
    {
        _output.WriteLine(texts.ImprovementsTitle);
        _output.WriteLine();
        var table = new TextTable(texts.VariantColumn, texts.EpochsColumn, texts.LossColumn, texts.AccuracyColumn, texts.TimeColumn);
        foreach (Variant variant in variants)
        {
            table.Add(variant.Name, texts.Count(variant.Settings.Epochs), texts.Loss(variant.Outcome.Losses[^1]), texts.Accuracy(variant.Outcome.Accuracy), texts.Milliseconds(variant.Outcome.Time));
        }
        table.Print(_output);
        _output.WriteLine();
        _output.WriteLine(texts.Interpretation(variants[0], variants.Skip(1).MinBy(static v => Comparable(v.Outcome.Losses[^1]))!, settings.Classes));
    }

    private Plot LossCurves(Variant[] variants)
    {
        Plot plot = Charts.Create(surroundings.Language, texts.CurvesTitle, texts.Epoch, texts.LossColumn);
        foreach (Variant variant in variants)
        {
            ScottPlot.Plottables.Signal curve = plot.Add.Signal(variant.Outcome.Losses.ToArray());
            curve.LegendText = variant.Name;
            curve.LineWidth = 1.5f;
            curve.MaximumMarkerSize = 0;
        }
        plot.Axes.Margins(0, 0.05);
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    /// <summary>A loss that is no number any more is the worst of all.</summary>
    public static double Comparable(double loss) => double.IsNaN(loss) ? double.PositiveInfinity : loss;

    /// <summary>Ten epochs at even distances, and the last.</summary>
    private static IEnumerable<int> PrintedEpochs(int epochs)
    {
        for (int epoch = 0; epoch < epochs - 1; epoch += Math.Max(epochs / 10, 1)) yield return epoch;
        yield return epochs - 1;
    }

    private static double LargestDifference(IReadOnlyList<double> a, IReadOnlyList<double> b) => a.Zip(b, static (x, y) => Math.Abs(x - y)).Max();
}
