using System.Diagnostics;

namespace MiniDeep.Kills;

/// <summary>Starts trainings as child processes, breaks them, resumes them and compares.</summary>
internal sealed class Driver
{
    private readonly string _root = Directory.CreateTempSubdirectory("minideep-kills-").FullName;
    private readonly string _expected;
    private readonly TimeSpan _duration;
    private int _folders;

    /// <summary>Makes the unbroken run that all others must equal.</summary>
    public Driver()
    {
        (int code, _expected) = Finish(NewFolder());
        if (code != 0) throw new InvalidOperationException($"The unbroken run ended with {code}: {_expected}");
        long start = Stopwatch.GetTimestamp();
        Finish(NewFolder());
        _duration = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Kills runs at random moments, some of them more than once, and resumes each to its end.</summary>
    /// <returns>Whether all ended as the unbroken run.</returns>
    public bool KillAtRandom(int kills, int seed)
    {
        var random = new Random(seed);
        int done = 0, runs = 0, wrong = 0, withCheckpoint = 0;
        while (done < kills)
        {
            string folder = NewFolder();
            for (int left = random.Next(1, 4); left > 0 && done < kills; left--)
            {
                using Process child = Start("run", folder);
                // from the first third on: before that the runtime is still starting
                if (!child.WaitForExit(_duration * (0.3 + (0.75 * random.NextDouble()))))
                {
                    child.Kill();
                    done++;
                }
                child.WaitForExit();
            }
            if (Checkpoint.Newest(folder) is not null) withCheckpoint++;
            runs++;
            wrong += Check(folder, $"run {runs}");
        }
        Console.WriteLine($"{done} kills in {runs} runs, {withCheckpoint} of which had a checkpoint to go on from; {wrong} ended otherwise than the unbroken run");
        return wrong == 0;
    }

    /// <summary>Kills a run once at each operation of the disk: before it, in the middle of a write, after it.</summary>
    public bool KillAtEach()
    {
        string[] operations = Run("list", NewFolder()).Output.Split('\n');
        int kills = 0, wrong = 0;
        for (int at = 0; at < operations.Length; at++)
        {
            foreach (Moment moment in Enum.GetValues<Moment>())
            {
                // nothing but a write has a middle
                if (moment == Moment.Half && operations[at] != nameof(FileSystem.Write)) continue;
                string folder = NewFolder();
                if (Run("kill", folder, $"{at}", $"{moment}").Code == 0) throw new InvalidOperationException($"Operation {at} killed nothing.");
                kills++;
                wrong += Check(folder, $"operation {at}, {operations[at]}, {moment}");
            }
        }
        string counts = string.Join(", ", operations.CountBy(static operation => operation).Select(static count => $"{count.Value} {count.Key}"));
        Console.WriteLine($"{kills} kills before and after each of {operations.Length} operations ({counts}) and in the middle of each write; {wrong} ended otherwise than the unbroken run");
        return wrong == 0;
    }

    public void Clear() => Directory.Delete(_root, recursive: true);

    private int Check(string folder, string what)
    {
        (int code, string output) = Finish(folder);
        bool isRight = code == 0 && output == _expected;
        bool isClean = !Directory.EnumerateFiles(folder, "*.tmp").Any();
        if (!isRight || !isClean) Console.WriteLine($"{what}: ended with {code}, {(isClean ? "" : "left temporary files, ")}{output}");
        else Directory.Delete(folder, recursive: true);
        return isRight && isClean ? 0 : 1;
    }

    private (int Code, string Output) Finish(string folder) => Run("run", folder);

    private static (int Code, string Output) Run(params string[] arguments)
    {
        using Process child = Start(arguments);
        string output = child.StandardOutput.ReadToEnd().Trim();
        child.WaitForExit();
        return (child.ExitCode, output);
    }

    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, [.. Self(), .. arguments]) { RedirectStandardOutput = true })!;

    /// <summary>Started by dotnet, the program's own file comes first.</summary>
    private static string[] Self() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Driver).Assembly.Location] : [];

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"{_folders++}")).FullName;
}
