namespace MiniDeep;

/// <summary>
/// Gradient descent with momentum: v = mu v - lr g, w += v (Polyak 1964, in Keras's form: a changed learning rate acts on new gradients only).
/// </summary>
/// <param name="learningRate">The step's length: by default 0.01, as in Keras.</param>
/// <param name="momentum">mu, how much of the velocity stays: from 0 up to but not including 1.</param>
public sealed class Momentum(double learningRate = 0.01, double momentum = 0.9) : Optimizer(learningRate)
{
    /// <summary>How much of the velocity stays.</summary>
    public double Coefficient { get; } = momentum is >= 0 and < 1
        ? momentum
        : throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "Momentum goes from 0 up to but not including 1.");

    /// <inheritdoc/>
    protected override int StateCount => 1;

    private protected override UpdateRule? Rule => new UpdateRule { Kind = UpdateKind.Momentum, LearningRate = LearningRateCell, Step = StepCell, Beta1 = Coefficient };
}
