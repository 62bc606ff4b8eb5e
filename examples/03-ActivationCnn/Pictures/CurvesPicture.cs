using MiniDeep.Examples;
using ScottPlot;

namespace ActivationCnn;

/// <summary>Accuracy and loss while the models learn: lines for the training images, points for the test images after each epoch; with several seeds their means.</summary>
internal static class CurvesPicture
{
    // the first steps fall from so high that they would flatten all the rest
    private const double SettledAfter = 0.3;
    private const double Margin = 0.06;

    public static Multiplot Draw(Comparison comparison, Language language)
    {
        Plot accuracy = Panel(comparison, language, language.Choose("Accuracy", "Précision"), language.Choose("classified right, %", "bien classées, %"),
            static point => 100 * point.Accuracy, static run => [.. run.TestAccuracy.Select(static value => 100 * value)]);
        accuracy.ShowLegend(Legend(comparison, language), Alignment.LowerRight);
        Plot loss = Panel(comparison, language, language.Choose("Loss", "Perte"), language.Choose("cross-entropy", "entropie croisée"), static point => point.Loss, static run => run.TestLoss);
        return Charts.Grid(1, 2, accuracy, loss);
    }

    private static Plot Panel(
        Comparison comparison, Language language, string title, string yLabel, Func<CurvePoint, double> trainingValue, Func<TrainingRun, IReadOnlyList<double>> testValues)
    {
        Plot plot = Charts.Create(language, title, language.Choose("epochs", "époques"), yLabel);
        double lowest = double.PositiveInfinity, highest = double.NegativeInfinity;
        foreach (Entry entry in comparison.Entries)
        {
            Color color = Album.ColorOf(comparison, entry);
            IReadOnlyList<CurvePoint> first = entry.Runs[0].Curve;
            double[] x = [.. first.Select(static point => point.Epochs)];
            double[] training = [.. Enumerable.Range(0, x.Length).Select(i => entry.Runs.Average(run => trainingValue(run.Curve[i])))];
            var line = plot.Add.ScatterLine(x, training, color.WithAlpha(0.75));
            line.LineWidth = 1.6f;

            int epochs = testValues(entry.Runs[0]).Count;
            double[] ends = [.. Enumerable.Range(1, epochs).Select(static epoch => (double)epoch)];
            double[] test = [.. Enumerable.Range(0, epochs).Select(i => entry.Runs.Average(run => testValues(run)[i]))];
            var points = plot.Add.Scatter(ends, test, color);
            points.LinePattern = LinePattern.Dashed;
            points.LineWidth = 1.4f;
            points.MarkerSize = 9;
            points.MarkerShape = MarkerShape.FilledCircle;

            IEnumerable<double> settled = [.. training.Where((_, i) => x[i] > SettledAfter), .. test];
            lowest = Math.Min(lowest, settled.Min());
            highest = Math.Max(highest, settled.Max());
        }
        double margin = Math.Max((highest - lowest) * Margin, 1e-6), end = comparison.Entries[0].Runs[0].TestLoss.Count;
        plot.Axes.SetLimits(0, end * 1.03, lowest - margin, highest + margin);
        return plot;
    }

    private static List<LegendItem> Legend(Comparison comparison, Language language)
    {
        List<LegendItem> items = [.. comparison.Entries.Select(entry => new LegendItem { LabelText = entry.Name, LineColor = Album.ColorOf(comparison, entry), LineWidth = 4 })];
        items.Add(new LegendItem { LabelText = language.Choose("training images", "images d'entraînement"), LineColor = Colors.Gray, LineWidth = 1.6f });
        items.Add(new LegendItem
        {
            LabelText = language.Choose("test images", "images de test"),
            LineColor = Colors.Gray,
            LineWidth = 1.4f,
            LinePattern = LinePattern.Dashed,
            MarkerColor = Colors.Gray,
            MarkerShape = MarkerShape.FilledCircle,
            MarkerSize = 9,
        });
        return items;
    }
}
