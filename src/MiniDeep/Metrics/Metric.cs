namespace MiniDeep;

/// <summary>
/// What is watched during training and measured by Evaluate: a function of the predictions and the targets with one value a sample, averaged over the data set. Immutable, without state.
/// </summary>
public sealed class Metric
{
    private readonly Func<Tensor, Tensor, Tensor> _function;

    private Metric(string name, Func<Tensor, Tensor, Tensor> function)
    {
        Name = name;
        _function = function;
    }

    /// <summary>
    /// The part of samples that are classified right, in the form that fits the predictions: one column means <see cref="BinaryAccuracy"/>, targets of the predictions' shape mean
    /// <see cref="CategoricalAccuracy"/>, otherwise <see cref="SparseCategoricalAccuracy"/>.
    /// </summary>
    public static Metric Accuracy { get; } = new("accuracy", static (p, t) =>
        p.Shape[^1] == 1 ? Binary(p, t) : t.Shape == p.Shape ? Categorical(p, t) : Sparse(p, t));

    /// <summary>The part of elements on the right side of 0.5: targets are 0 or 1, of the predictions' shape.</summary>
    public static Metric BinaryAccuracy { get; } = new("binary_accuracy", Binary);

    /// <summary>The part of rows whose largest prediction is where the target's largest element is.</summary>
    public static Metric CategoricalAccuracy { get; } = new("categorical_accuracy", Categorical);

    /// <summary>The part of rows whose largest prediction is at the class number.</summary>
    public static Metric SparseCategoricalAccuracy { get; } = new("sparse_categorical_accuracy", Sparse);

    /// <summary>(p - t)², mean over the elements.</summary>
    public static Metric MeanSquaredError { get; } = new("mean_squared_error", static (p, t) => (p - t.To(p.DType)).Square());

    /// <summary>The name in histories.</summary>
    public string Name { get; }

    /// <summary>A metric of the user's own, made of tensor operations.</summary>
    /// <param name="name">Its name in histories.</param>
    /// <param name="function">Of predictions and targets: one value a sample (any shape), or their mean as a scalar.</param>
    public static Metric Of(string name, Func<Tensor, Tensor, Tensor> function)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(function);
        return new Metric(name, function);
    }

    /// <summary>The metric over a batch: a scalar.</summary>
    /// <exception cref="ShapeException">The shapes don't fit together.</exception>
    public Tensor Of(Tensor predictions, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(targets);
        if (predictions.Rank == 0) throw new ShapeException($"Metric {Name} takes predictions [batch, …], not a scalar.");
        using (Tensor.NoGrad())
        {
            Tensor values = _function(predictions, targets) ?? throw new ModelStateException($"Metric {Name}: its function gave null.");
            return values.Count == 1 ? values : values.Mean();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Tensor Binary(Tensor p, Tensor t)
    {
        if (t.Count != p.Count) throw new ShapeException($"Metric binary_accuracy expected targets of the predictions' shape {p.Shape}, but got {t.Shape}.");
        return (p > 0.5).EqualTo(t.To(p.DType).Reshape(p.Shape.Sizes) > 0.5).To(p.DType);
    }

    private static Tensor Categorical(Tensor p, Tensor t)
    {
        if (t.Shape != p.Shape) throw new ShapeException($"Metric categorical_accuracy expected targets of the predictions' shape {p.Shape}, but got {t.Shape}.");
        return p.ArgMax().EqualTo(t.ArgMax()).To(p.DType);
    }

    private static Tensor Sparse(Tensor p, Tensor t)
    {
        Tensor best = p.ArgMax();
        if (t.Count != best.Count) throw new ShapeException($"Metric sparse_categorical_accuracy expected one class number a row of the predictions {p.Shape}, but got {t.Shape}.");
        return best.EqualTo(t.To(DType.Int64).Reshape(best.Shape.Sizes)).To(p.DType);
    }
}
