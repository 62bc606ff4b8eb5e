namespace MiniDeep;

/// <summary>
/// Adam (Kingma and Ba 2015), in Keras's form: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g², w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
/// PyTorch adds its epsilon (1e-8) to sqrt(v / (1 - b2^t)) instead, which is the same as an epsilon of 1e-8 sqrt(1 - b2^t) here.
/// </summary>
/// <param name="learningRate">The step's length: by default 0.001, as in Keras and PyTorch.</param>
/// <param name="beta1">b1, how much of the mean of gradients stays.</param>
/// <param name="beta2">b2, how much of the mean of squared gradients stays.</param>
/// <param name="epsilon">Added to the root: by default 1e-7, as in Keras.</param>
public sealed class Adam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7) : Optimizer(learningRate)
{
    /// <summary>How much of the mean of gradients stays.</summary>
    public double Beta1 { get; } = Decay(beta1, nameof(beta1));

    /// <summary>How much of the mean of squared gradients stays.</summary>
    public double Beta2 { get; } = Decay(beta2, nameof(beta2));

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; } = epsilon > 0 && double.IsFinite(epsilon) ? epsilon : throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "Epsilon is positive and finite.");

    /// <inheritdoc/>
    protected override int StateCount => 2;

    private protected override UpdateRule? Rule => new UpdateRule { Kind = UpdateKind.Adam, LearningRate = LearningRateCell, Step = StepCell, Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon };

    private static double Decay(double value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "A decay goes from 0 up to but not including 1.");
}
