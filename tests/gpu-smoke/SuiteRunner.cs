using System.Diagnostics;
using System.Reflection;
using Xunit.Sdk;

namespace MiniDeep.GpuSmoke;

/// <summary>Runs the conformance suites without a test host, which a single file doesn't have.</summary>
internal static class SuiteRunner
{
    private const int ShownFailures = 20;

    /// <summary>Runs every suite of the device and prints a line for each.</summary>
    /// <returns>How many tests passed and failed.</returns>
    public static (int Passed, int Failed) Run(TextWriter output)
    {
        int passed = 0, failed = 0;
        foreach (Type suite in Suites())
        {
            long start = Stopwatch.GetTimestamp();
            (int good, int bad) = RunSuite(suite, output, ref failed);
            passed += good;
            output.WriteLine(FormattableString.Invariant($"{suite.Name,-28} {good,5} passed {bad,5} failed {Stopwatch.GetElapsedTime(start).TotalSeconds,8:0.0} s"));
        }
        return (passed, failed);
    }

    private static IEnumerable<Type> Suites() =>
        typeof(SuiteRunner).Assembly.GetTypes().Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(Conformance.Suite))).OrderBy(static type => type.Name, StringComparer.Ordinal);

    private static (int, int) RunSuite(Type suite, TextWriter output, ref int failedBefore)
    {
        int passed = 0, failed = 0;
        foreach (MethodInfo method in suite.GetMethods().Where(static method => method.GetCustomAttribute<FactAttribute>() is not null))
        {
            foreach (object[] arguments in Rows(method))
            {
                try
                {
                    method.Invoke(Activator.CreateInstance(suite), arguments);
                    passed++;
                }
                catch (TargetInvocationException failure)
                {
                    // a test may fail with any exception
                    failed++;
                    if (failedBefore++ < ShownFailures) output.WriteLine($"FAILED {suite.Name}.{method.Name}({string.Join(", ", arguments)}): {failure.InnerException}");
                }
            }
        }
        return (passed, failed);
    }

    private static IEnumerable<object[]> Rows(MethodInfo method)
    {
        DataAttribute[] sources = [.. method.GetCustomAttributes<DataAttribute>()];
        return sources.Length == 0 ? [[]] : sources.SelectMany(source => source.GetData(method));
    }
}
