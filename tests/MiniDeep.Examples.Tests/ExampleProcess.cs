using System.Diagnostics;
using System.Globalization;

namespace MiniDeep.Tests;

/// <summary>An example as a user starts it: a process of its own, whose output is taken as bytes.</summary>
internal static class ExampleProcess
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    /// <summary>Sends SIGTERM: not SIGINT, which a process started in the background may have inherited as ignored; both take the same way. Not on Windows.</summary>
    public static void Stop(Process process) => Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    /// <param name="example">Its folder and assembly below examples/: "02-Momentum/Momentum".</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="whileRunning">Done once it has been started.</param>
    /// <param name="environment">Variables to set.</param>
    public static (int Code, byte[] Output, string Error) Run(
        string example, string[] arguments, Action<Process>? whileRunning = null, params (string Name, string Value)[] environment)
    {
        string folder = Path.GetDirectoryName(example)!;
        string assembly = Repository.PathTo($"examples/{folder}/bin/{Repository.Configuration}/net10.0/{Path.GetFileName(example)}.dll");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        using var cancel = new CancellationTokenSource(_limit);
        using CancellationTokenRegistration end = cancel.Token.Register(() => process.Kill(entireProcessTree: true));
        whileRunning?.Invoke(process);
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        Assert.False(cancel.IsCancellationRequested, $"{example} was still running after {_limit}.");
        return (process.ExitCode, output.ToArray(), error.GetAwaiter().GetResult());
    }
}
