using ActivationCnn;
using MiniDeep.Data;
using MiniDeep.Examples;

namespace MiniDeep.Tests.Activations;

/// <summary>The sentences follow the figures, whatever they are.</summary>
public class InterpretationTests
{
    private static readonly Candidate _relu = Candidate.All[0], _leaky = Candidate.All[1], _swish = Candidate.All[2];
    private static readonly ImageSet _images = new(
        new Dataset(Tensor.Zeros([2, 4, 4, 1]), Tensor.From(new int[] { 0, 1 })), new Dataset(Tensor.Zeros([10_000, 1]), Tensor.From(new int[10_000])), "");

    [Fact]
    public void One_run_of_each_decides_nothing()
    {
        string text = Read(Language.English, Runs(_relu, 1, 0, 0.985), Runs(_leaky, 1, 0, 0.9875), Runs(_swish, 1, 0, 0.98));

        Assert.Contains("The most accurate in this run is Leaky ReLU (98.75%), before ReLU (98.50%) and Swish (98.00%).", text);
        Assert.Contains("0.75 percentage points apart, 75 of 10,000 images", text);
        Assert.Contains("One run of each says nothing about which is better", text);
        Assert.DoesNotContain("ignificant", text);
    }

    [Fact]
    public void Differences_within_the_spread_are_not_significant()
    {
        string text = Read(Language.English, Runs(_relu, 1, 0, 0.98, 0.99, 0.985), Runs(_leaky, 1, 0, 0.99, 0.98, 0.986));

        Assert.Contains("No difference is significant: 3 seeds don't show that any activation is more accurate", text);
        Assert.Contains("The clearest difference is that of Leaky ReLU over ReLU", text);
    }

    [Fact]
    public void Differences_that_every_seed_shows_are_significant()
    {
        string text = Read(Language.English,
            Runs(_relu, 1, 0, 0.980, 0.985, 0.983, 0.984), Runs(_leaky, 1, 0, 0.9803, 0.9849, 0.9834, 0.9837), Runs(_swish, 1, 0, 0.990, 0.9952, 0.9932, 0.9937));

        Assert.Contains("Significant: Swish is more accurate than Leaky ReLU by ", text);
        Assert.Contains(" and Swish is more accurate than ReLU by 1.00 percentage points (p < 0.001).", text);
        Assert.Contains("The other differences are not significant.", text);
    }

    [Fact]
    public void Dead_units_are_counted_and_weighed()
    {
        Assert.Contains("there are none; each of the 128 hidden units responds", Read(Language.English, Runs(_relu, 1, 0, 0.98), Runs(_leaky, 1, 0, 0.98)));
        Assert.Contains("here 7 of the 128 hidden units respond to no test image", Read(Language.English, Runs(_relu, 1, 7, 0.98), Runs(_leaky, 1, 0, 0.98)));
        Assert.Contains("these runs can't tell", Read(Language.English, Runs(_relu, 1, 7, 0.98), Runs(_leaky, 1, 0, 0.98)));
        Assert.Contains("It does no harm that shows", Read(Language.English, Runs(_relu, 1, 7, 0.98, 0.981), Runs(_leaky, 1, 0, 0.981, 0.98)));
        Assert.Contains("It may be what ReLU loses to Leaky ReLU by.", Read(Language.English, Runs(_relu, 1, 7, 0.98, 0.981, 0.982), Runs(_leaky, 1, 0, 0.99, 0.9911, 0.992)));
        Assert.DoesNotContain("stuck", Read(Language.English, Runs(_leaky, 1, 7, 0.98), Runs(_swish, 1, 7, 0.98)));
    }

    [Fact]
    public void Times_are_compared()
    {
        Assert.Contains("Swish is the slowest: a training step takes 1.5 times as long as with ReLU (3.00 and 2.00 ms): Swish takes an exponential",
            Read(Language.English, Runs(_relu, 2, 0, 0.98), Runs(_swish, 3, 0, 0.98)));
        Assert.Contains("They cost about the same: 2.00 to 2.10 ms", Read(Language.English, Runs(_relu, 2, 0, 0.98), Runs(_swish, 2.1, 0, 0.98)));
        Assert.EndsWith("as with Swish (3.00 and 2.00 ms).", Read(Language.English, Runs(_relu, 3, 0, 0.98), Runs(_swish, 2, 0, 0.98)));
    }

    [Fact]
    public void A_single_activation_is_compared_with_none()
    {
        Assert.Contains("Swish classifies 98.50% of the test images right.\nOne run says little", Read(Language.English, Runs(_swish, 1, 0, 0.985)));
        Assert.Contains("varies by 0.71 percentage points", Read(Language.English, Runs(_swish, 1, 0, 0.98, 0.99)));
    }

    [Fact]
    public void French_writes_its_numbers_its_own_way()
    {
        string text = Read(Language.French, Runs(_relu, 1, 0, 0.985, 0.986), Runs(_leaky, 1, 3, 0.9874, 0.986));

        Assert.Contains("La plus précise en moyenne est Leaky ReLU (98,67\u00A0%), devant ReLU (98,55\u00A0%).", text);
        Assert.Contains("Aucune différence n'est significative : 2 graines", text);
    }

    private static string Read(Language language, params TrainingRun[][] runs) =>
        string.Join('\n', new Interpretation(new Comparison([.. runs.SelectMany(static run => run)]), _images, language).Paragraphs());

    private static TrainingRun[] Runs(Candidate candidate, double milliseconds, int deadUnits, params double[] accuracies) =>
    [
        .. accuracies.Select((accuracy, seed) => new TrainingRun(
            candidate, seed, [], [], [], new TestResult(accuracy, 0.05, new int[2, 2], [], 128, deadUnits), TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(milliseconds))),
    ];
}
