using ScottPlot;

namespace MiniDeep.Examples;

/// <summary>Charts in one style, with a font that is always there.</summary>
public static class Charts
{
    private const float TickDensity = 0.6f;
    private const float Air = 6;

    /// <summary>An empty chart.</summary>
    /// <param name="language">How the axes write their numbers.</param>
    /// <param name="title">What the chart shows.</param>
    /// <param name="xLabel">What runs to the right.</param>
    /// <param name="yLabel">What runs upwards.</param>
    public static Plot Create(Language language, string title, string xLabel, string yLabel)
    {
        ArgumentNullException.ThrowIfNull(language);
        EmbeddedFont.Use();
        var plot = new Plot();
        Style(plot, language);
        plot.Title(title);
        plot.XLabel(xLabel);
        plot.YLabel(yLabel);
        // the embedded font has one weight
        plot.Axes.Title.Label.Bold = plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        return plot;
    }

    /// <summary>Several charts in one picture, row by row.</summary>
    /// <param name="rows">Charts above each other.</param>
    /// <param name="columns">Charts beside each other.</param>
    /// <param name="plots">The charts, made by <see cref="Create"/>.</param>
    public static Multiplot Grid(int rows, int columns, params ReadOnlySpan<Plot> plots)
    {
        EmbeddedFont.Use();
        var grid = new Multiplot();
        grid.RemovePlot(grid.GetPlot(0));
        foreach (Plot plot in plots) grid.AddPlot(plot);
        grid.Layout = new ScottPlot.MultiplotLayouts.Grid(rows, columns);
        return grid;
    }

    /// <summary>Writes a chart as PNG: whole or, after an error, not at all.</summary>
    /// <param name="plot">The chart.</param>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    public static void Save(Plot plot, string path, int width = 900, int height = 600)
    {
        ArgumentNullException.ThrowIfNull(plot);
        Write(plot.GetImageBytes(width, height, ImageFormat.Png), path);
    }

    /// <inheritdoc cref="Save(Plot, string, int, int)"/>
    /// <param name="plots">The charts.</param>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    public static void Save(Multiplot plots, string path, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(plots);
        Write(plots.Render(width, height).GetImageBytes(ImageFormat.Png), path);
    }

    private static void Style(Plot plot, Language language)
    {
        var x = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = Tick, TickDensity = TickDensity };
        var y = new ScottPlot.TickGenerators.NumericAutomatic { LabelFormatter = Tick, TickDensity = TickDensity };
        plot.Axes.Bottom.TickGenerator = x;
        plot.Axes.Left.TickGenerator = y;
        plot.Legend.ShadowColor = Colors.Transparent;
        // some air between the words and the picture's edge
        plot.Axes.Left.Label.OffsetX = Air;
        plot.Axes.Left.MinimumSize = 12 * Air;
        plot.Axes.Right.MinimumSize = 3 * Air;

        string Tick(double value) => Math.Round(value, 10).ToString("#,0.######", language.Culture);
    }

    private static void Write(byte[] png, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        string partial = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        try
        {
            File.WriteAllBytes(partial, png);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
