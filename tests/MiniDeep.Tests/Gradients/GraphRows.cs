namespace MiniDeep.Tests.Gradients;

/// <summary>Several operations: shared subexpressions, one weight used twice, views of views.</summary>
internal static class GraphRows
{
    private static readonly Shape[] _shapes = [[1], [2], [3], [7], [1, 1], [2, 3], [4, 4], [5, 1], [1, 9], [2, 3, 4], [3, 1, 2], [17, 19]];

    private static readonly (string Name, Func<Tensor, Tensor> Function)[] _graphs =
    [
        ("x + x", static x => x + x),
        ("x + x + x of a result", static x => Twice(x.Sin())),
        ("a diamond", static x => Diamond(x.Tanh())),
        ("a result used by everything", static x => Everything(x.Sin() + 1.5)),
        ("its own mean taken away", static x => x - x.Mean([-1], keepDims: true)),
        ("normalised", static x => Normalised(x)),
        ("a view and its base", static x => (x * 2) + x.Reshape(-1).Reshape(x.Shape.Sizes)),
        ("a result and its transpose", static x => TransposeTwice(x.Exp())),
        ("both halves of a sum", static x => x.Sum() * x.Square()),
        ("a deep chain", static x => Deep(x)),
        ("a scalar of a scalar", static x => x.Sum().Square().Reshape(1, 1).Tanh()),
        ("softmax and its logarithm", static x => x.Softmax() * x.LogSoftmax()),
    ];

    public static IEnumerable<GradientRow> All() =>
        from graph in _graphs
        from shape in _shapes
        select new GradientRow(graph.Name, shape.ToString(), draw => new([draw.Normal(shape)], t => graph.Function(t[0])));

    private static Tensor Twice(Tensor y) => y + y + y;

    private static Tensor Diamond(Tensor y)
    {
        Tensor left = y.Square(), right = y.Exp();
        return (left * right) + (left / (right + 1)) + y;
    }

    private static Tensor Everything(Tensor y) =>
        (y * y) + y.Log() - (y / (y + 1)) + y.Pow(y) + y.Sum() + y.Mean([0], keepDims: true) + y.Softmax() + y.Clone() + y.Reshape(-1).Reshape(y.Shape.Sizes);

    private static Tensor Normalised(Tensor x)
    {
        Tensor centred = x - x.Mean();
        return centred / (centred.Square().Mean() + 0.1).Sqrt();
    }

    private static Tensor TransposeTwice(Tensor y) => y + y.Transpose().Square().Transpose();

    private static Tensor Deep(Tensor x)
    {
        for (int i = 0; i < 30; i++) x = (x * 1.1).Tanh() + (x * 0.1);
        return x;
    }
}
