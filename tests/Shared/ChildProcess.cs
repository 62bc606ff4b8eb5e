using System.Diagnostics;
using System.Text;

namespace MiniDeep.Tests;

/// <summary>Runs a program to its end and keeps all that it printed.</summary>
internal static class ChildProcess
{
    /// <summary>What the program left: its exit code, and standard output and error as they came.</summary>
    public sealed record Result(int ExitCode, string Output);

    /// <summary>Runs the dotnet command line, without what this test process's own host has set up for itself.</summary>
    public static Result RunDotnet(string workingDirectory, TimeSpan limit, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        Dictionary<string, string> all = new(environment ?? new Dictionary<string, string>())
        {
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["DOTNET_NOLOGO"] = "1",
            // Servers that outlive the command would keep its output open, and the test would wait for them.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["UseSharedCompilation"] = "false",
        };
        return Run(DotnetPath(), workingDirectory, limit, all, arguments);
    }

    /// <summary>Runs any program. One that goes on longer than <paramref name="limit"/> is ended and fails the test.</summary>
    public static Result Run(string file, string workingDirectory, TimeSpan limit, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (string name in start.Environment.Keys.Where(IsOfTheHost).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        StringBuilder output = new();
        using Process process = new() { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.Fail($"{file} {string.Join(' ', arguments)} was still running after {limit}:\n{output}");
        }

        process.WaitForExit();     // the overload with a limit does not wait for the last lines
        lock (output)
        {
            return new Result(process.ExitCode, output.ToString());
        }

        void Append(string? line)
        {
            if (line is not null)
            {
                lock (output)
                {
                    output.Append(line).Append('\n');
                }
            }
        }
    }

    private static bool IsOfTheHost(string name) =>
        name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST_", StringComparison.OrdinalIgnoreCase);

    // Set by the command line that started the test host.
    private static string DotnetPath() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
