using System.Diagnostics;

namespace MiniDeep.Benchmarks;

/// <summary>The programs that are run as child processes.</summary>
internal static class Programs
{
    private static readonly string s_root = Root();

    private static string Published => InRepository("benchmarks/ColdStart/bin/published");

    public static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    public static string TorchSharp => InRepository("benchmarks/peers/torchsharp.sh");

    public static string NumPy => InRepository("benchmarks/peers/NumPyPeer/peer.py");

    /// <summary>The notebook's programs.</summary>
    public static string Exercises => InRepository("tests/fixtures/exercises");

    public static string Digits => InRepository("examples/data/mnist");

    public static ProcessStartInfo ColdStart(params string[] arguments) => ColdStartIn(AppContext.BaseDirectory, arguments);

    /// <summary>The same program as <see cref="Publish"/> leaves it.</summary>
    public static ProcessStartInfo PublishedColdStart(params string[] arguments) => ColdStartIn(Path.Combine(Published, "app"), arguments);

    /// <summary>Publishes the program with ReadyToRun, as README.md tells those whose programs are short.</summary>
    public static void Publish(TimeSpan limit) => Run("dotnet publish", new("dotnet",
    [
        "publish", InRepository("benchmarks/ColdStart"), "-c", "Release", "--use-current-runtime", "--self-contained", "false", "--nologo",
        "-p:PublishReadyToRun=true", "-p:TieredPGO=false", "--artifacts-path", Path.Combine(Published, "build"), "-o", Path.Combine(Published, "app"),
    ]), limit);

    public static string InRepository(string path) => Path.Combine(s_root, path);

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Milliseconds until its first line, and that line.</returns>
    public static (double Milliseconds, string Line) Run(string name, ProcessStartInfo start, TimeSpan limit)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        long begin = Stopwatch.GetTimestamp();
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string line = process.StandardOutput.ReadLine() ?? "";
            double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            Task<string> rest = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(limit))
            {
                process.Kill(entireProcessTree: true);
                throw new PeerException($"{name} was still running after {limit.TotalMinutes} minutes.");
            }
            if (process.ExitCode != 0) throw new PeerException($"{name} does not run: {Reason([line, .. rest.Result.Split('\n'), .. errors.Result.Split('\n')])}");
            return (milliseconds, line);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new PeerException($"{name} does not run: {e.Message}");
        }
    }

    /// <summary>The line of a program's output that says best what went wrong.</summary>
    public static string Reason(IEnumerable<string> output)
    {
        string[] lines = [.. output.Select(static line => line.Trim()).Where(static line => line.Length > 0)];
        return lines.FirstOrDefault(static line => line.Contains("error", StringComparison.OrdinalIgnoreCase) || line.Contains("exception", StringComparison.OrdinalIgnoreCase))
            ?? lines.LastOrDefault() ?? "it ended without a word.";
    }

    private static ProcessStartInfo ColdStartIn(string folder, string[] arguments) => new("dotnet", [Path.Combine(folder, "MiniDeep.ColdStart.dll"), .. arguments]);

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MiniDeep.sln"))) return folder.FullName;
        }
        throw new PeerException("MiniDeep.sln is not above the program: run the benchmarks where they were built.");
    }
}
