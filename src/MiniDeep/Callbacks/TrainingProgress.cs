namespace MiniDeep;

/// <summary>Where a training run stands.</summary>
public sealed class TrainingProgress
{
    private readonly Func<IReadOnlyList<KeyValuePair<string, double>>> _read;
    private IReadOnlyList<KeyValuePair<string, double>>? _logs;

    internal TrainingProgress(Model model, Optimizer optimizer, int epochs, int stepsPerEpoch, Func<IReadOnlyList<KeyValuePair<string, double>>> read)
    {
        (Model, Optimizer, Epochs, StepsPerEpoch) = (model, optimizer, epochs, stepsPerEpoch);
        _read = read;
    }

    /// <summary>The model in training.</summary>
    public Model Model { get; }

    /// <summary>Its optimizer; the learning rate may be changed.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The epochs that the run was asked for.</summary>
    public int Epochs { get; }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; private set; }

    /// <summary>Steps taken in this epoch.</summary>
    public int Step { get; private set; }

    /// <summary>Steps in an epoch.</summary>
    public int StepsPerEpoch { get; }

    /// <summary>Set it to end the run after this step.</summary>
    public bool StopTraining { get; set; }

    /// <summary>
    /// The running means of loss and metrics in this epoch, after its end with those of the validation. Read when asked for, which waits for the device.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, double>> Logs => _logs ??= _read();

    internal void Begin(int epoch)
    {
        Epoch = epoch;
        Step = 0;
        _logs = null;
    }

    internal void Advance()
    {
        Step++;
        _logs = null;
    }

    internal void EndEpoch() => _logs = null;
}
