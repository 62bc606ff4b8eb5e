namespace MiniDeep;

/// <summary>
/// The cross-entropies. Given probabilities that came straight from softmax or sigmoid, or logits with <see cref="FromLogits"/>, they are computed as one stable operation on the logits
/// (log-sum-exp with the maximum subtracted; the gradient is p - target). Other probabilities are held at <see cref="Epsilon"/> or more before the logarithm.
/// </summary>
public abstract record CrossentropyLoss : Loss
{
    /// <summary>What probabilities of unknown origin are held away from 0 (and 1) by; Keras's value.</summary>
    public const double Epsilon = 1e-7;

    private protected CrossentropyLoss(string name) : base(name)
    {
    }

    /// <summary>Whether predictions are logits, not probabilities.</summary>
    public bool FromLogits { get; init; }

    /// <summary>The logits behind the predictions, where they are known.</summary>
    private protected Tensor? LogitsOf(Tensor predictions, ProbabilityKind kind)
    {
        if (FromLogits) return predictions;
        return predictions is ProbabilityTensor probabilities && probabilities.Kind == kind ? probabilities.Logits : null;
    }

    private protected static int Rows(Tensor predictions) => predictions.Count / Math.Max(predictions.Shape[^1], 1);

    private protected void CheckPredictions(Tensor predictions)
    {
        if (!predictions.DType.IsFloat()) throw new DTypeException($"Loss {Name} takes float predictions, not {predictions.DType}.");
        if (predictions.Rank == 0) throw new ShapeException($"Loss {Name} takes predictions [batch, …], not a scalar.");
        if (predictions.Count == 0) throw new ShapeException($"Loss {Name} got an empty batch: predictions of shape {predictions.Shape}.");
    }

    private protected double Scale(int count) => Reduction == Reduction.Mean ? 1.0 / count : 1;
}

internal sealed record SparseCategoricalCrossentropyLoss() : CrossentropyLoss("sparse_categorical_crossentropy")
{
    internal override bool TakesLabels => true;

    private protected override Tensor Compute(Tensor predictions, Tensor targets)
    {
        CheckPredictions(predictions);
        int rows = Rows(predictions), classes = predictions.Shape[^1];
        if (targets.Count != rows)
        {
            throw new ShapeException(
                $"Loss {Name} expected one class number a row of the predictions {predictions.Shape}, {rows} in all, but got targets of shape {targets.Shape}."
                + (targets.Shape == predictions.Shape ? " For one-hot targets use Loss.CategoricalCrossentropy." : ""));
        }
        Tensor labels = Labels(targets).Reshape(rows);
        if (LogitsOf(predictions, ProbabilityKind.Softmax) is { } logits)
            return CrossEntropyOp.Apply(CrossEntropyKind.SparseSoftmax, logits.Reshape(rows, classes), labels, Scale(rows));
        return Reduce(-(predictions.Reshape(rows, classes).Maximum(Epsilon).Log() * labels.OneHot(classes, predictions.DType)).Sum(-1));
    }

    private Tensor Labels(Tensor targets) => targets.DType switch
    {
        DType.Int32 => targets,
        DType.Int64 or DType.UInt8 => targets.To(DType.Int32),
        _ => throw new DTypeException($"Loss {Name} takes class numbers (Int32), not {targets.DType}. For one-hot targets use Loss.CategoricalCrossentropy."),
    };
}

internal sealed record CategoricalCrossentropyLoss() : CrossentropyLoss("categorical_crossentropy")
{
    private protected override Tensor Compute(Tensor predictions, Tensor targets)
    {
        CheckPredictions(predictions);
        CheckSameShape(predictions, targets);
        targets = targets.To(predictions.DType);
        if (LogitsOf(predictions, ProbabilityKind.Softmax) is { } logits)
            return CrossEntropyOp.Apply(CrossEntropyKind.Softmax, logits, targets, Scale(Rows(predictions)));
        return Reduce(-(predictions.Maximum(Epsilon).Log() * targets).Sum(-1));
    }
}

internal sealed record BinaryCrossentropyLoss() : CrossentropyLoss("binary_crossentropy")
{
    private protected override Tensor Compute(Tensor predictions, Tensor targets)
    {
        CheckPredictions(predictions);
        CheckSameShape(predictions, targets);
        targets = targets.To(predictions.DType);
        if (LogitsOf(predictions, ProbabilityKind.Sigmoid) is { } logits)
            return CrossEntropyOp.Apply(CrossEntropyKind.Sigmoid, logits, targets, Scale(Rows(predictions)) / predictions.Shape[^1]);
        Tensor p = predictions.Clip(Epsilon, 1 - Epsilon);
        return Reduce(-(targets * p.Log() + (1 - targets) * (1 - p).Log()).Mean(-1));
    }
}
