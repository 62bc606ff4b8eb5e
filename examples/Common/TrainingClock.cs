using System.Diagnostics;
using System.Globalization;

namespace MiniDeep.Examples;

/// <summary>The time of a training from the making of the clock to its last epoch, with what passed before it was stopped and resumed; without its last checkpoint, which is written after that.</summary>
public sealed class TrainingClock : Callback
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _before;
    private TimeSpan? _whole;

    /// <summary>The time so far.</summary>
    public TimeSpan Elapsed => _whole ?? _before + Stopwatch.GetElapsedTime(_start);

    /// <summary>The time so far, in ticks.</summary>
    public override string? State
    {
        get => Elapsed.Ticks.ToString(CultureInfo.InvariantCulture);
        set => _before = TimeSpan.FromTicks(long.Parse(value ?? "0", CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingProgress progress) => _whole = Elapsed;
}
