using System.Diagnostics;

namespace MiniDeep.Examples;

/// <summary>
/// One progress bar for a run of many short epochs, where the library's bar an epoch would scroll by. On a terminal only; it wipes itself away at the end.
/// </summary>
/// <param name="surroundings">Where to draw.</param>
/// <param name="label">What is in training.</param>
public sealed class EpochBar(Surroundings surroundings, string label) : Callback
{
    private const int Width = 30;
    private static readonly TimeSpan _redraw = TimeSpan.FromMilliseconds(100);

    private long _start;
    private long _drawn;
    private int _length;
    private int? _first;

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingProgress progress) => (_start, _drawn, _first) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), null);

    /// <inheritdoc/>
    public override void OnEpochBegin(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        // a training that is resumed begins in the middle
        _first ??= progress.Epoch;
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (!surroundings.IsTerminal || Stopwatch.GetElapsedTime(_drawn) < _redraw) return;
        _drawn = Stopwatch.GetTimestamp();
        int done = progress.Epoch + 1;
        int filled = (int)((long)done * Width / progress.Epochs);
        double left = Stopwatch.GetElapsedTime(_start).TotalSeconds / (done - _first!.Value) * (progress.Epochs - done);
        Draw(surroundings.Language.Write(
            $"{label}  {done}/{progress.Epochs} {new string('━', filled)}{new string(' ', Width - filled)} {left:F0} s left",
            $"{label}  {done}/{progress.Epochs} {new string('━', filled)}{new string(' ', Width - filled)} encore {left:F0} s"));
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingProgress progress)
    {
        if (_length == 0) return;
        Draw("");
        surroundings.Output.Write('\r');
        _length = 0;
    }

    private void Draw(string line)
    {
        surroundings.Output.Write('\r' + line.PadRight(_length));
        surroundings.Output.Flush();
        _length = line.Length;
    }
}
