namespace MiniDeep.Tests.Gradients;

/// <summary>Sums, means, largest and smallest elements, softmax.</summary>
internal static class ReductionRows
{
    private static readonly (string Name, Shape Shape, int[] Axes, bool KeepDims, Func<Tensor, Tensor> View)[] _reductions =
    [
        ("a scalar", [], [], false, Same),
        ("[1]", [1], [0], false, Same),
        ("all of a vector", [7], [], false, Same),
        ("all of a matrix", [3, 5], [], true, Same),
        ("rows", [3, 5], [0], false, Same),
        ("columns", [3, 5], [-1], false, Same),
        ("columns, kept", [3, 5], [1], true, Same),
        ("the middle", [2, 3, 4], [1], false, Same),
        ("the outer axes", [2, 3, 4], [0, 2], false, Same),
        ("the outer axes, kept", [2, 3, 4], [-1, 0], true, Same),
        ("axes of size 1", [1, 4, 1], [0, 2], false, Same),
        ("nothing left to reduce", [0, 3], [1], false, Same),
        ("transposed", [5, 3], [0], false, static x => x.Transpose()),
        ("permuted", [2, 3, 4], [0, 1], true, static x => x.Transpose(2, 0, 1)),
        ("a slice", [6, 7], [1], false, static x => x[1..5, 2..6]),
        ("a long axis", [3, 700], [1], false, Same),
        ("a long outer axis", [700, 3], [0], false, Same),
        ("large", [17, 33], [], false, Same),
    ];

    public static IEnumerable<GradientRow> All() => [.. Reductions(), .. Softmax()];

    private static IEnumerable<GradientRow> Reductions()
    {
        foreach (ReduceKind kind in Enum.GetValues<ReduceKind>())
        {
            foreach ((string name, Shape shape, int[] axes, bool keepDims, Func<Tensor, Tensor> view) in _reductions)
            {
                yield return new(kind.ToString(), name, draw => new([draw.Distinct(shape)], x => ReduceOp.Apply(kind, view(x[0]), axes, keepDims)));
            }
        }
        yield return new("Sum", "over nothing", static draw => new([draw.Normal([0, 3]), draw.Normal([3])], static x => x[0].Sum(0) + x[1]));
    }

    private static IEnumerable<GradientRow> Softmax()
    {
        (string Name, Shape Shape, int Axis, Func<Tensor, Tensor> View)[] rows =
        [
            ("[1]", [1], -1, Same),
            ("[6]", [6], 0, Same),
            ("[3, 1]", [3, 1], -1, Same),
            ("[3, 5]", [3, 5], -1, Same),
            ("[3, 5] over rows", [3, 5], 0, Same),
            ("[2, 3, 4] over the middle", [2, 3, 4], 1, Same),
            ("[2, 3, 4] over the first", [2, 3, 4], -3, Same),
            ("[0, 4]", [0, 4], -1, Same),
            ("[5, 17]", [5, 17], 1, Same),
            ("[2, 1000]", [2, 1000], 1, Same),
            ("[40, 33]", [40, 33], -1, Same),
            ("transposed", [5, 3], -1, static x => x.Transpose()),
            ("sliced", [6, 7], -1, static x => x[1..5, 2..6]),
            ("sliced over rows", [6, 7], 0, static x => x[1..5, 2..6]),
        ];
        foreach ((string name, Shape shape, int axis, Func<Tensor, Tensor> view) in rows)
        {
            yield return new("Softmax", name, draw => new([draw.Normal(shape)], x => view(x[0]).Softmax(axis)));
            yield return new("LogSoftmax", name, draw => new([draw.Normal(shape)], x => view(x[0]).LogSoftmax(axis)));
        }
    }

    private static Tensor Same(Tensor x) => x;
}
