namespace MiniDeep.Tests.Gradients;

/// <summary>Losses of logits, of probabilities that remember theirs, and of plain probabilities.</summary>
internal static class LossRows
{
    private static readonly Shape[] _shapes = [[1, 1], [1, 2], [1, 7], [5, 1], [3, 4], [4, 3], [8, 10], [2, 3, 4], [2, 1, 3], [1, 1, 1, 5], [33, 17], [2, 300]];

    public static IEnumerable<GradientRow> All()
    {
        foreach (Reduction reduction in Enum.GetValues<Reduction>())
        {
            foreach (Shape shape in _shapes)
            {
                string corner = $"{shape}, {reduction}";
                foreach (GradientRow row in Binary(shape, corner, reduction).Concat(Categorical(shape, corner, reduction)).Concat(Sparse(shape, corner, reduction))) yield return row;

                Loss squares = Loss.MeanSquaredError with { Reduction = reduction };
                yield return new("MeanSquaredError", corner, draw => Of(squares, draw.Normal(shape), draw.Normal(shape)));
                Loss own = Loss.Of("log_cosh", static (p, t) => (p - t).Softplus().Mean(-1)) with { Reduction = reduction };
                yield return new("a loss of the user's own", corner, draw => Of(own, draw.Normal(shape), draw.Normal(shape)));
                yield return new("a loss times a number", corner, draw => Of(squares, draw.Normal(shape), draw.Normal(shape), static loss => loss * 2.5));
            }
        }
    }

    private static IEnumerable<GradientRow> Binary(Shape shape, string corner, Reduction reduction)
    {
        CrossentropyLoss loss = Loss.BinaryCrossentropy with { Reduction = reduction };
        yield return new("BinaryCrossentropy of logits", corner, draw => Of(loss with { FromLogits = true }, draw.Normal(shape), draw.Uniform(shape, 0, 1)));
        yield return new("BinaryCrossentropy of a sigmoid", corner, draw => Of(loss, draw.Normal(shape), draw.Uniform(shape, 0, 1), predictions: static x => x.Sigmoid()));
        yield return new("BinaryCrossentropy of probabilities", corner, draw => Of(loss, draw.Uniform(shape, 0.1, 0.9), draw.Uniform(shape, 0, 1)));
        yield return new("BinaryCrossentropy times a number", corner, draw =>
            Of(loss with { FromLogits = true }, draw.Normal(shape), draw.Uniform(shape, 0, 1), static l => l * -0.5));
    }

    private static IEnumerable<GradientRow> Categorical(Shape shape, string corner, Reduction reduction)
    {
        CrossentropyLoss loss = Loss.CategoricalCrossentropy with { Reduction = reduction };
        yield return new("CategoricalCrossentropy of logits", corner, draw => Of(loss with { FromLogits = true }, draw.Normal(shape), draw.Distributions(shape)));
        yield return new("CategoricalCrossentropy of logits, any targets", corner, draw => Of(loss with { FromLogits = true }, draw.Normal(shape), draw.Uniform(shape, 0, 2)));
        yield return new("CategoricalCrossentropy of a softmax", corner, draw => Of(loss, draw.Normal(shape), draw.Distributions(shape), predictions: static x => x.Softmax()));
        yield return new("CategoricalCrossentropy of probabilities", corner, draw => Of(loss, draw.Distributions(shape), draw.Distributions(shape)));
    }

    private static IEnumerable<GradientRow> Sparse(Shape shape, string corner, Reduction reduction)
    {
        CrossentropyLoss loss = Loss.SparseCategoricalCrossentropy with { Reduction = reduction };
        Shape rows = Shape.Create(shape.Sizes[..^1]);
        yield return new("SparseCategoricalCrossentropy of logits", corner, draw =>
            Of(loss with { FromLogits = true }, draw.Normal(shape), draw.Integers(rows, shape[^1])));
        yield return new("SparseCategoricalCrossentropy of a softmax", corner, draw =>
            Of(loss, draw.Normal(shape), draw.Integers(rows, shape[^1], DType.Int64), predictions: static x => x.Softmax()));
        yield return new("SparseCategoricalCrossentropy of probabilities", corner, draw =>
            Of(loss, draw.Distributions(shape), draw.Integers(rows, Math.Min(shape[^1], 255), DType.UInt8)));
        yield return new("SparseCategoricalCrossentropy plus another loss", corner, draw =>
            Of(loss, draw.Normal(shape), draw.Integers(rows, shape[^1]), predictions: static x => x.Softmax(), plus: static x => x.Square().Mean()));
    }

    /// <summary>The loss of what is made of the first tensor; the targets are constants.</summary>
    private static GradientCase Of(
        Loss loss, Tensor x, Tensor targets, Func<Tensor, Tensor>? then = null, Func<Tensor, Tensor>? predictions = null, Func<Tensor, Tensor>? plus = null) =>
        new([x], t =>
        {
            Tensor result = loss.Of(predictions is null ? t[0] : predictions(t[0]), targets);
            if (plus is not null) result += plus(t[0]);
            return then is null ? result : then(result);
        });
}
