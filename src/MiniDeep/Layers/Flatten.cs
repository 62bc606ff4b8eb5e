namespace MiniDeep;

/// <summary>Each sample as one row: [batch, …] becomes [batch, features]. A view, no copy.</summary>
public sealed class Flatten : Layer
{
    /// <inheritdoc/>
    protected override Shape Build(Shape input) => [input.ElementCount];

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, bool training) => x.Rank == 2 ? x : x.Reshape(x.Shape[0], x.Shape.From(1).ElementCount);
}
