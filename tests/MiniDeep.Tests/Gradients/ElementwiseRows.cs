namespace MiniDeep.Tests.Gradients;

/// <summary>Functions of one, two and three operands, element by element.</summary>
internal static class ElementwiseRows
{
    private static readonly (string Name, Func<Tensor, Tensor> Function, Func<Draw, Shape, Tensor> Inputs)[] _unary =
    [
        ("Identity", static x => UnaryOp.Apply(UnaryKind.Identity, x), Normal),
        ("Negate", static x => -x, Normal),
        ("Abs", static x => x.Abs(), OffZero),
        ("Sign", static x => x.Sign(), OffZero),
        ("Square", static x => x.Square(), Normal),
        ("Sqrt", static x => x.Sqrt(), Positive),
        ("Reciprocal", static x => x.Reciprocal(), OffZero),
        ("number / x", static x => 3 / x, OffZero),
        ("Exp", static x => x.Exp(), Normal),
        ("Log", static x => x.Log(), Positive),
        ("Sin", static x => x.Sin(), Normal),
        ("Cos", static x => x.Cos(), Normal),
        ("Tanh", static x => x.Tanh(), Normal),
        ("Sigmoid", static x => x.Sigmoid(), Normal),
        ("ReLU", static x => x.ReLU(), OffZero),
        ("LeakyReLU 0.1", static x => x.LeakyReLU(0.1), OffZero),
        ("LeakyReLU -0.5", static x => x.LeakyReLU(-0.5), OffZero),
        ("Swish", static x => x.Swish(), Normal),
        ("Softplus", static x => x.Softplus(), Normal),
        ("Floor", static x => x.Floor(), OffZero),
        ("AddScalar", static x => x - 2.5, Normal),
        ("number - x", static x => 1.5 - x, Normal),
        ("MultiplyScalar", static x => x * -1.75, Normal),
        ("x / number", static x => x / 8, Normal),
        ("Pow 3", static x => x.Pow(3), OffZero),
        ("Pow 2", static x => x.Pow(2), Normal),
        ("Pow 0", static x => x.Pow(0), OffZero),
        ("Pow 1", static x => x.Pow(1), Normal),
        ("Pow -1.3", static x => x.Pow(-1.3), Positive),
        ("Maximum of a number", static x => x.Maximum(0.1), OffZero),
        ("Minimum of a number", static x => x.Minimum(-0.1), OffZero),
        ("Clip", static x => x.Clip(-0.2, 0.25), OffZero),
    ];

    private static readonly (string Name, Func<Tensor, Tensor, Tensor> Function, Func<Draw, Shape, Tensor> A, Func<Draw, Shape, Tensor> B)[] _binary =
    [
        ("Add", static (a, b) => a + b, Normal, Normal),
        ("Subtract", static (a, b) => a - b, Normal, Normal),
        ("Multiply", static (a, b) => a * b, Normal, Normal),
        ("Divide", static (a, b) => a / b, Normal, OffZero),
        ("Pow", static (a, b) => a.Pow(b), Positive, Normal),
        ("Max", static (a, b) => a.Maximum(b), static (draw, shape) => draw.Distinct(shape), static (draw, shape) => draw.Distinct(shape, 0.005)),
        ("Min", static (a, b) => a.Minimum(b), static (draw, shape) => draw.Distinct(shape), static (draw, shape) => draw.Distinct(shape, 0.005)),
    ];

    private static readonly (string Name, Shape A, Shape B, Func<Tensor, Tensor> ViewA, Func<Tensor, Tensor> ViewB)[] _pairs =
    [
        ("scalars", [], [], Same, Same),
        ("[1] and [1, 1]", [1], [1, 1], Same, Same),
        ("[5]", [5], [5], Same, Same),
        ("[4, 3] and [3]", [4, 3], [3], Same, Same),
        ("[3] and [4, 3]", [3], [4, 3], Same, Same),
        ("[4, 1] and [1, 3]", [4, 1], [1, 3], Same, Same),
        ("[2, 3, 4] and [3, 1]", [2, 3, 4], [3, 1], Same, Same),
        ("[2, 1, 4] and [3, 4]", [2, 1, 4], [3, 4], Same, Same),
        ("[] and [3, 4]", [], [3, 4], Same, Same),
        ("[3, 4] and []", [3, 4], [], Same, Same),
        ("[0, 3] and [3]", [0, 3], [3], Same, Same),
        ("[2, 0] and [2, 1]", [2, 0], [2, 1], Same, Same),
        ("[17, 33]", [17, 33], [17, 33], Same, Same),
        ("[5, 65] and [65]", [5, 65], [65], Same, Same),
        ("[65] and [9, 5, 65]", [65], [9, 5, 65], Same, Same),
        ("transposed and not", [5, 3], [3, 5], static x => x.Transpose(), Same),
        ("not and transposed", [3, 5], [5, 1], Same, static x => x.Transpose()),
        ("slices", [6, 7], [5, 5], static x => x[1..5, 2..^1], static x => x[1.., 1..]),
    ];

    public static IEnumerable<GradientRow> All() => [.. Unary(), .. Binary(), .. Select(), .. Cast(), .. Dropout(), .. DeviceCopy()];

    private static IEnumerable<GradientRow> Unary() =>
        from unary in _unary
        from corner in Corners.Views
        select new GradientRow(unary.Name, corner.Name, draw => new([unary.Inputs(draw, corner.Shape)], x => unary.Function(corner.View(x[0]))));

    private static IEnumerable<GradientRow> Binary()
    {
        foreach ((string name, Func<Tensor, Tensor, Tensor> function, Func<Draw, Shape, Tensor> a, Func<Draw, Shape, Tensor> b) in _binary)
        {
            foreach ((string corner, Shape shapeA, Shape shapeB, Func<Tensor, Tensor> viewA, Func<Tensor, Tensor> viewB) in _pairs)
                yield return new(name, corner, draw => new([a(draw, shapeA), b(draw, shapeB)], x => function(viewA(x[0]), viewB(x[1]))));
            yield return new(name, "with itself", draw => new([draw.Uniform([3, 4], 0.5, 2)], x => function(x[0], x[0])));
            yield return new(name, "a constant left", draw =>
            {
                Tensor constant = a(draw, [4, 1]);
                return new([b(draw, [3])], x => function(constant, x[0]));
            });
            yield return new(name, "a constant right", draw =>
            {
                Tensor constant = b(draw, [3]);
                return new([a(draw, [4, 1])], x => function(x[0], constant));
            });
        }
    }

    private static IEnumerable<GradientRow> Select()
    {
        (string Name, Shape Condition, Shape A, Shape B)[] shapes =
        [
            ("scalars", [], [], []),
            ("[1]", [1], [1], [1]),
            ("[7]", [7], [7], [7]),
            ("[3, 5]", [3, 5], [3, 5], [3, 5]),
            ("[0, 2]", [0, 2], [0, 2], [2]),
            ("one condition", [], [3, 4], [3, 4]),
            ("a stretched condition", [3, 1], [3, 4], [3, 4]),
            ("a larger condition", [2, 3, 4], [4], [3, 1]),
            ("a scalar left", [3, 4], [], [3, 4]),
            ("a scalar right", [3, 4], [3, 4], []),
            ("all stretched", [2, 1, 1], [1, 3, 1], [1, 1, 4]),
            ("[17, 33]", [17, 33], [17, 33], [33]),
        ];
        foreach ((string name, Shape condition, Shape a, Shape b) in shapes)
            yield return new("Where", name, draw => new([draw.Bool(condition), draw.Normal(a), draw.Normal(b)], static x => Tensor.Where(x[0], x[1], x[2])));
        yield return new("Where", "all transposed", static draw => new(
            [draw.Bool([5, 3]), draw.Normal([5, 3]), draw.Normal([5, 3])], static x => Tensor.Where(x[0].Transpose(), x[1].Transpose(), x[2].Transpose())));
        yield return new("Where", "both from one", static draw => new([draw.Bool([4, 3]), draw.Normal([4, 3])], static x => Tensor.Where(x[0], x[1].Square(), x[1])));
    }

    // the values and the steps are exact in Float32, so what is left is the rounding of the gradient on its way through Float32
    private static IEnumerable<GradientRow> Cast() =>
        from corner in Corners.Views
        select new GradientRow("Cast", corner.Name, draw =>
            new([draw.Coarse(corner.Shape)], x => corner.View(x[0]).To(DType.Float32).To(DType.Float64)) { Step = 1.0 / 64 });

    private static IEnumerable<GradientRow> Dropout() =>
        from rate in new[] { 0.0, 0.3, 0.8 }
        from corner in Corners.Views
        select new GradientRow("Dropout", $"{rate}, {corner.Name}", draw => new([draw.Normal(corner.Shape)], x => DropoutOp.Apply(corner.View(x[0]), rate, key: 7, stream: 3)));

    private static IEnumerable<GradientRow> DeviceCopy() =>
        from corner in Corners.Views
        select new GradientRow("DeviceCopy", corner.Name, draw => new([draw.Normal(corner.Shape)], x => corner.View(x[0]).To(UnfusedBackend.Other).Tanh().To(draw.Device)));

    private static Tensor Same(Tensor x) => x;

    private static Tensor Normal(Draw draw, Shape shape) => draw.Normal(shape);

    private static Tensor OffZero(Draw draw, Shape shape) => draw.OffZero(shape);

    private static Tensor Positive(Draw draw, Shape shape) => draw.Uniform(shape, 0.5, 2);
}
