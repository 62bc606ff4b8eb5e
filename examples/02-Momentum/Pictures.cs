using MiniDeep;
using MiniDeep.Examples;
using ScottPlot;

namespace MomentumExercise;

/// <summary>Loss curves, and where the networks draw the line between the classes.</summary>
internal sealed class Pictures(Language language, Texts texts)
{
    /// <summary>Points of the decision picture along each axis.</summary>
    private const int Cells = 160;

    private static readonly Color _withoutColor = Color.FromHex("#D55E00");
    private static readonly Color _withColor = Color.FromHex("#0072B2");

    public void SaveLosses(IReadOnlyList<Comparison> comparisons, string path)
    {
        Plot[] plots = [.. comparisons.Select(Losses)];
        Charts.Save(Charts.Grid(1, plots.Length, plots), path, 700 * plots.Length, 520);
    }

    public void SaveBoundaries(IReadOnlyList<Comparison> comparisons, string path)
    {
        List<Plot> plots = [];
        foreach (Comparison comparison in comparisons)
        {
            var exercise = new Exercise(comparison.Settings);
            plots.Add(Boundary(exercise, comparison.Without, texts.BoundaryTitle(comparison.Settings, texts.Without, comparison.Without)));
            plots.Add(Boundary(exercise, comparison.With, texts.BoundaryTitle(comparison.Settings, texts.With, comparison.With)));
        }
        Charts.Save(Charts.Grid(comparisons.Count, 2, [.. plots]), path, 1200, 560 * comparisons.Count);
    }

    private Plot Losses(Comparison comparison)
    {
        Plot plot = Charts.Create(language, texts.DataName(comparison.Settings), texts.EpochAxis, texts.LossColumn);
        Curve(comparison.Without, texts.Without, _withoutColor);
        Curve(comparison.With, texts.With, _withColor);
        plot.Axes.Margins(0, 0.05);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;

        void Curve(Outcome outcome, string name, Color color)
        {
            // a chart can't be scaled to infinity
            ScottPlot.Plottables.Signal curve = plot.Add.Signal(outcome.Losses.TakeWhile(double.IsFinite).ToArray(), color: color);
            curve.LegendText = name;
            curve.LineWidth = 2;
            curve.MaximumMarkerSize = 0;
        }
    }

    /// <summary>The probability of class 1 over the plane as colours, the line at one half, and the samples.</summary>
    private Plot Boundary(Exercise exercise, Outcome outcome, string title)
    {
        Plot plot = Charts.Create(language, title, "x₁", "x₂");
        double reach = exercise.X.Cast<double>().Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max() + 0.3;
        double[,] probabilities = Probabilities(outcome.Model, reach);

        // a network that ended in NaN has no boundary
        if (probabilities.Cast<double>().All(double.IsFinite)) Regions(plot, probabilities, reach);
        Samples(0, _withoutColor, MarkerShape.FilledCircle);
        Samples(1, _withColor, MarkerShape.FilledTriangleUp);
        plot.Axes.SetLimits(-reach, reach, -reach, reach);
        plot.ShowLegend(Alignment.LowerRight);
        return plot;

        void Samples(int label, Color color, MarkerShape shape)
        {
            int[] rows = [.. Enumerable.Range(0, exercise.Settings.Samples).Where(i => exercise.Y[i, 0] == label)];
            ScottPlot.Plottables.Markers markers = plot.Add.Markers(rows.Select(i => exercise.X[i, 0]).ToArray(), rows.Select(i => exercise.X[i, 1]).ToArray(), shape, 7, color);
            markers.LegendText = texts.Class(label);
        }
    }

    private static void Regions(Plot plot, double[,] probabilities, double reach)
    {
        // the heat map's first row is the top one
        ScottPlot.Plottables.Heatmap map = plot.Add.Heatmap(probabilities);
        map.Colormap = new ScottPlot.Colormaps.CustomInterpolated([_withoutColor.Lighten(0.5), Colors.White, _withColor.Lighten(0.5)]);
        map.Position = new CoordinateRect(-reach, reach, -reach, reach);
        map.ManualRange = new ScottPlot.Range(0, 1);

        var line = new ScottPlot.Plottables.ContourLines { ContourLineLevels = [0.5], LineWidth = 2, LineColor = Colors.Black };
        line.LabelStyle.IsVisible = false;
        line.Update(Grid(probabilities, reach));
        plot.Add.Plottable(line);
    }

    private static double[,] Probabilities(Sequential model, double reach)
    {
        var points = new double[Cells * Cells, 2];
        for (int i = 0; i < Cells * Cells; i++) (points[i, 0], points[i, 1]) = (Place(i % Cells, reach), -Place(i / Cells, reach));
        return model.Predict(Tensor.From(points)).Reshape(Cells, Cells).ToArray2D<double>();
    }

    private static Coordinates3d[,] Grid(double[,] probabilities, double reach)
    {
        var grid = new Coordinates3d[Cells, Cells];
        for (int row = 0; row < Cells; row++)
        {
            for (int column = 0; column < Cells; column++) grid[row, column] = new Coordinates3d(Place(column, reach), -Place(row, reach), probabilities[row, column]);
        }
        return grid;
    }

    /// <summary>The middle of a cell.</summary>
    private static double Place(int cell, double reach) => ((cell + 0.5) / Cells * 2 - 1) * reach;
}
