namespace MiniDeep;

/// <summary>Plain gradient descent: w -= lr g.</summary>
/// <param name="learningRate">The step's length: by default 0.01, as in Keras.</param>
public sealed class SGD(double learningRate = 0.01) : Optimizer(learningRate)
{
    private protected override UpdateRule? Rule => new UpdateRule { Kind = UpdateKind.Sgd, LearningRate = LearningRateCell, Step = StepCell };
}
