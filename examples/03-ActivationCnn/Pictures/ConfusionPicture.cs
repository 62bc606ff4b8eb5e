using MiniDeep.Examples;
using ScottPlot;

namespace ActivationCnn;

/// <summary>What the first model with an activation takes for what. Only the errors are coloured: beside a thousand right answers they would all look alike.</summary>
internal static class ConfusionPicture
{
    // more classes than this leave no room for numbers
    private const int MostNumberedClasses = 20;
    private static readonly Color _right = Color.FromHex("#E3EEF6");
    private static readonly Color _wrong = Color.FromHex("#C0392B");

    public static Plot Draw(Entry entry, Language language)
    {
        TestResult test = entry.Runs[0].Test;
        int classes = test.Confusion.GetLength(0);
        Plot plot = Charts.Create(language,
            language.Write(
                $"{entry.Name}: {test.Mistakes.Count:N0} of {test.Confusion.Cast<int>().Sum():N0} test images taken for another class",
                $"{entry.Name} : {test.Mistakes.Count:N0} images de test sur {test.Confusion.Cast<int>().Sum():N0} prises pour une autre classe"),
            language.Choose("prediction", "prédiction"), language.Choose("true class", "classe réelle"));
        int most = Math.Max(1, test.Mistakes.GroupBy(static m => (m.Label, m.Prediction)).Select(static group => group.Count()).DefaultIfEmpty(1).Max());
        for (int label = 0; label < classes; label++)
        {
            for (int prediction = 0; prediction < classes; prediction++) Cell(plot, classes, label, prediction, test.Confusion[label, prediction], most, language);
        }

        Tick[] ticks = [.. Enumerable.Range(0, classes).Where(i => classes <= MostNumberedClasses || i % 5 == 0).Select(static i => new Tick(i, $"{i}"))];
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(ticks);
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual(ticks);
        plot.Axes.Bottom.MajorTickStyle.Length = plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 15;
        plot.Axes.Bottom.TickLabelStyle.OffsetY = 5;
        plot.HideGrid();
        // the first class on top, as one reads
        plot.Axes.SetLimits(-0.5, classes - 0.5, classes - 0.5, -0.5);
        return plot;
    }

    private static void Cell(Plot plot, int classes, int label, int prediction, int count, int most, Language language)
    {
        bool isRight = label == prediction;
        if (count == 0 && !isRight) return;
        // the square root lets single errors show beside frequent ones
        double strength = isRight ? 0 : 0.12 + (0.88 * Math.Sqrt((double)count / most));
        var cell = plot.Add.Rectangle(prediction - 0.5, prediction + 0.5, label - 0.5, label + 0.5);
        cell.FillColor = isRight ? _right : _wrong.WithAlpha(strength);
        cell.LineColor = Colors.White;
        cell.LineWidth = 1.5f;
        if (classes > MostNumberedClasses) return;

        var number = plot.Add.Text(language.Number(count, "N0"), prediction, label);
        number.LabelAlignment = Alignment.MiddleCenter;
        number.LabelFontSize = 15;
        number.LabelFontColor = strength > 0.6 ? Colors.White : Color.FromHex("#303030");
    }
}
