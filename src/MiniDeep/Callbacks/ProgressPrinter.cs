using System.Globalization;
using System.Text;

namespace MiniDeep;

/// <summary>What Fit writes to the console.</summary>
public enum Verbosity
{
    /// <summary>A progress bar on a terminal, otherwise a line an epoch.</summary>
    Auto,

    /// <summary>Nothing.</summary>
    Silent,

    /// <summary>A progress bar that is drawn over itself.</summary>
    ProgressBar,

    /// <summary>A line at the end of each epoch.</summary>
    Lines,
}

/// <summary>Keras's progress: elapsed time, time left, milliseconds a step, running loss and metrics.</summary>
/// <param name="output">Takes the text.</param>
/// <param name="isTerminal">Whether a line may be drawn over itself.</param>
/// <param name="clock">Tells the time.</param>
/// <param name="columns">How wide the terminal is now; a line that breaks can't be drawn over. By default as wide as need be.</param>
internal sealed class ProgressPrinter(TextWriter output, bool isTerminal, TimeProvider clock, Func<int>? columns = null) : Callback
{
    private const int BarWidth = 20;
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);

    private long _epochStart;
    private long _lastDrawn;
    private int _firstStep;
    private int _drawnLength;
    private bool _lineIsOpen;

    public static ProgressPrinter? For(Verbosity verbosity) => verbosity switch
    {
        Verbosity.Silent => null,
        Verbosity.Auto => new ProgressPrinter(Console.Out, !Console.IsOutputRedirected, TimeProvider.System, ConsoleColumns),
        Verbosity.ProgressBar or Verbosity.Lines => new ProgressPrinter(Console.Out, verbosity == Verbosity.ProgressBar, TimeProvider.System, ConsoleColumns),
        _ => throw new ArgumentOutOfRangeException(nameof(verbosity), verbosity, "There is no such verbosity."),
    };

    public override void OnEpochBegin(TrainingProgress progress)
    {
        _epochStart = _lastDrawn = clock.GetTimestamp();
        (_firstStep, _drawnLength) = (progress.Step, 0);
        if (isTerminal) output.WriteLine($"Epoch {progress.Epoch + 1}/{progress.Epochs}");
    }

    public override void OnStepEnd(TrainingProgress progress)
    {
        if (!isTerminal || clock.GetElapsedTime(_lastDrawn) < s_redraw) return;
        _lastDrawn = clock.GetTimestamp();
        Draw(progress, done: false);
    }

    public override void OnEpochEnd(TrainingProgress progress)
    {
        if (isTerminal)
        {
            Draw(progress, done: true);
            EndLine();
            return;
        }
        output.WriteLine($"Epoch {progress.Epoch + 1}/{progress.Epochs} - {Times(progress, done: true)} - {TrainingText.Logs(progress.Logs)}");
    }

    /// <summary>After a run that was stopped in the middle of an epoch the bar still stands open.</summary>
    public override void OnTrainEnd(TrainingProgress progress)
    {
        if (_lineIsOpen) EndLine();
    }

    private void EndLine()
    {
        output.WriteLine();
        _lineIsOpen = false;
    }

    private void Draw(TrainingProgress progress, bool done)
    {
        string steps = progress.StepsPerEpoch.ToString(CultureInfo.InvariantCulture);
        string counter = $"{progress.Step.ToString(CultureInfo.InvariantCulture).PadLeft(steps.Length)}/{steps} ";
        string tail = $" {Times(progress, done)} - {TrainingText.Logs(progress.Logs)}";
        // the last line of an epoch may break: nothing is drawn over it
        int room = done || columns is null ? int.MaxValue : columns() - 1;
        int bar = Math.Clamp(room - counter.Length - tail.Length, 0, BarWidth);
        int filled = (int)((long)progress.Step * bar / Math.Max(progress.StepsPerEpoch, 1));
        var line = new StringBuilder(counter).Append('━', filled).Append(' ', bar - filled).Append(tail);
        if (line.Length > room) line.Length = Math.Max(room, 0);
        int length = line.Length;
        line.Append(' ', Math.Max(_drawnLength - length, 0));
        _drawnLength = length;
        output.Write('\r');
        output.Write(line.ToString());
        output.Flush();
        _lineIsOpen = true;
    }

    private static int ConsoleColumns()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : int.MaxValue;
        }
        catch (Exception unknown) when (unknown is IOException or PlatformNotSupportedException)
        {
            return int.MaxValue;
        }
    }

    private string Times(TrainingProgress progress, bool done)
    {
        TimeSpan elapsed = clock.GetElapsedTime(_epochStart);
        TimeSpan aStep = elapsed / Math.Max(progress.Step - _firstStep, 1);
        string rate = aStep.TotalMilliseconds >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{aStep.TotalMilliseconds:F1}ms/step")
            : string.Create(CultureInfo.InvariantCulture, $"{aStep.TotalMicroseconds:F0}us/step");
        if (done) return $"{TrainingText.Duration(elapsed)} {rate}";
        return $"{TrainingText.Duration(elapsed)} ETA {TrainingText.Duration(aStep * (progress.StepsPerEpoch - progress.Step))} {rate}";
    }
}

/// <summary>Losses, metrics and times in words.</summary>
internal static class TrainingText
{
    /// <summary>"loss: 0.0412 - accuracy: 0.9873".</summary>
    public static string Logs(IReadOnlyList<KeyValuePair<string, double>> logs) =>
        string.Join(" - ", logs.Select(static log => $"{log.Key}: {Number(log.Value)}"));

    /// <summary>"12s", "3m05s", "1h02m".</summary>
    public static string Duration(TimeSpan time) =>
        time.TotalSeconds < 60 ? $"{(int)time.TotalSeconds}s" :
        time.TotalMinutes < 60 ? $"{(int)time.TotalMinutes}m{time.Seconds:D2}s" :
        $"{(int)time.TotalHours}h{time.Minutes:D2}m";

    private static string Number(double value) => Math.Abs(value) is >= 1e-3 or 0
        ? value.ToString("F4", CultureInfo.InvariantCulture)
        : value.ToString("E4", CultureInfo.InvariantCulture);
}
