using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace MiniDeep.Benchmarks;

internal static class Program
{
    private static int Main(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            Arguments arguments = Arguments.Parse(args);
            if (arguments.Quick) Quick(arguments);
            else return Thorough(args);
            return 0;
        }
        catch (Exception e) when (e is ArgumentException or PeerException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
            return e is ArgumentException ? 2 : 1;
        }
    }

    private static void Quick(Arguments arguments)
    {
        // a document that can't take the tables is an error now, not after three minutes
        string? document = arguments.Markdown is null ? null : File.ReadAllText(arguments.Markdown);
        if (document is not null) Report.Insert(document, "");
        using var run = new QuickRun(arguments, Console.Error);
        Report report = run.Run();
        Console.WriteLine(report.ToMarkdown());
        if (arguments.Json is not null) File.WriteAllText(arguments.Json, report.ToJson());
        if (document is not null) File.WriteAllText(arguments.Markdown!, Report.Insert(document, report.ToMarkdown()));
    }

    /// <summary>BenchmarkDotNet, in this process: the projects that it would generate don't fit the repository's settings.</summary>
    private static int Thorough(string[] args)
    {
        IConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default);
        return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config).Any() ? 0 : 2;
    }
}
