using System.Globalization;
using System.Text.RegularExpressions;
using SkiaSharp;

namespace MiniDeep.Tests.Activations;

/// <summary>Exercise 3 on the first images, in this process.</summary>
public sealed partial class StudyTests : IDisposable
{
    // 125 steps; of 24 such trainings (seeds 1 to 8) the least accurate had 0.865, and guessing has 0.1
    private static readonly string[] _short = ["--quiet", "--limit", "2000", "--epochs", "1", "--batch-size", "16"];
    private const double LearntAccuracy = 0.8;

    private readonly string _folder = Directory.CreateTempSubdirectory("minideep-study").FullName;

    [Theory]
    [InlineData("en", "Comparison on the 10,000 test images", "One run of each says nothing about which is better", "Pictures in ")]
    [InlineData("fr", "Comparaison sur les 10\u202F000 images de test", "Un seul essai de chacune ne dit rien", "Images dans ")]
    public void Three_activations_learn_and_are_compared(string language, params string[] phrases)
    {
        ExampleRun run = ExampleRun.Exercise3([.. _short, "--lang", language, "--output", _folder]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.All(phrases, phrase => Assert.Contains(phrase, run.Output));
        string[] rows = Rows(run.Output);
        Assert.Equal(["ReLU", "Leaky ReLU", "Swish"], rows.Select(static row => Cells().Split(row)[0]));
        Assert.All(rows, row => Assert.InRange(Accuracy(row), LearntAccuracy, 1));
        AssertPictures("relu", "leaky-relu", "swish");
    }

    [Fact]
    public void The_same_seed_gives_the_same_figures_and_another_one_others()
    {
        string[] first = Figures("--seed", "7"), again = Figures("--seed", "7"), other = Figures("--seed", "8");

        Assert.Equal(first, again);
        Assert.All(first.Zip(other), static pair => Assert.NotEqual(pair.First, pair.Second));

        // name, accuracy, errors and loss: the times differ
        string[] Figures(params string[] arguments) =>
            [.. Rows(ExampleRun.Exercise3([.. _short, "--lang", "en", "--output", _folder, .. arguments]).Output).Select(static row => string.Join(' ', Cells().Split(row)[..4]))];
    }

    [Fact]
    public void Several_seeds_are_averaged_and_tested()
    {
        ExampleRun run = ExampleRun.Exercise3(
            "--quiet", "--lang", "en", "--output", _folder, "--limit", "640", "--epochs", "1", "--seeds", "2", "--activations", "swish", "tanh", "sigmoid");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Mean ± standard deviation of 2 seeds", run.Output);
        Assert.Equal(["Swish", "Tanh", "Sigmoid"], Rows(run.Output).Select(static row => Cells().Split(row)[0]));
        Assert.Equal(3, run.Output.Split('\n').Count(static line => line.EndsWith(" no", StringComparison.Ordinal) || line.EndsWith(" yes", StringComparison.Ordinal)));
        Assert.Matches("No difference is significant|Significant: ", run.Output);
        Assert.DoesNotContain("One run", run.Output);
        AssertPictures("swish", "tanh", "sigmoid");
    }

    [Fact]
    public void Any_set_of_the_same_form_will_do()
    {
        using var images = new ImageFolder(height: 12, width: 9, classes: 3);

        ExampleRun run = ExampleRun.Exercise3("--quiet", "--lang", "en", "--output", _folder, "--data", images.Path, "--epochs", "4", "--batch-size", "10", "--activations", "leaky-relu");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Comparison on the 60 test images", run.Output);
        // bright bands are no puzzle: nearly all of them are told apart
        Assert.InRange(Accuracy(Assert.Single(Rows(run.Output))), 0.95, 1);
        AssertPictures("leaky-relu");
    }

    [Fact]
    public void A_set_that_is_missing_or_of_another_form_is_an_error()
    {
        using var uneven = new ImageFolder(height: 12, width: 9, classes: 3, testHeight: 10);
        using var tiny = new ImageFolder(height: 3, width: 9, classes: 3);
        using var cut = new ImageFolder(height: 12, width: 9, classes: 3);
        using var empty = new ImageFolder(height: 12, width: 9, classes: 3, testCount: 0);
        string file = Path.Combine(cut.Path, "t10k-images-idx3-ubyte");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^5]);
        string nowhere = Path.Combine(_folder, "nowhere");

        AssertError("en", nowhere, $"Error: there is no folder '{nowhere}'. --data takes a folder with the four IDX files");
        AssertError("fr", nowhere, $"Erreur : il n'y a pas de dossier « {nowhere} ». --data prend un dossier");
        AssertError("en", _folder, "There is no train-images-idx3-ubyte.gz");
        AssertError("en", uneven.Path, "are of 12 x 9 pixels, the test images of 10 x 9");
        AssertError("fr", uneven.Path, "ont 12 x 9 pixels, celles de test 10 x 9");
        AssertError("en", tiny.Path, "are of 3 x 9 pixels; the network halves them twice");
        AssertError("en", cut.Path, "t10k-images-idx3-ubyte");
        AssertError("en", empty.Path, "holds no images");
        Assert.Empty(Directory.GetFiles(_folder));

        void AssertError(string language, string data, string message)
        {
            ExampleRun run = ExampleRun.Exercise3("--lang", language, "--data", data, "--output", _folder);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(message, run.Error);
            Assert.Equal("", run.Output);
        }
    }

    [Theory]
    [InlineData("--seeds takes a whole number from 1 to 1000, not '0'.", "--seeds", "0")]
    [InlineData("--limit takes a whole number from 0 to 2147483647, not '-3'.", "--limit", "-3")]
    [InlineData("'gelu'", "--activations", "gelu")]
    [InlineData("--bogus", "--bogus")]
    public void A_wrong_option_is_named(string message, params string[] arguments)
    {
        ExampleRun run = ExampleRun.Exercise3([.. arguments, "--lang", "en", "--output", _folder]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Equal("", run.Output.Trim());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The rows of the table of activations, which end with the time of a step.</summary>
    private static string[] Rows(string output) => [.. output.Split('\n').Where(static line => line.EndsWith(" ms", StringComparison.Ordinal))];

    private static double Accuracy(string row) => double.Parse(Cells().Split(row)[1].TrimEnd('%', '\u00A0').Replace(',', '.'), CultureInfo.InvariantCulture) / 100;

    private void AssertPictures(params string[] activations)
    {
        AssertPicture("curves.png", 1300, 560);
        AssertPicture("comparison.png", 1300, 560);
        foreach (string activation in activations)
        {
            AssertPicture($"confusion-{activation}.png", 820, 800);
            AssertPicture($"misclassified-{activation}.png", 1000, 810);
        }
        Assert.Equal(2 + (2 * activations.Length), Directory.GetFiles(_folder).Length);
    }

    /// <summary>A picture of a size with ink where its title should be.</summary>
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

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Cells();
}
