using MiniDeep.Benchmarks;

namespace MiniDeep.Tests.Benchmarks;

public class ArgumentsTests
{
    [Fact]
    public void WithoutQuickTheArgumentsAreBenchmarkDotNets() => Assert.False(Arguments.Parse(["--list", "flat"]).Quick);

    [Fact]
    public void QuickMeasuresAllOnOneAndTwoThreads()
    {
        Arguments arguments = Arguments.Parse(["--quick"]);
        Assert.Equal((null, null, ""), (arguments.Json, arguments.Markdown, arguments.Filter));
        Assert.Equal([1, 2], arguments.Threads);
    }

    [Fact]
    public void EveryArgumentIsTaken()
    {
        Arguments arguments = Arguments.Parse(["--json", "a.json", "--quick", "--threads", "1,4", "--filter", "CNN step", "--markdown", "b.md"]);
        Assert.Equal(("a.json", "b.md", "CNN step"), (arguments.Json, arguments.Markdown, arguments.Filter));
        Assert.Equal([1, 4], arguments.Threads);
    }

    [Theory]
    [InlineData("--json lacks its value", "--quick", "--json")]
    [InlineData("--json lacks its value", "--quick", "--json", "--filter", "a")]
    [InlineData("'--fast' is no argument of --quick", "--quick", "--fast")]
    [InlineData("--threads takes numbers from 1 to 256, not '2,0'", "--quick", "--threads", "2,0")]
    [InlineData("--threads takes numbers from 1 to 256, not 'two'", "--quick", "--threads", "two")]
    public void AWrongArgumentIsOneClearLine(string message, params string[] args)
    {
        string text = Assert.Throws<ArgumentException>(() => Arguments.Parse(args)).Message;
        Assert.StartsWith(message, text);
        Assert.Contains("usage: --quick", text);
        Assert.DoesNotContain('\n', text);
    }
}
