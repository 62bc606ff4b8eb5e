namespace MiniDeep.Tests.Gradients;

/// <summary>A function with the point where its gradient is checked.</summary>
/// <param name="Inputs">Float64 inputs are checked, others handed on.</param>
/// <param name="Function">Of the inputs. Constants are drawn beside them.</param>
internal sealed record GradientCase(Tensor[] Inputs, Func<Tensor[], Tensor> Function)
{
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    public double Step { get; init; } = GradientCheck.DefaultStep;
}

/// <summary>One line of the table: an operation (or layer, or loss) in one configuration and shape.</summary>
/// <param name="Family">The operation. Each has at least twelve rows.</param>
/// <param name="Corner">What is special about this one; unique within the family.</param>
/// <param name="Make">Draws the inputs.</param>
internal sealed record GradientRow(string Family, string Corner, Func<Draw, GradientCase> Make)
{
    public override string ToString() => $"{Family}: {Corner}";

    public GradientCheckResult Check(Device device)
    {
        GradientCase made = Make(new Draw(device));
        return GradientCheck.Run(made.Function, made.Inputs, made.Parameters, made.Step);
    }
}

/// <summary>The whole table.</summary>
internal static class GradientTable
{
    public static IReadOnlyDictionary<string, GradientRow> Rows { get; } =
        new[] { ElementwiseRows.All(), ShapeRows.All(), ReductionRows.All(), MatrixRows.All(), ImageRows.All(), LossRows.All(), GraphRows.All() }
            .SelectMany(static rows => rows)
            .ToDictionary(static row => row.ToString());

    public static TheoryData<string> Names => [.. Rows.Keys];
}

/// <summary>Shapes that have broken kernels before, and views whose elements don't lie side by side.</summary>
internal static class Corners
{
    /// <summary>The shape of the input, and what is made of it before the operation.</summary>
    public static IReadOnlyList<(string Name, Shape Shape, Func<Tensor, Tensor> View)> Views { get; } =
    [
        ("scalar", [], Same),
        ("[1]", [1], Same),
        ("[1, 1, 1]", [1, 1, 1], Same),
        ("[7]", [7], Same),
        ("[0]", [0], Same),
        ("[3, 0, 2]", [3, 0, 2], Same),
        ("[3, 5]", [3, 5], Same),
        ("[2, 3, 4]", [2, 3, 4], Same),
        ("[17, 33]", [17, 33], Same),
        ("[1031]", [1031], Same),
        ("transposed", [5, 3], static x => x.Transpose()),
        ("permuted", [2, 3, 4], static x => x.Transpose(2, 0, 1)),
        ("sliced", [6, 7], static x => x[1..5, 2..^1]),
        ("a position", [4, 3, 5], static x => x[.., 1]),
        ("reshaped after transposing", [4, 6], static x => x.Transpose().Reshape(3, 8)),
        ("stretched", [1, 4], static x => x.BroadcastTo([3, 4])),
    ];

    private static Tensor Same(Tensor x) => x;
}
