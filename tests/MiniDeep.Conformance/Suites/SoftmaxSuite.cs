using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>Softmax, SoftmaxGrad and CrossEntropy.</summary>
public abstract class SoftmaxSuite(BackendUnderTest backend) : Suite(backend)
{
    private static readonly bool[] s_both = [false, true];

    private static readonly Shape[] s_shapes =
    [
        [1], [7], [33], [0, 5], [5, 0], [1, 1], [1, 10], [3, 1], [2, 2], [5, 7], [64, 10], [17, 16], [9, 17], [4, 31], [3, 257], [2, 3, 4], [2, 1, 3, 5], [128, 64], [3000, 10], [2, 30_011], [5000, 3],
    ];

    public static TheoryData<bool, DType> Logarithms => Rows(from logarithm in s_both from dtype in FloatTypes select (logarithm, dtype));

    public static TheoryData<CrossEntropyKind, DType> Losses => Rows(from kind in Enum.GetValues<CrossEntropyKind>() from dtype in FloatTypes select (kind, dtype));

    [SkippableTheory]
    [MemberData(nameof(Logarithms))]
    public void Softmax(bool logarithm, DType dtype) =>
        Each(from shape in s_shapes from scale in (double[])[1, 10, 0.01] select (shape, scale), row =>
        {
            Draw draw = Draw.For($"{row}");
            Operand x = draw.Input(dtype, row.shape, () => row.scale * draw.Normal());
            Check(Tolerance.Forward, [x, draw.Result(dtype, row.shape)], (b, v) => b.Softmax(logarithm, v[0], v[1]));
        });

    [SkippableTheory]
    [MemberData(nameof(Logarithms))]
    public void Softmax_of_every_length(bool logarithm, DType dtype) =>
        Each(Enumerable.Range(1, 257), length =>
        {
            Draw draw = new(length);
            Check(Tolerance.Forward, [draw.Input(dtype, [2, length]), draw.Result(dtype, [2, length])], (b, v) => b.Softmax(logarithm, v[0], v[1]));
        });

    [SkippableTheory]
    [MemberData(nameof(Logarithms))]
    public void Softmax_of_extreme_logits(bool logarithm, DType dtype) =>
        Each(from specials in (double[][])
             [
                 [1e4], [-1e4], [1e4, -1e4], [1e4, 1e4], [3e38, -3e38], [double.NegativeInfinity], [double.NegativeInfinity, 1e4], [double.NaN],
                 [double.PositiveInfinity], [double.PositiveInfinity, double.NegativeInfinity],
             ]
             from place in (int[])[0, 8, 16, 18]
             select (specials, place), row =>
        {
            // Of the rows around it, none may change.
            Draw draw = new(5);
            Operand x = draw.Input(dtype, [3, 21]);
            for (int i = 0; i < row.specials.Length; i++) x.Set(21 + row.place + i, row.specials[i]);
            Check(Tolerance.Forward with { ElementByElement = true }, [x, draw.Result(dtype, [3, 21])], (b, v) => b.Softmax(logarithm, v[0], v[1]));
        });

    [SkippableTheory]
    [MemberData(nameof(Logarithms))]
    public void A_row_of_negative_infinity_is_not_a_number(bool logarithm, DType dtype)
    {
        Operand x = new Draw(1).Input(dtype, [2, 19], () => double.NegativeInfinity);
        Check(Tolerance.Forward, [x, new Draw(1).Result(dtype, [2, 19])], (b, v) => b.Softmax(logarithm, v[0], v[1]));
    }

    [SkippableTheory]
    [MemberData(nameof(Logarithms))]
    public void SoftmaxGrad(bool logarithm, DType dtype) =>
        Each(from shape in s_shapes from mode in (int[])[0, 1, 2] select (shape, mode), row =>
        {
            Draw draw = Draw.For($"{row}");
            int classes = row.shape[^1];
            Operand y = draw.Input(dtype, row.shape, () => logarithm ? -Math.Log(classes) + draw.Normal() : draw.Uniform() * 2 / classes);
            bool accumulate = row.mode == 1;
            Operand dy = row.mode == 2 ? draw.InPlace(dtype, row.shape) : draw.Input(dtype, row.shape);
            Operand dx = row.mode == 2 ? dy : draw.Result(dtype, row.shape, accumulate);
            Tolerance tolerance = Tolerance.Backward with { Scale = logarithm ? Math.Max(Math.Sqrt(classes) / Math.Max(classes, 1), 1e-3) : 1.0 / Math.Max(classes, 1) };
            Check(tolerance, [y, dy, dx], (b, v) => b.SoftmaxGrad(logarithm, v[0], v[1], v[2], accumulate));
        });

    [SkippableTheory]
    [MemberData(nameof(Losses))]
    public void CrossEntropy(CrossEntropyKind kind, DType dtype) =>
        Each(from shape in s_shapes
             where shape[^1] > 0 || kind == CrossEntropyKind.Sigmoid
             from gradient in s_both
             from scale in (double[])[1, 1.0 / 64, -2.5]
             select (shape, gradient, scale), row => CheckLoss(kind, dtype, row.shape, row.gradient, row.scale, Draw.For($"{row}")));

    [SkippableTheory]
    [MemberData(nameof(Losses))]
    public void CrossEntropy_of_extreme_logits_is_finite(CrossEntropyKind kind, DType dtype) =>
        Each(from logit in (double[])[1e4, -1e4] from place in (int[])[0, 7, 16, 18] select (logit, place), row =>
        {
            Draw draw = new(6);
            Operand logits = draw.Input(dtype, [4, 19]), target = Target(kind, dtype, [4, 19], draw);
            for (int i = 0; i < 4; i++) logits.Set(i * 19 + row.place, row.logit);
            Operand loss = draw.Result(dtype, [1]), gradient = draw.Result(dtype, [4, 19]);
            Check(Tolerance.Forward, [logits, target, loss, gradient], (b, v) => b.CrossEntropy(kind, v[0], v[1], 0.25, v[2], v[3]));
            Assert.True(double.IsFinite(loss.Floats(RunAlone([logits, target, loss, null], (b, v) =>
            {
                b.CrossEntropy(kind, v[0], v[1], 0.25, v[2], default);
                return true;
            })[2])[0]));
        });

    [SkippableTheory]
    [MemberData(nameof(Losses))]
    public void CrossEntropy_of_not_a_number_is_not_a_number(CrossEntropyKind kind, DType dtype) =>
        Each((int[])[0, 18, 19, 40], place =>
        {
            Draw draw = new(6);
            Operand logits = draw.Input(dtype, [4, 19]), target = Target(kind, dtype, [4, 19], draw);
            logits.Set(place, double.NaN);
            Check(Tolerance.Forward, [logits, target, draw.Result(dtype, [1]), draw.Result(dtype, [4, 19])], (b, v) => b.CrossEntropy(kind, v[0], v[1], 1, v[2], v[3]));
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void A_class_that_does_not_exist_is_an_error(DType dtype) =>
        Each(from label in (int[])[-1, 10, int.MaxValue, int.MinValue] from row in (int[])[0, 3, 66] from gradient in s_both select (label, row, gradient), wrong =>
        {
            Draw draw = new(7);
            Operand logits = draw.Input(dtype, [67, 10]), target = draw.Input(DType.Int32, [67], () => draw.Integer(0, 10));
            target.Set(wrong.row, wrong.label);
            LabelException failure = Assert.Throws<LabelException>(() => RunAlone([logits, target, draw.Result(dtype, [1]), wrong.gradient ? draw.Result(dtype, [67, 10]) : null], (b, v) =>
            {
                b.CrossEntropy(CrossEntropyKind.SparseSoftmax, v[0], v[1], 1, v[2], v[3]);
                b.Synchronize();
                return true;
            }));
            Assert.Contains(wrong.label.ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message);
            Assert.Contains("10", failure.Message);
        });

    [SkippableFact]
    public void Any_rows() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[1, 70], Gen.Int[0, int.MaxValue]).Sample((rows, classes, seed) =>
        {
            Draw draw = new(seed);
            DType dtype = FloatTypes[draw.Integer(0, 2)];
            bool logarithm = draw.Bool();
            Check(Tolerance.Forward, [draw.Input(dtype, [rows, classes]), draw.Result(dtype, [rows, classes])], (b, v) => b.Softmax(logarithm, v[0], v[1]));
            CheckLoss((CrossEntropyKind)draw.Integer(0, 3), dtype, [rows, classes], draw.Bool(), draw.Uniform(0.1, 2), draw);
        }, iter: 300 / Under.Thinning, threads: 1);

    private static Operand Target(CrossEntropyKind kind, DType dtype, Shape shape, Draw draw)
    {
        int classes = shape[^1];
        if (kind == CrossEntropyKind.SparseSoftmax) return draw.Input(DType.Int32, Shape.Create(shape.Sizes[..^1]), () => draw.Integer(0, classes));
        if (kind == CrossEntropyKind.Sigmoid) return draw.Input(dtype, shape, () => draw.Integer(0, 3) switch { 0 => 0, 1 => 1, _ => draw.Uniform() });

        // Whole eighths, so that they are exact in both types; all but a few rows are distributions.
        Operand target = draw.Input(dtype, shape, () => 0);
        for (int row = 0; row < target.Positions.Length / Math.Max(classes, 1); row++)
        {
            int first = draw.Integer(0, classes), second = draw.Integer(0, classes);
            target.Set(row * classes + first, first == second ? 1 : 0.375);
            if (first != second) target.Set(row * classes + second, row % 5 == 4 ? 0.25 : 0.625);
        }
        return target;
    }

    private void CheckLoss(CrossEntropyKind kind, DType dtype, Shape shape, bool withGradient, double scale, Draw draw)
    {
        Operand logits = draw.Input(dtype, shape, () => 2 * draw.Normal()), target = Target(kind, dtype, shape, draw), loss = draw.Result(dtype, [1]);
        Operand? gradient = withGradient ? draw.Result(dtype, shape) : null;
        Check(Tolerance.Forward with { Scale = Math.Abs(scale) }, [logits, target, loss, gradient], (b, v) => b.CrossEntropy(kind, v[0], v[1], scale, v[2], v[3]));
    }
}
