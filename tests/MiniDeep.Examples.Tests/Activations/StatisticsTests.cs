using System.Text.Json;
using ActivationCnn;

namespace MiniDeep.Tests.Activations;

/// <summary>The study's statistics against SciPy's and R's (tests/fixtures/paired_tests.py).</summary>
public class StatisticsTests
{
    private static readonly JsonElement _expected = JsonDocument.Parse(File.ReadAllText(Repository.PathTo("tests/fixtures/paired_tests.json"))).RootElement;

    [Fact]
    public void Paired_tests_agree_with_SciPy()
    {
        JsonElement[] tests = [.. _expected.GetProperty("tests").EnumerateArray()];
        Assert.Equal(22, tests.Length);
        Assert.All(tests, static expected =>
        {
            var test = PairedTest.Of(Numbers(expected, "first"), Numbers(expected, "second"));

            // the mean of differences cancels: some roundings of values of size 1
            Assert.Equal(Number(expected, "mean"), test.Difference.Mean, 1e-14);
            AssertClose(Number(expected, "deviation"), test.Difference.Deviation, 1e-11);
            AssertClose(Number(expected, "t"), test.T, 1e-11);
            AssertClose(Number(expected, "p"), test.P, 1e-10);
        });
    }

    [Fact]
    public void The_t_distribution_agrees_with_SciPy()
    {
        JsonElement[] values = [.. _expected.GetProperty("distribution").EnumerateArray()];
        Assert.Equal(90, values.Length);
        Assert.All(values, static expected => AssertClose(Number(expected, "p"), StudentT.TwoSided(Number(expected, "t"), expected.GetProperty("n").GetInt32()), 1e-11));
    }

    [Fact]
    public void The_correction_agrees_with_R()
    {
        JsonElement[] corrections = [.. _expected.GetProperty("corrections").EnumerateArray()];
        Assert.Equal(7, corrections.Length);
        Assert.All(corrections, static expected =>
        {
            double[] wanted = Numbers(expected, "corrected"), got = PairedTest.Holm(Numbers(expected, "p"));
            Assert.Equal(wanted.Length, got.Length);
            for (int i = 0; i < wanted.Length; i++) AssertClose(wanted[i], got[i], 1e-14);
        });
    }

    [Fact]
    public void Equal_pairs_speak_for_no_difference() => Assert.Equal((0.0, 1.0), (PairedTest.Of([0.98, 0.97], [0.98, 0.97]).T, PairedTest.Of([0.98, 0.97], [0.98, 0.97]).P));

    [Fact]
    public void A_difference_without_any_spread_is_certain() => Assert.Equal(0, PairedTest.Of([1.5, 2.5, 3.5], [1, 2, 3]).P);

    [Fact]
    public void A_test_takes_two_pairs()
    {
        Assert.Contains("two at least; it got 1 and 1", Assert.Throws<ArgumentException>(() => PairedTest.Of([1], [2])).Message);
        Assert.Contains("it got 2 and 3", Assert.Throws<ArgumentException>(() => PairedTest.Of([1, 2], [1, 2, 3])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.TwoSided(1, 0));
        Assert.Throws<ArgumentException>(() => Sample.Of([]));
    }

    private static void AssertClose(double expected, double actual, double relative) =>
        Assert.True(Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"{actual:R} should be {expected:R}");

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static double[] Numbers(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(static number => number.GetDouble())];
}
