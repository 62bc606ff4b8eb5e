using System.Diagnostics;
using System.Globalization;
using MiniDeep;

namespace ActivationCnn;

/// <summary>How the training stood at a moment.</summary>
/// <param name="Epochs">Epochs done, with the part of the running one.</param>
/// <param name="Loss">The mean loss since the point before.</param>
/// <param name="Accuracy">The accuracy since the point before.</param>
internal readonly record struct CurvePoint(double Epochs, double Loss, double Accuracy);

/// <summary>Takes several points an epoch, because three epochs make no curve, and the time of the steps without that of the validation.</summary>
/// <param name="samples">The images of an epoch.</param>
/// <param name="batchSize">The images of a step.</param>
internal sealed class CurveRecorder(int samples, int batchSize) : Callback
{
    private const int PointsPerEpoch = 10;

    private readonly List<CurvePoint> _points = [];
    private readonly List<TimeSpan> _epochs = [];
    private int _steps;
    private long _start;
    private TimeSpan _before;
    private int _seen;
    private double _lossSum;
    private double _accuracySum;

    public IReadOnlyList<CurvePoint> Points => _points;

    /// <summary>The time of all training steps.</summary>
    public TimeSpan TrainingTime => _epochs.Aggregate(TimeSpan.Zero, static (sum, epoch) => sum + epoch);

    /// <summary>The time of a step in the fastest epoch: in the first one the runtime still compiles, and in any other programs may disturb.</summary>
    public TimeSpan StepTime => _epochs.Min() / _steps;

    /// <summary>Everything so far as numbers between spaces, so that the curve of a training that is resumed has its beginning too.</summary>
    public override string? State
    {
        get
        {
            double[] open = [_seen, _lossSum, _accuracySum, Elapsed.Ticks, _epochs.Count];
            double[] all = [.. open, .. _epochs.Select(static epoch => (double)epoch.Ticks), .. _points.SelectMany(static point => new[] { point.Epochs, point.Loss, point.Accuracy })];
            return string.Join(' ', all.Select(static number => number.ToString("R", CultureInfo.InvariantCulture)));
        }
        set
        {
            double[] all = [.. (value ?? "0 0 0 0 0").Split(' ').Select(static number => double.Parse(number, CultureInfo.InvariantCulture))];
            (_seen, _lossSum, _accuracySum, _before) = ((int)all[0], all[1], all[2], Time(all[3]));
            int epochs = (int)all[4];
            _epochs.Clear();
            _epochs.AddRange(all.Skip(5).Take(epochs).Select(Time));
            _points.Clear();
            _points.AddRange(all.Skip(5 + epochs).Chunk(3).Select(static point => new CurvePoint(point[0], point[1], point[2])));

            static TimeSpan Time(double ticks) => TimeSpan.FromTicks((long)ticks);
        }
    }

    private TimeSpan Elapsed => _before + Stopwatch.GetElapsedTime(_start);

    public override void OnEpochBegin(TrainingProgress progress)
    {
        _steps = progress.StepsPerEpoch;
        if (progress.Step == 0) (_seen, _lossSum, _accuracySum, _before) = (0, 0, 0, TimeSpan.Zero);
        _start = Stopwatch.GetTimestamp();
    }

    public override void OnStepEnd(TrainingProgress progress)
    {
        if (progress.Step == _steps) _epochs.Add(Elapsed);
        if (progress.Step * PointsPerEpoch / _steps == (progress.Step - 1) * PointsPerEpoch / _steps) return;

        // the logs are means since the epoch's start: the part since the last point is what the sums grew by
        int seen = Math.Min(progress.Step * batchSize, samples);
        double lossSum = Log("loss") * seen, accuracySum = Log("accuracy") * seen;
        _points.Add(new CurvePoint(progress.Epoch + ((double)seen / samples), (lossSum - _lossSum) / (seen - _seen), (accuracySum - _accuracySum) / (seen - _seen)));
        (_seen, _lossSum, _accuracySum) = (seen, lossSum, accuracySum);

        double Log(string name) => progress.Logs.First(log => log.Key == name).Value;
    }
}
