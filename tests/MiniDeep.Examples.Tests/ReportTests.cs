using System.Globalization;
using System.Text.RegularExpressions;
using SkiaSharp;

namespace MiniDeep.Tests;

/// <summary>The examples' default runs: tables, pictures, languages.</summary>
public sealed partial class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minideep-examples").FullName;

    [Theory]
    [InlineData("en", "Final accuracy: 0.55 with MiniDeep, 0.55 by hand.", "as the exercise has it", "The labels are random")]
    [InlineData("fr", "Précision finale : 0,55 avec MiniDeep, 0,55 à la main.", "tel quel", "Les étiquettes sont aléatoires")]
    public void Exercise_1_reports_in_both_languages(string language, params string[] phrases)
    {
        ExampleRun run = ExampleRun.Exercise1("--lang", language, "--output", _folder);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.All(phrases, phrase => Assert.Contains(phrase, run.Output));
        AssertPicture("losses.png", 900, 600);
    }

    [Fact]
    public void The_backward_pass_by_hand_agrees_with_the_library()
    {
        string output = ExampleRun.Exercise1("--lang", "en", "--output", _folder).Output;

        Match differences = Differences().Match(output);
        Assert.True(differences.Success, output);
        // some thousand roundings, a thousand steps long
        Assert.All(differences.Groups.Values.Skip(1), static group => Assert.InRange(double.Parse(group.Value, CultureInfo.InvariantCulture), 1e-17, 1e-10));
    }

    [Fact]
    public void Every_improvement_is_a_row_with_a_result_of_its_own()
    {
        string output = ExampleRun.Exercise1("--lang", "en", "--output", _folder, "--epochs", "600").Output;

        string[] rows = [.. output.Split('\n').Where(static line => line.EndsWith(" ms", StringComparison.Ordinal))];
        Assert.Equal(
            ["as the exercise has it", "1200 epochs", "normalised inputs", "tanh", "Leaky ReLU", "larger: 20 and 16 neurons", "more epochs, normalised, Leaky ReLU, larger"],
            rows.Select(static row => row[..row.IndexOf("  ", StringComparison.Ordinal)]));
        Assert.Equal(7, rows.Select(static row => Cells().Split(row)[2]).Distinct().Count());
    }

    [Theory]
    [InlineData("en", "Random labels: network 2-4-1", "Two moons: network 2-6-1", "times fewer epochs to 0.68, 0.65 and 0.62")]
    [InlineData("fr", "Étiquettes aléatoires : réseau 2-4-1", "Deux lunes : réseau 2-6-1", "fois moins d'époques jusqu'à 0,68, 0,65 et 0,62")]
    public void Exercise_2_reports_in_both_languages(string language, params string[] phrases)
    {
        ExampleRun run = ExampleRun.Exercise2("--lang", language, "--output", _folder);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.All(phrases, phrase => Assert.Contains(phrase, run.Output));
        AssertPicture("losses.png", 1400, 520);
        AssertPicture("boundaries.png", 1200, 1120);
    }

    [Theory]
    [InlineData("The two runs are the same", "--momentum", "0")]
    [InlineData("Momentum slows down", "--momentum", "0.9", "--learning-rate", "0.05", "--loss", "0.5")]
    [InlineData("But it ends higher: at ", "--momentum", "0.9", "--learning-rate", "0.05", "--loss", "0.5")]
    [InlineData("Only without momentum the loss comes down to 0.3", "--momentum", "0.99", "--loss", "0.3")]
    [InlineData("Only with momentum the loss comes down to 0.1 in 300 epochs", "--epochs", "300", "--loss", "0.1")]
    [InlineData("Neither run comes down to 0.01", "--epochs", "200", "--loss", "0.01")]
    public void The_interpretation_follows_the_figures(string phrase, params string[] arguments)
    {
        ExampleRun run = ExampleRun.Exercise2(["--lang", "en", "--output", _folder, .. arguments]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(phrase, run.Output[run.Output.IndexOf("Two moons", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void A_training_that_diverges_is_reported_and_drawn()
    {
        ExampleRun run = ExampleRun.Exercise2("--lang", "en", "--output", _folder, "--learning-rate", "1000", "--momentum", "0.99", "--epochs", "400");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        AssertPicture("losses.png", 1400, 520);
        Assert.Equal(0, ExampleRun.Exercise1("--output", _folder, "--learning-rate", "1000", "--epochs", "50").ExitCode);
    }

    [Fact]
    public void The_smallest_numbers_are_enough()
    {
        Assert.Equal(0, ExampleRun.Exercise1("--output", _folder, "--epochs", "1", "--samples", "1", "--features", "1", "--hidden1", "1", "--hidden2", "1", "--classes", "1").ExitCode);
        Assert.Equal(0, ExampleRun.Exercise2("--output", _folder, "--epochs", "1", "--samples", "2", "--hidden", "1").ExitCode);
    }

    [Theory]
    [InlineData("fr_FR.UTF-8", "Réseau 4-5-4-3")]
    [InlineData("de_DE.UTF-8", "Network 4-5-4-3")]
    [Trait("Speed", "Slow")]
    public void The_language_comes_from_the_system(string system, string phrase)
    {
        (int code, byte[] output, string error) = ExampleProcess.Run(
            "01-DeepNetworkFromScratch/DeepNetworkFromScratch", ["--epochs", "20", "--output", _folder], environment: [("LC_ALL", system), ("LANG", system)]);

        Assert.Equal("", error);
        Assert.Equal(0, code);
        string text = System.Text.Encoding.UTF8.GetString(output);
        // the first byte is the first letter's: no byte order mark
        Assert.StartsWith(phrase, text, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", text);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A picture of a size with text: more ink above the frame than the same picture would have without a title.</summary>
    private void AssertPicture(string name, int width, int height)
    {
        using SKBitmap bitmap = SKBitmap.Decode(Path.Combine(_folder, name));
        Assert.Equal((width, height), (bitmap.Width, bitmap.Height));
        int ink = 0;
        for (int y = 0; y < 30; y++)
        {
            for (int x = 0; x < width; x++) ink += bitmap.GetPixel(x, y) is { Red: < 100, Green: < 100, Blue: < 100 } ? 1 : 0;
        }
        Assert.True(ink > 100, $"{name} has {ink} dark pixels where its title should be.");
    }

    [GeneratedRegex(@"between the two: (\S+) in a loss, (\S+) in a weight")]
    private static partial Regex Differences();

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Cells();
}
