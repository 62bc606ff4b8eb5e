using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace MiniDeep.Examples;

/// <summary>
/// The trainings of one command. Ctrl-C, or SIGTERM, ends the running one between two steps and leaves its state; the same command with <c>--resume</c> goes on from there.
/// </summary>
public sealed class Trainings : IDisposable
{
    // 128 + SIGINT: what shells report of a program that Ctrl-C ended
    private const int Interrupted = 130;

    private readonly string _folder;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;

    /// <summary>The trainings of a command, whose state goes into a folder of their own.</summary>
    /// <param name="output">The example's output folder; the states are in checkpoints/ there.</param>
    /// <param name="resume">Whether to keep what an earlier run of the command left.</param>
    /// <param name="command">All that decides what the trainings compute: with something else they begin anew.</param>
    public Trainings(string output, bool resume, params IEnumerable<object> command)
    {
        string text = string.Join('\n', command.Select(static part => Convert.ToString(part, CultureInfo.InvariantCulture)));
        _folder = Path.Combine(output, "checkpoints", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12]);
        if (!resume) Forget();
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
    }

    /// <summary>One of the trainings.</summary>
    /// <param name="name">What tells it from the others.</param>
    public Training this[string name] => new(Path.Combine(_folder, name), _cancellation.Token);

    /// <summary>Runs the trainings; the states go when all are done.</summary>
    /// <param name="surroundings">Told where the states are, if it is stopped.</param>
    /// <param name="train">Runs them all.</param>
    /// <returns>The exit code: 0, or 130 after Ctrl-C.</returns>
    public int Run(Surroundings surroundings, Action train)
    {
        ArgumentNullException.ThrowIfNull(surroundings);
        ArgumentNullException.ThrowIfNull(train);
        try
        {
            train();
        }
        catch (OperationCanceledException)
        {
            surroundings.Output.WriteLine();
            surroundings.Output.WriteLine(surroundings.Language.Choose(
                $"Stopped between two steps. The state of the trainings is in {_folder}; the same command with --resume goes on from there.",
                $"Arrêté entre deux pas. L'état des entraînements est dans {_folder} ; la même commande avec --resume reprend de là."));
            return Interrupted;
        }
        Forget();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _cancellation.Dispose();
    }

    private void Cancel(PosixSignalContext signal)
    {
        // the second time the program ends at once
        signal.Cancel = !_cancellation.IsCancellationRequested;
        _cancellation.Cancel();
    }

    private void Forget()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        string all = Path.GetDirectoryName(_folder)!;
        try
        {
            if (Directory.Exists(all) && !Directory.EnumerateFileSystemEntries(all).Any()) Directory.Delete(all);
        }
        catch (IOException)
        {
            // another command has just begun to use it
        }
    }
}

/// <summary>What Fit needs so that a training can be stopped and resumed.</summary>
/// <param name="Folder">Of the training's checkpoints, for <c>resumeFrom</c>.</param>
/// <param name="Cancellation">Cancelled by Ctrl-C.</param>
public sealed record Training(string Folder, CancellationToken Cancellation)
{
    /// <summary>
    /// Whether the command has more trainings: then the state is written at the end too, so that they aren't repeated when it is resumed. Otherwise nothing is written unless it is stopped.
    /// </summary>
    public bool IsOneOfSeveral { get; init; } = true;

    /// <summary>The callback that writes the state.</summary>
    /// <param name="everyEpochs">Epochs between two checkpoints of a training that is one of several; by default what exercises 1 and 2 take about a second for.</param>
    public Callback Checkpoint(int everyEpochs = 200_000)
    {
        var checkpoint = new Checkpoint(Folder) { EveryEpochs = everyEpochs, Keep = 1, KeepBest = false };
        return IsOneOfSeveral ? checkpoint : new WhenStopped(checkpoint);
    }

    /// <summary>Tells a checkpoint of the training's beginning and last step only when it is stopped, so that until then no folder is made and no file written.</summary>
    private sealed class WhenStopped(Checkpoint checkpoint) : Callback
    {
        public override void OnTrainCancelled(TrainingProgress progress)
        {
            checkpoint.OnTrainBegin(progress);
            checkpoint.OnStepEnd(progress);
            checkpoint.OnTrainCancelled(progress);
        }
    }
}
