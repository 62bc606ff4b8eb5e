namespace MiniDeep;

internal sealed record MeanSquaredErrorLoss() : Loss("mean_squared_error")
{
    private protected override Tensor Compute(Tensor predictions, Tensor targets)
    {
        CheckSameShape(predictions, targets);
        Tensor squares = (predictions - targets.To(predictions.DType)).Square();
        return Reduction == Reduction.Mean ? squares.Mean() : squares.Sum() * (1.0 / Math.Max(predictions.Rank == 0 ? 1 : predictions.Shape[^1], 1));
    }
}
