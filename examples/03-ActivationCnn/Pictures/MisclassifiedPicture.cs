using MiniDeep.Examples;
using ScottPlot;

namespace ActivationCnn;

/// <summary>The test images that the first model with an activation got wrong, those first that it was surest of.</summary>
internal static class MisclassifiedPicture
{
    private const int Columns = 8;
    private const int Rows = 5;

    // a cell is 1 wide; the image leaves room for two lines of text above it
    private const double CellHeight = 1.22;
    private const double ImageSide = 0.8;

    public static Plot Draw(Entry entry, ImageSet images, Language language)
    {
        IReadOnlyList<Mistake> mistakes = entry.Runs[0].Test.Mistakes;
        Mistake[] shown = [.. mistakes.Take(Rows * Columns)];
        Plot plot = Charts.Create(language, Title(entry.Name, shown.Length, mistakes.Count, language), "", "");
        for (int i = 0; i < shown.Length; i++) Image(plot, images, shown[i], i % Columns, -(i / Columns) * CellHeight, language);
        plot.HideGrid();
        plot.Axes.Bottom.IsVisible = plot.Axes.Left.IsVisible = plot.Axes.Right.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.SetLimits(-0.1, Columns + 0.1, -(Rows * CellHeight), 0.05);
        plot.Axes.SquareUnits();
        return plot;
    }

    private static string Title(string name, int shown, int all, Language language) => (shown, all) switch
    {
        (0, _) => language.Choose($"{name}: no test image is misclassified", $"{name} : aucune image de test n'est mal classée"),
        _ when shown == all => language.Write(
            $"{name}: the {all:N0} misclassified images, the most confident errors first (true class → prediction)",
            $"{name} : les {all:N0} images mal classées, les erreurs les plus sûres d'abord (classe réelle → prédiction)"),
        _ => language.Write(
            $"{name}: the {shown} most confident errors of {all:N0} (true class → prediction, its probability)",
            $"{name} : les {shown} erreurs les plus sûres sur {all:N0} (classe réelle → prédiction, sa probabilité)"),
    };

    private static void Image(Plot plot, ImageSet images, Mistake mistake, double left, double top, Language language)
    {
        int height = images.ImageShape[0], width = images.ImageShape[1];
        float[] pixels = images.Test.Skip(mistake.Index).Take(1).Features.ToArray<float>();
        var values = new double[height, width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++) values[y, x] = pixels[(y * width) + x];
        }
        double side = Math.Max(height, width), across = ImageSide * width / side, down = ImageSide * height / side, center = left + 0.5;
        var heatmap = plot.Add.Heatmap(values);
        heatmap.Colormap = new ScottPlot.Colormaps.Grayscale().Reversed();
        heatmap.ManualRange = new ScottPlot.Range(0, 1);
        var place = new CoordinateRect(center - (across / 2), center + (across / 2), top - CellHeight + 0.08, top - CellHeight + 0.08 + down);
        heatmap.Position = place;
        var frame = plot.Add.Rectangle(place.Left, place.Right, place.Bottom, place.Top);
        frame.FillColor = Colors.Transparent;
        frame.LineColor = Color.FromHex("#C8C8C8");

        Caption($"{mistake.Label} → {mistake.Prediction}", center - 0.16, 16, Colors.Black);
        Caption(language.Number(100 * mistake.Confidence, "F0") + language.Choose("%", " %"), center + 0.24, 12, Color.FromHex("#707070"));

        void Caption(string text, double x, float size, Color color)
        {
            var caption = plot.Add.Text(text, x, place.Top + 0.04);
            caption.LabelAlignment = Alignment.LowerCenter;
            caption.LabelFontSize = size;
            caption.LabelFontColor = color;
        }
    }
}
