namespace MiniDeep.Tests.Gradients;

/// <summary>Matrix products, and the linear layer's operation.</summary>
internal static class MatrixRows
{
    /// <summary>Every activation that fused operations know.</summary>
    public static IReadOnlyList<(string Name, FusedActivation Activation)> Activations { get; } =
    [
        ("no activation", FusedActivation.None),
        ("ReLU", new(UnaryKind.Relu)),
        ("LeakyReLU 0.1", new(UnaryKind.LeakyRelu, 0.1)),
        ("LeakyReLU -0.5", new(UnaryKind.LeakyRelu, -0.5)),
        ("Swish", new(UnaryKind.Swish)),
        ("Tanh", new(UnaryKind.Tanh)),
    ];

    public static IEnumerable<GradientRow> All() => [.. MatMul(), .. Linear()];

    private static IEnumerable<GradientRow> MatMul()
    {
        (string Name, Shape A, Shape B, Func<Tensor, Tensor> ViewA, Func<Tensor, Tensor> ViewB)[] rows =
        [
            ("vector and vector", [5], [5], Same, Same),
            ("vector and matrix", [4], [4, 3], Same, Same),
            ("matrix and vector", [3, 4], [4], Same, Same),
            ("batch and vector", [2, 3, 4], [4], Same, Same),
            ("vector and batch", [3], [2, 3, 4], Same, Same),
            ("1 x 1", [1, 1], [1, 1], Same, Same),
            ("row and column", [1, 7], [7, 1], Same, Same),
            ("column and row", [7, 1], [1, 5], Same, Same),
            ("3 x 4, 4 x 5", [3, 4], [4, 5], Same, Same),
            ("batches", [3, 2, 4], [3, 4, 5], Same, Same),
            ("batch and matrix", [3, 2, 4], [4, 5], Same, Same),
            ("two batch axes and matrix", [2, 3, 2, 4], [4, 5], Same, Same),
            ("matrix and batch", [2, 4], [3, 4, 5], Same, Same),
            ("stretched batches", [2, 1, 3, 4], [5, 4, 2], Same, Same),
            ("a batch of one", [1, 2, 3], [4, 3, 2], Same, Same),
            ("left transposed", [4, 3], [4, 5], static a => a.Transpose(), Same),
            ("right transposed", [3, 4], [5, 4], Same, static b => b.Transpose()),
            ("both transposed", [4, 3], [5, 4], static a => a.Transpose(), static b => b.Transpose()),
            ("batches transposed", [3, 4, 2], [3, 5, 4], static a => a.Transpose(0, 2, 1), static b => b.Transpose(0, 2, 1)),
            ("batch axis moved", [2, 3, 4], [3, 4, 5], static a => a.Transpose(1, 0, 2), Same),
            ("slices", [5, 6], [6, 7], static a => a[1..4, 2..], static b => b[1..5, ..3]),
            ("a transposed batch and matrix", [2, 4, 3], [4, 5], static a => a.Transpose(0, 2, 1), Same),
            ("no row", [0, 4], [4, 3], Same, Same),
            ("no column", [3, 4], [4, 0], Same, Same),
            ("nothing to sum over", [3, 0], [0, 2], Same, Same),
            ("nothing to sum over in a batch", [2, 3, 0], [0, 4], Same, Same),
            ("an empty batch", [0, 3, 4], [4, 2], Same, Same),
            ("larger than a tile", [33, 47], [47, 29], Same, Same),
            ("larger than a tile, transposed", [47, 33], [29, 47], static a => a.Transpose(), static b => b.Transpose()),
            ("long", [2, 400], [400, 3], Same, Same),
        ];
        foreach ((string name, Shape a, Shape b, Func<Tensor, Tensor> viewA, Func<Tensor, Tensor> viewB) in rows)
            yield return new("MatMul", name, draw => new([draw.Normal(a), draw.Normal(b)], x => viewA(x[0]).MatMul(viewB(x[1]))));
        yield return new("MatMul", "with itself", static draw => new([draw.Normal([4, 4])], static x => x[0].MatMul(x[0])));
        yield return new("MatMul", "with its transpose", static draw => new([draw.Normal([4, 6])], static x => x[0].MatMul(x[0].Transpose())));
        yield return new("MatMul", "a constant left", static draw =>
        {
            Tensor constant = draw.Normal([3, 4]);
            return new([draw.Normal([4, 5])], x => constant.MatMul(x[0]));
        });
        yield return new("MatMul", "a constant right", static draw =>
        {
            Tensor constant = draw.Normal([4, 5]);
            return new([draw.Normal([3, 4])], x => x[0].MatMul(constant));
        });
    }

    private static IEnumerable<GradientRow> Linear()
    {
        (string Name, Shape X, int Units, Func<Tensor, Tensor> View)[] rows =
        [
            ("1 x 1 x 1", [1, 1], 1, Same),
            ("one row", [1, 5], 3, Same),
            ("one unit", [4, 3], 1, Same),
            ("exercise 1", [10, 4], 5, Same),
            ("one feature", [6, 1], 4, Same),
            ("two batch axes", [2, 3, 4], 5, Same),
            ("no row", [0, 4], 3, Same),
            ("a vector", [6], 4, Same),
            ("odd", [7, 13], 9, Same),
            ("a vector register wide", [5, 8], 16, Same),
            ("larger than a tile", [33, 47], 29, Same),
            ("transposed", [5, 3], 4, static x => x.Transpose()),
            ("sliced", [6, 7], 4, static x => x[1..5, 2..6]),
        ];
        foreach ((string activationName, FusedActivation activation) in Activations)
        {
            foreach ((string name, Shape shape, int units, Func<Tensor, Tensor> view) in rows)
            {
                yield return new("Linear", $"{activationName}, {name}", draw =>
                {
                    Tensor x = draw.Normal(shape);
                    return new([x, draw.Normal([view(x).Shape[^1], units]), draw.Normal([units])], t => LinearOp.Apply(view(t[0]), t[1], t[2], activation));
                });
            }
            yield return new("Linear", $"{activationName}, no bias", draw =>
                new([draw.Normal([5, 4]), draw.Normal([4, 3])], t => LinearOp.Apply(t[0], t[1], null, activation)));
            yield return new("Linear", $"{activationName}, x is w", draw =>
                new([draw.Normal([4, 4]), draw.Normal([4])], t => LinearOp.Apply(t[0], t[0], t[1], activation)));
            yield return new("Linear", $"{activationName}, w twice", draw => new(
                [draw.Normal([3, 4]), draw.Normal([4, 4]), draw.Normal([4])],
                t => LinearOp.Apply(LinearOp.Apply(t[0], t[1], t[2], activation), t[1], t[2], activation)));
            yield return new("Linear", $"{activationName}, constant x", draw =>
            {
                Tensor x = draw.Normal([5, 4]);
                return new([draw.Normal([4, 3]), draw.Normal([3])], t => LinearOp.Apply(x, t[0], t[1], activation));
            });
            yield return new("Linear", $"{activationName}, constant w", draw =>
            {
                Tensor w = draw.Normal([4, 3]);
                return new([draw.Normal([5, 4]), draw.Normal([3])], t => LinearOp.Apply(t[0], w, t[1], activation));
            });
            yield return new("Linear", $"{activationName}, only the bias", draw =>
            {
                Tensor x = draw.Normal([5, 4]), w = draw.Normal([4, 3]);
                return new([draw.Normal([3])], t => LinearOp.Apply(x, w, t[0], activation));
            });
        }
    }

    private static Tensor Same(Tensor x) => x;
}
