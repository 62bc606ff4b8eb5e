namespace MiniDeep;

/// <summary>
/// Gradient descent with Nesterov's momentum: v = mu v - lr g, w += mu v - lr g (Sutskever et al. 2013, in Keras's form).
/// </summary>
/// <param name="learningRate">The step's length: by default 0.01, as in Keras.</param>
/// <param name="momentum">mu, how much of the velocity stays: from 0 up to but not including 1.</param>
public sealed class Nesterov(double learningRate = 0.01, double momentum = 0.9) : Optimizer(learningRate)
{
    /// <summary>How much of the velocity stays.</summary>
    public double Coefficient { get; } = momentum is >= 0 and < 1
        ? momentum
        : throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "Momentum goes from 0 up to but not including 1.");

    /// <inheritdoc/>
    protected override int StateCount => 1;

    private protected override UpdateRule? Rule => new UpdateRule { Kind = UpdateKind.Nesterov, LearningRate = LearningRateCell, Step = StepCell, Beta1 = Coefficient };
}
