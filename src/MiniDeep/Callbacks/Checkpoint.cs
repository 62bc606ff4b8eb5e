using System.Globalization;

namespace MiniDeep;

/// <summary>
/// Writes the whole state of a training run to a folder: weights, optimizer, random state, place in the epoch, history. <c>Fit(…, resumeFrom: folder)</c> goes on from the newest, in the middle
/// of an epoch too, and ends with the same bits as a run that was never broken. A file appears whole or not at all, whenever the process is killed. Each is a model file as well:
/// <see cref="Model.Load"/> reads it.
/// </summary>
/// <remarks>
/// Checkpoints are written after all other callbacks have run, and once more where a run is cancelled or stopped. A run may have several in folders of their own: resumed from one of them, the
/// others go on in theirs. Resume from the folder whose newest is the furthest: another one with steps that the run would take again is refused.
/// </remarks>
public sealed class Checkpoint : Callback
{
    private const string Prefix = "checkpoint-", Ending = ".safetensors";
    private const string Best = "best" + Ending;

    private static readonly StringComparison s_paths = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private double? _best;
    private bool _isDue;

    /// <summary>Checkpoints in a folder.</summary>
    /// <param name="folder">The folder; made when the training begins.</param>
    public Checkpoint(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
    }

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    /// <summary>Epochs between two checkpoints: by default 1; 0 for none.</summary>
    public int EveryEpochs { get; init => field = NotNegative(value, nameof(EveryEpochs)); } = 1;

    /// <summary>Steps between two checkpoints, counted over all epochs: by default 0, none.</summary>
    public int EverySteps { get; init => field = NotNegative(value, nameof(EverySteps)); }

    /// <summary>How many are kept beside the best: by default 3, at least 1. Older ones are deleted when a newer one is whole.</summary>
    public int Keep { get; init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Keep), value, "At least one checkpoint is kept."); } = 3;

    /// <summary>Whether the state after the best epoch is kept as best.safetensors: by default it is.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>The history's value that tells which epoch is the best: by default "val_loss" where there is validation data, otherwise "loss".</summary>
    public string? Monitor { get; init; }

    /// <summary>Whether the largest value is the best, as with an accuracy; by default the smallest.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>
    /// Gets the error of a checkpoint that couldn't be written, and the training goes on. Without it Fit ends with the error. Either way the older checkpoints are whole.
    /// </summary>
    public Action<IOException>? WhenWriteFails { get; init; }

    /// <summary>The file that was written last; null before the first.</summary>
    public string? LastPath { get; private set; }

    /// <summary>The best value so far.</summary>
    public override string? State
    {
        get => _best?.ToString("R", CultureInfo.InvariantCulture);
        set => _best = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double best) ? best : null;
    }

    /// <summary>The newest checkpoint in a folder; null if there is none, or no folder.</summary>
    public static string? Newest(string folder) => All(folder).LastOrDefault().Path;

    /// <inheritdoc/>
    /// <exception cref="ModelStateException">The folder holds checkpoints of another run, which would be taken for this one's, or is ahead of the one that the run goes on from.</exception>
    /// <exception cref="InvalidDataFileException">The run is resumed from another folder, and this one's newest checkpoint can't be read.</exception>
    /// <exception cref="IOException">The folder can't be made.</exception>
    public override void OnTrainBegin(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        (_best, _isDue, LastPath) = (null, false, null);
        Try(() =>
        {
            Directory.CreateDirectory(Folder);
            AtomicFile.DiscardLeftovers(Folder, "*" + Ending);
        });
        if (string.Equals(progress.ResumedFrom?.Folder, Folder, s_paths) || Newest(Folder) is not { } newest) return;
        switch (progress.ResumedFrom?.StepsAhead(newest))
        {
            case null:
                throw new ModelStateException(
                    $"'{newest}' is a checkpoint of an earlier run. Go on from it with Fit(…, resumeFrom: \"{Folder}\"), take another folder, or delete the files.");
            case > 0 and var steps:
                throw new ModelStateException(
                    $"'{newest}' is {steps} steps ahead of the checkpoint that the run goes on from. Go on from it with Fit(…, resumeFrom: \"{Folder}\"), or delete the files.");
        }
    }

    /// <inheritdoc/>
    public override void OnStepEnd(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _isDue = true;
        if (EverySteps > 0 && (((long)progress.Epoch * progress.StepsPerEpoch) + progress.Step) % EverySteps == 0) Write(progress);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _isDue = true;
        if (KeepBest) WriteBest(progress);
        if (EveryEpochs > 0 && (progress.Epoch + 1) % EveryEpochs == 0) Write(progress);
    }

    /// <inheritdoc/>
    public override void OnTrainCancelled(TrainingProgress progress) => OnTrainEnd(progress);

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (_isDue) Write(progress);
    }

    /// <summary>Before the numbered one, which says that this epoch was the best: after a kill between the two the epoch runs again.</summary>
    private void WriteBest(TrainingProgress progress)
    {
        string monitor = Monitor ?? (progress.Logs.Any(static log => log.Key == "val_loss") ? "val_loss" : "loss");
        double? value = null;
        foreach ((string name, double logged) in progress.Logs)
        {
            if (name == monitor) value = logged;
        }
        if (value is not { } now)
            throw new ModelStateException($"The checkpoint watches '{monitor}', but the run has {string.Join(", ", progress.Logs.Select(static log => log.Key))}.");
        if (double.IsNaN(now) || (_best is { } best && (HigherIsBetter ? now <= best : now >= best))) return;
        (double? before, _best) = (_best, now);
        if (!Try(() => CheckpointFile.Write(Path.Combine(Folder, Best), progress.Model, progress.Optimizer, progress.State()))) _best = before;
    }

    private void Write(TrainingProgress progress) => Try(() =>
    {
        TrainingState state = progress.State();
        string path = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{state.TotalSteps:D9}{Ending}"));
        CheckpointFile.Write(path, progress.Model, progress.Optimizer, state);
        (LastPath, _isDue) = (path, false);
        foreach ((_, string old) in All(Folder).SkipLast(Keep)) FileSystem.Current.Delete(old);
    });

    /// <returns>False where it failed and the run is to go on.</returns>
    private bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (WhenWriteFails is null && error is IOException) throw;
            IOException told = error as IOException ?? new IOException($"'{Folder}': {error.Message}", error);
            if (WhenWriteFails is null) throw told;
            WhenWriteFails(told);
            return false;
        }
    }

    /// <summary>The numbered checkpoints of a folder, the oldest first.</summary>
    private static IEnumerable<(long Number, string Path)> All(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder)) return [];
        List<(long Number, string Path)> found = [];
        foreach (string path in Directory.EnumerateFiles(Path.GetFullPath(folder), Prefix + "*" + Ending))
        {
            if (long.TryParse(Path.GetFileName(path)[Prefix.Length..^Ending.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long number)) found.Add((number, path));
        }
        found.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        return found;
    }

    private static int NotNegative(int value, string name) => value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, "A number of epochs or steps is not negative.");
}
