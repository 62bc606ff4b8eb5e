using MiniDeep.Examples;
using ScottPlot;
using SkiaSharp;

namespace MiniDeep.Tests;

/// <summary>Charts have words on every machine: without a font Skia draws none and reports nothing.</summary>
public class ChartTests
{
    [Fact]
    public void A_title_and_labels_leave_ink()
    {
        int empty = DarkPixels("", "", "");
        int title = DarkPixels("Perte et précision (é, →)", "", "");
        int all = DarkPixels("Perte et précision (é, →)", "époque", "perte");

        Assert.True(title > empty + 200, $"{empty} dark pixels without a title, {title} with one.");
        Assert.True(all > title + 100, $"{title} dark pixels without labels, {all} with them.");
    }

    /// <summary>A machine that has fonts would draw the words without ours; so this asks whose font every word gets.</summary>
    [Fact]
    public void Every_word_is_in_the_embedded_font()
    {
        Plot plot = Charts.Create(Language.English, "title", "x", "y");
        plot.Add.Scatter(new double[] { 0, 1 }, new double[] { 0, 1 }).LegendText = "legend";
        plot.GetImageBytes(200, 200, ImageFormat.Png);

        string[] names =
        [
            plot.Axes.Title.Label.FontName, plot.Axes.Bottom.Label.FontName, plot.Axes.Left.Label.FontName,
            plot.Axes.Bottom.TickLabelStyle.FontName, plot.Axes.Left.TickLabelStyle.FontName, plot.Legend.FontName ?? Fonts.Default,
        ];
        IFontResolver first = Fonts.FontResolvers[0];
        Assert.Equal(typeof(Charts).Assembly, first.GetType().Assembly);
        Assert.All(names, name => Assert.NotNull(first.CreateTypeface(name, bold: false, italic: false)));
        Assert.Null(first.CreateTypeface("Some Other Sans", bold: false, italic: false));
    }

    [Fact]
    public void Every_letter_of_both_languages_is_in_the_font()
    {
        using Stream font = typeof(Charts).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        using SKTypeface typeface = SKTypeface.FromData(SKData.Create(font));

        const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789éèêëàâçîïôùûœÉÈÊÀÇŒ«»’…→≤≥±×σµ\u202F";
        Assert.All(Letters, letter => Assert.True(typeface.ContainsGlyph(letter), $"U+{(int)letter:X4} {letter}"));
    }

    [Fact]
    public void The_axes_write_numbers_in_the_language() =>
        Assert.NotEqual(Picture(Language.English, "a", "b", "c"), Picture(Language.French, "a", "b", "c"));

    [Fact]
    public void The_same_chart_is_the_same_picture() =>
        Assert.Equal(Picture(Language.English, "a", "b", "c"), Picture(Language.English, "a", "b", "c"));

    [Fact]
    public void A_picture_that_cannot_be_written_leaves_nothing_behind()
    {
        string folder = Directory.CreateTempSubdirectory("minideep").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "taken.png"));
            Assert.ThrowsAny<SystemException>(() => Charts.Save(Charts.Create(Language.English, "a", "b", "c"), Path.Combine(folder, "taken.png")));
            Assert.Equal(["taken.png"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int DarkPixels(string title, string xLabel, string yLabel)
    {
        using SKBitmap bitmap = SKBitmap.Decode(Picture(Language.French, title, xLabel, yLabel));
        return bitmap.Pixels.Count(static pixel => pixel.Red + pixel.Green + pixel.Blue < 300);
    }

    private static byte[] Picture(Language language, string title, string xLabel, string yLabel)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}", "chart.png");
        try
        {
            Plot plot = Charts.Create(language, title, xLabel, yLabel);
            plot.Add.Scatter(new double[] { 0, 1, 2 }, new[] { 0.0, 0.5, 0.25 });
            Charts.Save(plot, path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
