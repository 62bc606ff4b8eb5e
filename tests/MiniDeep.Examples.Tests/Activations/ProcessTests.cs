using System.Diagnostics;

namespace MiniDeep.Tests.Activations;

/// <summary>Exercise 3 as a process of its own.</summary>
[Trait("Speed", "Slow")]
public sealed class ProcessTests : IDisposable
{
    private static readonly string _assembly = Repository.PathTo($"examples/03-ActivationCnn/bin/{Repository.Configuration}/net10.0/ActivationCnn.dll");
    private readonly string _folder = Directory.CreateTempSubdirectory("minideep-study").FullName;

    [Fact]
    public void It_finds_the_digits_from_any_folder_and_prints_plain_lines_where_nobody_watches()
    {
        ChildProcess.Result result = ChildProcess.RunDotnet(
            _folder, TimeSpan.FromMinutes(2), null, _assembly, "--lang", "en", "--limit", "500", "--epochs", "1", "--seed", "3", "--activations", "relu", "--output", "pictures");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Exercise 3: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("500 images to train on and 10,000 to test with, 28 x 28 pixels, 10 classes\n1 epoch in batches of 64, Adam with learning rate 0.001, seed 3\n", result.Output);
        Assert.Contains("Total parameters: 206,922", result.Output);
        Assert.Matches(@"── 1/1  ReLU ─+\nEpoch 1/1 - .*ms/step - loss: .* - val_accuracy: 0\.\d{4}\nTest images: accuracy ", result.Output);
        Assert.DoesNotContain('\r', result.Output);
        Assert.True(File.Exists(Path.Combine(_folder, "pictures", "curves.png")));
    }

    [Fact]
    public void A_signal_stops_it_between_two_steps()
    {
        // there is no other way to send one to a process on Windows but to its whole console
        if (OperatingSystem.IsWindows()) return;
        ProcessStartInfo start = new(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [_assembly, "--lang", "en", "--limit", "640", "--epochs", "100000", "--output", _folder])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using CancellationTokenRegistration end = limit.Token.Register(() => process.Kill());
        string? line;
        do line = process.StandardOutput.ReadLine(); while (line is not null && !line.StartsWith("Epoch 2/", StringComparison.Ordinal));
        ExampleProcess.Stop(process);
        string rest = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        string states = Assert.Single(Directory.GetDirectories(Path.Combine(_folder, "checkpoints")));
        Assert.False(limit.IsCancellationRequested, "It was still running after two minutes.");
        Assert.EndsWith(
            $"Stopped between two steps. The state of the trainings is in {states}; the same command with --resume goes on from there.\n", rest);
        Assert.StartsWith("checkpoint-", Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(states, "relu-1")))));
        Assert.Equal(130, process.ExitCode);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_study_that_was_stopped_goes_on_as_if_it_had_not_been()
    {
        if (OperatingSystem.IsWindows()) return;
        string[] arguments = [_assembly, "--lang", "en", "--limit", "1500", "--epochs", "4", "--activations", "relu", "swish"];
        string whole = Results([.. arguments, "--output", Path.Combine(_folder, "whole")]), broken = Path.Combine(_folder, "broken");
        using (Process process = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [.. arguments, "--output", broken])
        { RedirectStandardOutput = true })!)
        {
            string? line;
            do line = process.StandardOutput.ReadLine(); while (line is not null && !line.StartsWith("Epoch 2/", StringComparison.Ordinal));
            ExampleProcess.Stop(process);
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(130, process.ExitCode);
        }

        Assert.Equal(whole, Results([.. arguments, "--output", broken, "--resume"]));
        Assert.False(Directory.Exists(Path.Combine(broken, "checkpoints")));

        string Results(string[] command)
        {
            ChildProcess.Result run = ChildProcess.RunDotnet(_folder, TimeSpan.FromMinutes(2), null, command);
            Assert.True(run.ExitCode == 0, run.Output);
            string[] lines = [.. run.Output.Split('\n').Where(static line => line.StartsWith("Test images: ", StringComparison.Ordinal)).Select(static line => line.Split(';')[0])];
            Assert.Equal(2, lines.Length);
            return string.Join('\n', lines);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
