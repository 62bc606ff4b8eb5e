using MiniDeep.Examples;
using ScottPlot;

namespace ActivationCnn;

/// <summary>Bars from zero for what was measured: errors, because accuracies so near to 100% look equal, and the time of a step. With several seeds the error bars are standard deviations.</summary>
internal static class BarsPicture
{
    private const double HeadRoom = 1.2;
    private const double BarWidth = 0.6;

    public static Multiplot Draw(Comparison comparison, ImageSet images, Language language)
    {
        string spread = comparison.Seeds == 1
            ? language.Choose("one seed", "une graine")
            : language.Choose($"mean ± standard deviation of {comparison.Seeds} seeds", $"moyenne ± écart type de {comparison.Seeds} graines");
        Plot errors = Panel(comparison, language, language.Write($"Errors on the {images.Test.Count:N0} test images, {spread}", $"Erreurs sur les {images.Test.Count:N0} images de test, {spread}"),
            language.Choose("misclassified, %", "mal classées, %"), "F2", static run => 100 * (1 - run.Test.Accuracy));
        Plot time = Panel(comparison, language, language.Choose("Time of a training step", "Durée d'un pas d'entraînement"), "ms", "F2", static run => run.StepTime.TotalMilliseconds);
        return Charts.Grid(1, 2, errors, time);
    }

    private static Plot Panel(Comparison comparison, Language language, string title, string yLabel, string format, Func<TrainingRun, double> value)
    {
        Plot plot = Charts.Create(language, title, "", yLabel);
        double highest = 0;
        List<Tick> ticks = [];
        for (int i = 0; i < comparison.Entries.Count; i++)
        {
            Entry entry = comparison.Entries[i];
            Color color = Album.ColorOf(comparison, entry);
            double[] values = [.. entry.Runs.Select(value)];
            var sample = Sample.Of(values);
            plot.Add.Bar(new Bar { Position = i, Value = sample.Mean, Size = BarWidth, FillColor = color.WithAlpha(0.55), LineColor = color, LineWidth = 1.5f });
            double top = Math.Max(sample.Mean + sample.Deviation, values.Max());
            if (values.Length > 1)
            {
                var error = plot.Add.ErrorBar([i], [sample.Mean], [sample.Deviation]);
                error.Color = Colors.Black;
                error.LineWidth = 1.8f;
                error.CapSize = 9;
                // the seeds side by side on the bar
                double[] x = [.. values.Select((_, seed) => i + (BarWidth * 0.6 * (((seed + 0.5) / values.Length) - 0.5)))];
                plot.Add.ScatterPoints(x, values, color.Darken(0.3)).MarkerSize = 6;
            }
            var label = plot.Add.Text(language.Number(sample.Mean, format), i, top);
            label.LabelAlignment = Alignment.LowerCenter;
            label.LabelFontSize = 15;
            label.OffsetY = -9;
            highest = Math.Max(highest, top);
            ticks.Add(new Tick(i, entry.Name));
        }
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. ticks]);
        plot.Axes.Bottom.TickLabelStyle.FontSize = 15;
        plot.Axes.Bottom.TickLabelStyle.OffsetY = 5;
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.Grid.XAxisStyle.IsVisible = false;
        plot.Axes.SetLimits(-0.7, comparison.Entries.Count - 0.3, 0, highest > 0 ? highest * HeadRoom : 1);
        return plot;
    }
}
