namespace MiniDeep;

/// <summary>Code that runs at certain moments of Fit, on the thread that called Fit. It gets numbers, never the tensors of a step; it may call Predict and Evaluate.</summary>
public abstract class Callback
{
    /// <summary>Before the first epoch. A run that is resumed takes back weights, optimizer and learning rate after it.</summary>
    public virtual void OnTrainBegin(TrainingProgress progress)
    {
    }

    /// <summary>
    /// Before the first step of an epoch; where a run is resumed in the middle of one, once more, with <see cref="TrainingProgress.Step"/> above 0 and the checkpoint's learning rate kept.
    /// </summary>
    public virtual void OnEpochBegin(TrainingProgress progress)
    {
    }

    /// <summary>After each step.</summary>
    public virtual void OnStepEnd(TrainingProgress progress)
    {
    }

    /// <summary>After an epoch and its validation.</summary>
    public virtual void OnEpochEnd(TrainingProgress progress)
    {
    }

    /// <summary>
    /// What the callback has to remember from step to step; null for nothing. Checkpoints keep it, and a run that is resumed sets it, between <see cref="OnTrainBegin"/> and
    /// <see cref="OnEpochBegin"/>.
    /// </summary>
    public virtual string? State
    {
        get => null;
        set
        {
        }
    }

    /// <summary>Before Fit ends with an <see cref="OperationCanceledException"/>, because it was cancelled; the model is as after the last whole step.</summary>
    public virtual void OnTrainCancelled(TrainingProgress progress)
    {
    }

    /// <summary>After the last epoch; not after an error.</summary>
    public virtual void OnTrainEnd(TrainingProgress progress)
    {
    }
}
