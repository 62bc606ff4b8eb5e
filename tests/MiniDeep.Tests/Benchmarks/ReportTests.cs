using System.Text.Json;
using MiniDeep.Benchmarks;

namespace MiniDeep.Tests.Benchmarks;

public class ReportTests
{
    private static readonly Report s_report = new(
        "a machine", [new Fact("peak", 118.2, "GFLOP/s")], [new MiniDeep.Benchmarks.Row("step", 2, 1500, 240, 1.02, "Peer", 6000), new MiniDeep.Benchmarks.Row("alone", 1, 20.04, 0, 0, null, 0)],
        [new Operation("ReLU", "convolution", 100, 80, 40, 0.8, "multiply-adds")]);

    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2.0)]
    [InlineData(new[] { 4.0, 1, 2, 100 }, 3.0)]
    [InlineData(new[] { 7.0 }, 7.0)]
    public void TheMedianStandsInTheMiddle(double[] values, double expected) => Assert.Equal(expected, Report.Median(values));

    [Fact]
    public void NothingHasNoMedian() => Assert.Contains("no median", Assert.Throws<ArgumentException>(() => Report.Median([])).Message);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.12345, "0.123")]
    [InlineData(0.99961, "1.00")]
    [InlineData(9.996, "10.0")]
    [InlineData(-42.25, "-42.2")]
    [InlineData(99.96, "100")]
    [InlineData(12345.6, "12346")]
    public void NumbersHaveThreeDigits(double value, string expected) => Assert.Equal(expected, Report.Number(value));

    [Theory]
    [InlineData(999.4, "999 us")]
    [InlineData(999.6, "1.00 ms")]
    public void TimesChangeTheirUnit(double microseconds, string expected) => Assert.Equal(expected, Report.Time(microseconds));

    [Fact]
    public void ARatioIsMiniDeepOverPeer()
    {
        Assert.Equal(0.25, s_report.Rows[0].Ratio);
        Assert.Null(s_report.Rows[1].Ratio);
    }

    [Fact]
    public void TheTableIsAligned() => Assert.Equal(
        """
        | work | time |
        |------|-----:|
        | a    | 1 us |
        | long |    - |

        """.ReplaceLineEndings("\n"),
        Report.Table(["work", "time"], [["a", "1 us"], ["long", "-"]]));

    [Fact]
    public void TheMarkdownHoldsEveryTable()
    {
        string text = s_report.ToMarkdown();
        Assert.Contains("| step  |       2 |  1.50 ms |     240 |       102 % | Peer |     6.00 ms |           0.250 |", text);
        Assert.Contains("| alone |       1 |  20.0 us |         |             |      |             |                 |", text);
        Assert.Contains("| peak     | 118 | GFLOP/s |", text);
        Assert.Contains("| convolution | 100 |        80.0 |       40.0 |       60.0 |        80 % | multiply-adds |", text);
    }

    [Fact]
    public void TheJsonHoldsTheSameFigures()
    {
        using JsonDocument json = JsonDocument.Parse(s_report.ToJson());
        JsonElement row = json.RootElement.GetProperty("Rows")[0];
        Assert.Equal(0.25, row.GetProperty("Ratio").GetDouble());
        Assert.Equal("Peer", row.GetProperty("Peer").GetString());
        Assert.Equal(1.02, row.GetProperty("Share").GetDouble());
        Assert.Equal(40, json.RootElement.GetProperty("Operations")[0].GetProperty("LiveFloorMicroseconds").GetDouble());
    }

    [Fact]
    public void TablesReplaceTheOldOnesBetweenTheMarks()
    {
        string once = Report.Insert("above\n<!-- figures -->\nold\n<!-- /figures -->\nbelow\n", "new\n");
        Assert.Equal("above\n<!-- figures -->\nnew\n<!-- /figures -->\nbelow\n", once);
        Assert.Equal(once, Report.Insert(once, "new\n"));
    }

    [Theory]
    [InlineData("no marks")]
    [InlineData("<!-- /figures --> <!-- figures -->")]
    public void ADocumentWithoutMarksIsAnError(string document) => Assert.Contains("<!-- figures -->", Assert.Throws<ArgumentException>(() => Report.Insert(document, "")).Message);
}
