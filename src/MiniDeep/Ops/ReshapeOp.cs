namespace MiniDeep;

/// <summary>The same elements in the same order under another shape. A view where the elements lie side by side, otherwise a copy. dx = dy.</summary>
internal sealed class ReshapeOp : GradNode
{
    private GradNode? _input;

    private ReshapeOp(Tensor x, Tensor y) : base(y, x.Node) => _input = x.Node;

    /// <param name="x">The tensor.</param>
    /// <param name="sizes">The new sizes; at most one may be -1: whatever is left over.</param>
    public static Tensor Apply(Tensor x, ReadOnlySpan<int> sizes)
    {
        if (x.Shape.Sizes.SequenceEqual(sizes)) return x;
        Shape shape = Resolve(x.Shape, sizes);
        if (shape == x.Shape) return x;
        x = x.Contiguous();
        Tensor y = x.Alias(x.View.Offset, shape, null);
        if (GradMode.Records(x)) y.Node = new ReshapeOp(x, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy) => walk.Give(_input, dy);

    protected override void Release() => _input = null;

    private static Shape Resolve(Shape from, ReadOnlySpan<int> sizes)
    {
        int[] result = sizes.ToArray();
        int open = -1;
        long known = 1;
        for (int i = 0; i < result.Length; i++)
        {
            if (result[i] == -1 && open < 0) open = i;
            else if (result[i] < 0) throw new ShapeException($"Reshape: {Text(sizes)} has more than one -1 or another negative size.");
            else known *= result[i];
        }
        int count = from.ElementCount;
        if (open >= 0 && known > 0 && count % known == 0) result[open] = (int)(count / known);
        Shape shape = open >= 0 && result[open] < 0 || result.Length == 0 ? default : Shape.Adopt(result);
        if ((open >= 0 && result[open] < 0) || shape.ElementCount != count)
            throw new ShapeException($"Reshape: a tensor of shape {from} ({count} elements) doesn't fit the shape {Text(sizes)}.");
        return shape;

        static string Text(ReadOnlySpan<int> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";
    }
}
