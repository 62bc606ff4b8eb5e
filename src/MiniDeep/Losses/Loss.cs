namespace MiniDeep;

/// <summary>How the losses of a batch become one number.</summary>
public enum Reduction
{
    /// <summary>Their mean; the default.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,
}

/// <summary>
/// What training makes small: a function of the predictions and the targets. Immutable, without state. Variants are made with <c>with</c>:
/// <c>Loss.BinaryCrossentropy with { Reduction = Reduction.Sum }</c>.
/// </summary>
public abstract record Loss
{
    private protected Loss(string name) => Name = name;

    /// <summary>-log p[label]: predictions [.., classes], labels Int32 [..] (or [.., 1]).</summary>
    public static CrossentropyLoss SparseCategoricalCrossentropy { get; } = new SparseCategoricalCrossentropyLoss();

    /// <summary>-sum t log p over the last axis: predictions and targets [.., classes].</summary>
    public static CrossentropyLoss CategoricalCrossentropy { get; } = new CategoricalCrossentropyLoss();

    /// <summary>-(t log p + (1 - t) log(1 - p)), mean over the last axis: predictions and targets of one shape.</summary>
    public static CrossentropyLoss BinaryCrossentropy { get; } = new BinaryCrossentropyLoss();

    /// <summary>(p - t)², mean over the last axis: predictions and targets of one shape.</summary>
    public static Loss MeanSquaredError { get; } = new MeanSquaredErrorLoss();

    /// <summary>The name in histories.</summary>
    public string Name { get; }

    /// <summary>How the losses of a batch become one number.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Whether targets are class numbers.</summary>
    internal virtual bool TakesLabels => false;

    /// <summary>A loss of the user's own, made of tensor operations.</summary>
    /// <param name="name">Its name in histories.</param>
    /// <param name="function">Of predictions and targets: the loss of each sample (any shape), which is then reduced.</param>
    public static Loss Of(string name, Func<Tensor, Tensor, Tensor> function)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(function);
        return new CustomLoss(name, function);
    }

    /// <summary>The loss of a batch: a scalar.</summary>
    /// <param name="predictions">What the model gave, [batch, …].</param>
    /// <param name="targets">What it should have given.</param>
    /// <exception cref="ShapeException">The shapes don't fit together.</exception>
    /// <exception cref="LabelException">A class number is outside the classes.</exception>
    public Tensor Of(Tensor predictions, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(targets);
        return Compute(predictions, targets);
    }

    private protected abstract Tensor Compute(Tensor predictions, Tensor targets);

    private protected Tensor Reduce(Tensor losses) => Reduction == Reduction.Mean ? losses.Mean() : losses.Sum();

    private protected void CheckSameShape(Tensor predictions, Tensor targets)
    {
        if (predictions.Shape != targets.Shape)
        {
            throw new ShapeException(
                $"Loss {Name} expected targets of the predictions' shape {predictions.Shape}, but got {targets.Shape}."
                + (targets.Count == predictions.Count ? $" Reshape the targets to {predictions.Shape}." : ""));
        }
    }

    private sealed record CustomLoss(string Title, Func<Tensor, Tensor, Tensor> Function) : Loss(Title)
    {
        private protected override Tensor Compute(Tensor predictions, Tensor targets) =>
            Reduce(Function(predictions, targets) ?? throw new ModelStateException($"Loss {Name}: its function gave null."));
    }
}
