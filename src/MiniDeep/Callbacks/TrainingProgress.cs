namespace MiniDeep;

/// <summary>Where a training run stands.</summary>
public sealed class TrainingProgress
{
    private readonly Func<IReadOnlyList<KeyValuePair<string, double>>> _read;
    private readonly Func<TrainingProgress, TrainingState> _capture;
    private IReadOnlyList<KeyValuePair<string, double>>? _logs;

    internal TrainingProgress(
        Model model, Optimizer optimizer, int epochs, int stepsPerEpoch, Func<IReadOnlyList<KeyValuePair<string, double>>> read, Func<TrainingProgress, TrainingState> capture)
    {
        (Model, Optimizer, Epochs, StepsPerEpoch) = (model, optimizer, epochs, stepsPerEpoch);
        (_read, _capture) = (read, capture);
    }

    /// <summary>The model in training.</summary>
    public Model Model { get; }

    /// <summary>Its optimizer; the learning rate may be changed.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The epochs that the run was asked for.</summary>
    public int Epochs { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; private set; }

    /// <summary>Steps taken in this epoch; where a run is resumed in the middle of one, those before count.</summary>
    public int Step { get; private set; }

    /// <summary>Steps in an epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Set it to end the run after this step.</summary>
    public bool StopTraining { get; set; }

    /// <summary>
    /// The running means of loss and metrics in this epoch, after its end with those of the validation. Read when asked for, which waits for the device.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, double>> Logs => _logs ??= _read();

    /// <summary>The checkpoint that the run goes on from; null for a run from the beginning.</summary>
    internal Resumption? ResumedFrom { get; init; }

    /// <summary>The state of the run between two steps.</summary>
    internal TrainingState State() => _capture(this);

    internal void Begin(int epoch, int step)
    {
        Epoch = epoch;
        Step = step;
        _logs = null;
    }

    internal void Advance()
    {
        Step++;
        _logs = null;
    }

    internal void EndEpoch() => _logs = null;
}
