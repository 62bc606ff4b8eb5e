using System.Diagnostics;
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
    private int _seen;
    private double _lossSum;
    private double _accuracySum;

    public IReadOnlyList<CurvePoint> Points => _points;

    /// <summary>The time of all training steps.</summary>
    public TimeSpan TrainingTime => _epochs.Aggregate(TimeSpan.Zero, static (sum, epoch) => sum + epoch);

    /// <summary>The time of a step in the fastest epoch: in the first one the runtime still compiles, and in any other programs may disturb.</summary>
    public TimeSpan StepTime => _epochs.Min() / _steps;

    public override void OnEpochBegin(TrainingProgress progress)
    {
        (_steps, _seen, _lossSum, _accuracySum) = (progress.StepsPerEpoch, 0, 0, 0);
        _start = Stopwatch.GetTimestamp();
    }

    public override void OnStepEnd(TrainingProgress progress)
    {
        if (progress.Step == _steps) _epochs.Add(Stopwatch.GetElapsedTime(_start));
        if (progress.Step * PointsPerEpoch / _steps == (progress.Step - 1) * PointsPerEpoch / _steps) return;

        // the logs are means since the epoch's start: the part since the last point is what the sums grew by
        int seen = Math.Min(progress.Step * batchSize, samples);
        double lossSum = Log("loss") * seen, accuracySum = Log("accuracy") * seen;
        _points.Add(new CurvePoint(progress.Epoch + ((double)seen / samples), (lossSum - _lossSum) / (seen - _seen), (accuracySum - _accuracySum) / (seen - _seen)));
        (_seen, _lossSum, _accuracySum) = (seen, lossSum, accuracySum);

        double Log(string name) => progress.Logs.First(log => log.Key == name).Value;
    }
}
