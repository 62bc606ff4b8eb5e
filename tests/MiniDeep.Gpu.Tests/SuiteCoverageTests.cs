using MiniDeep.Conformance;

namespace MiniDeep.GpuTests;

/// <summary>A suite that is forgotten runs nowhere, and a run that finds few tests shows little.</summary>
public class SuiteCoverageTests
{
    [Theory]
    [InlineData("Device")]
    [InlineData("Emulator")]
    public void Every_suite_but_that_of_threads_runs_on_the(string device)
    {
        Type[] suites = [.. typeof(Suite).Assembly.GetTypes().Where(static type => type.IsAbstract && type.IsSubclassOf(typeof(Suite)) && type != typeof(ThreadsSuite))];
        Type[] run = [.. typeof(SuiteCoverageTests).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Suite)) && type.Name.StartsWith(device, StringComparison.Ordinal))];
        Assert.InRange(suites.Length, 10, int.MaxValue);
        Assert.Empty(suites.Except(run.Select(static type => type.BaseType!)));
    }

    [Fact]
    public void The_suites_hold_many_tests()
    {
        int tests = typeof(SuiteCoverageTests).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(Suite)) && type.Name.StartsWith("Device", StringComparison.Ordinal))
            .SelectMany(static suite => suite.GetMethods()).Where(static method => method.IsDefined(typeof(FactAttribute), inherit: true))
            .Sum(static method => method.GetCustomAttributes(typeof(Xunit.Sdk.DataAttribute), inherit: true).Cast<Xunit.Sdk.DataAttribute>() is var sources && sources.Any()
                ? sources.Sum(source => source.GetData(method).Count())
                : 1);
        Assert.InRange(tests, 700, int.MaxValue);
    }
}
