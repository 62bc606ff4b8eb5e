using System.Text;
using System.Text.RegularExpressions;

namespace MiniDeep.Tests;

/// <summary>Exercises 1 and 2 stopped by a signal and resumed. (Exercise 3: <see cref="Activations.ProcessTests"/>.)</summary>
[Trait("Speed", "Slow")]
public sealed class StoppingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minideep-stop").FullName;

    [Theory]
    [InlineData("01-DeepNetworkFromScratch/DeepNetworkFromScratch", "--notebook", "--epochs", "1000000", "--samples", "3")]
    [InlineData("02-Momentum/Momentum", "--notebook", "moons", "--epochs", "1000000", "--samples", "4")]
    public void A_run_that_was_stopped_goes_on_as_if_it_had_not_been(string example, params string[] arguments)
    {
        // there is no other way to send a signal to a process on Windows but to its whole console
        if (OperatingSystem.IsWindows()) return;
        string[] command = [.. arguments, "--lang", "en", "--output", _folder];
        (int code, byte[] whole, _) = ExampleProcess.Run(example, command);
        Assert.Equal(0, code);

        (code, byte[] stopped, _) = ExampleProcess.Run(example, command, whileRunning: process =>
        {
            // several times what the start takes, and a fraction of the training
            while (process.TotalProcessorTime < TimeSpan.FromSeconds(1.5)) Thread.Sleep(10);
            ExampleProcess.Stop(process);
        });
        Assert.Equal(130, code);
        string state = Assert.Single(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        Assert.StartsWith("checkpoint-", Path.GetFileName(state));
        Assert.Equal(
            $"\nStopped between two steps. The state of the trainings is in {Path.GetDirectoryName(Path.GetDirectoryName(state))}; the same command with --resume goes on from there.\n",
            Encoding.UTF8.GetString(stopped));

        (code, byte[] resumed, string error) = ExampleProcess.Run(example, [.. command, "--resume"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(whole, resumed);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_report_that_was_stopped_comes_out_the_same()
    {
        if (OperatingSystem.IsWindows()) return;
        const string Example = "01-DeepNetworkFromScratch/DeepNetworkFromScratch";
        string[] command = ["--epochs", "100000", "--samples", "3", "--lang", "en", "--output", _folder];
        string whole = WithoutTimes(ExampleProcess.Run(Example, command));
        (int code, _, _) = ExampleProcess.Run(Example, command, whileRunning: process =>
        {
            while (!process.HasExited && Directory.GetDirectories(_folder, "tanh", SearchOption.AllDirectories).Length == 0) Thread.Sleep(10);
            ExampleProcess.Stop(process);
        });
        Assert.Equal(130, code);
        // those before it were done
        Assert.All(["compared", "as-is", "longer", "normalized"], name => Assert.Single(Directory.GetFiles(Directory.GetDirectories(_folder, name, SearchOption.AllDirectories)[0], "*-000?00000.*")));

        Assert.Equal(whole, WithoutTimes(ExampleProcess.Run(Example, [.. command, "--resume"])));
        Assert.False(Directory.Exists(Path.Combine(_folder, "checkpoints")));

        static string WithoutTimes((int Code, byte[] Output, string Error) run)
        {
            Assert.Equal((0, ""), (run.Code, run.Error));
            return Regex.Replace(Encoding.UTF8.GetString(run.Output), " +[0-9]+ ms", " ms");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
