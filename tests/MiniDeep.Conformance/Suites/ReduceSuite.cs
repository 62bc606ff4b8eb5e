using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>Reduce and ArgReduce.</summary>
public abstract class ReduceSuite(BackendUnderTest backend) : Suite(backend)
{
    /// <summary>A shape, the axes to reduce, and how the operands lie.</summary>
    public sealed record Corner(Shape Shape, int[] Axes, Layout X, Layout Y)
    {
        /// <summary>The result's shape: 1 along the reduced axes.</summary>
        public Shape Reduced => Shape.Create([.. Enumerable.Range(0, Shape.Rank).Select(axis => Axes.Contains(axis) ? 1 : Shape[axis])]);

        public override string ToString() => $"{Shape} over ({string.Join(' ', Axes)}), x {X}, y {Y}";
    }

    private static readonly Layout s_dense = Layout.Dense;

    private static readonly Corner[] s_corners =
    [
        new([], [], s_dense, s_dense),
        new([1], [0], s_dense, s_dense),
        new([2], [0], s_dense, s_dense),
        new([17], [0], s_dense, s_dense),
        new([17], [], s_dense, s_dense),
        new([255], [0], Layout.Stepped, s_dense),
        new([3, 5], [0, 1], s_dense, s_dense),
        new([0, 4], [1], s_dense, s_dense),
        new([1, 9], [0], s_dense, s_dense),
        new([9, 1], [1], Layout.Spelled, Layout.Spelled),
        new([21, 19], [0], s_dense, s_dense),
        new([21, 19], [1], s_dense, s_dense),
        new([21, 19], [0], Layout.Reversed, s_dense),
        new([21, 19], [1], Layout.Reversed, Layout.Reversed),
        new([21, 19], [1], Layout.Padded, Layout.Padded),
        new([21, 19], [0, 1], Layout.Stepped, s_dense),
        new([21, 19], [0], Layout.Broadcast(0), s_dense),
        new([21, 19], [1], Layout.Broadcast(1), s_dense),
        new([4, 5, 6], [1], s_dense, s_dense),
        new([4, 5, 6], [0, 2], s_dense, Layout.Stepped),
        new([4, 5, 6], [0, 1], Layout.Permuted(2, 0, 1), s_dense),
        new([4, 5, 6], [1, 2], Layout.Permuted(1, 2, 0), Layout.Reversed),
        new([2, 3, 4, 5, 6], [1, 3], s_dense, s_dense),
        new([2, 3, 4, 5, 6], [0, 2, 4], Layout.Padded, s_dense),
        new([64, 128], [0], s_dense, s_dense),
        new([64, 128], [1], s_dense, s_dense),
        new([8, 7, 7, 33], [0, 1, 2], s_dense, s_dense),
        new([8, 7, 7, 33], [1, 2], s_dense, s_dense),
        new([1030, 3], [0], s_dense, s_dense),
        new([3, 1030], [1], Layout.Reversed, s_dense),
    ];

    /// <summary>Sums over nothing; there is no largest element there.</summary>
    private static readonly Corner[] s_emptyCorners =
    [
        new([0], [0], s_dense, s_dense),
        new([4, 0], [1], s_dense, s_dense),
        new([0, 4], [0], s_dense, Layout.Stepped),
        new([3, 0, 2], [1], Layout.Reversed, s_dense),
        new([3, 0, 2], [0, 1, 2], s_dense, s_dense),
        new([0, 0], [0, 1], s_dense, s_dense),
    ];

    /// <summary>Larger than a chunk of any thread team, along what is reduced and along what is kept.</summary>
    private static readonly Corner[] s_largeCorners =
    [
        new([100_003], [0], s_dense, s_dense),
        new([70_003, 2], [0], s_dense, s_dense),
        new([2, 70_003], [1], s_dense, s_dense),
        new([2, 70_003], [0], s_dense, s_dense),
        new([301, 300], [0], Layout.Padded, s_dense),
        new([300, 301], [1], Layout.Reversed, s_dense),
    ];

    private static readonly bool[] s_both = [false, true];

    public static TheoryData<ReduceKind, DType> FloatKinds => Rows(from kind in Enum.GetValues<ReduceKind>() from dtype in FloatTypes select (kind, dtype));

    public static TheoryData<ReduceKind, DType> IntegerKinds => Rows(
        from kind in Enum.GetValues<ReduceKind>() where kind != ReduceKind.Mean from dtype in IntegerTypes select (kind, dtype));

    public static TheoryData<bool, DType> Arguments => Rows(
        from largest in s_both from dtype in Enum.GetValues<DType>() where dtype != DType.Bool select (largest, dtype));

    [SkippableTheory]
    [MemberData(nameof(FloatKinds))]
    public void Reduce(ReduceKind kind, DType dtype) =>
        Each(from corner in s_corners.Concat(HasEmpty(kind) ? s_emptyCorners : []) from accumulate in s_both select (corner, accumulate),
            row => CheckReduce(kind, dtype, row.corner, row.accumulate));

    [SkippableTheory]
    [MemberData(nameof(FloatKinds))]
    public void Reduce_of_many_elements(ReduceKind kind, DType dtype) => Each(s_largeCorners, corner => CheckReduce(kind, dtype, corner, false));

    [SkippableTheory]
    [MemberData(nameof(FloatKinds))]
    public void Reduce_of_every_length(ReduceKind kind, DType dtype) =>
        Each(Enumerable.Range(1, 257), length =>
        {
            CheckReduce(kind, dtype, new Corner([length], [0], s_dense, s_dense), false);
            CheckReduce(kind, dtype, new Corner([length, 3], [0], s_dense, s_dense), false);
            CheckReduce(kind, dtype, new Corner([3, length], [0], s_dense, s_dense), true);
        });

    [SkippableTheory]
    [MemberData(nameof(IntegerKinds))]
    public void Reduce_of_integers(ReduceKind kind, DType dtype) =>
        Each(from corner in s_corners.Concat(HasEmpty(kind) ? s_emptyCorners : []) from accumulate in s_both select (corner, accumulate),
            row => CheckReduce(kind, dtype, row.corner, row.accumulate));

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void A_sum_of_many_equal_numbers_is_as_exact_as_the_mean_of_a_data_set_needs(DType dtype)
    {
        // One after the other, float32 sums of 2^24 and more stop growing; here the error would be 1e-3.
        Operand x = new Draw(1).Input(dtype, [1 << 21], () => 0.1, Layout.Broadcast(0)), y = new Draw(1).Result(dtype, [1]);
        double mean = y.Floats(RunAlone([x, y], (b, v) =>
        {
            b.Reduce(ReduceKind.Mean, v[0], v[1], false);
            return true;
        })[1])[0];
        Assert.Null(new Tolerance(1e-6, 1e-12).FirstDifference(dtype, [mean], x.Floats(x.Image)[..1]));
    }

    [SkippableTheory]
    [MemberData(nameof(FloatKinds))]
    public void Special_values(ReduceKind kind, DType dtype) =>
        Each(from special in (double[][])[[double.NaN], [double.PositiveInfinity], [double.NegativeInfinity], [double.PositiveInfinity, double.NegativeInfinity], [double.NaN, double.PositiveInfinity]]
             from place in (int[])[0, 5, 16, 38]
             from axis in (int[])[0, 1]
             select (special, place, axis), row =>
        {
            Draw draw = new(9);
            Operand x = draw.Input(dtype, [40, 40]);
            for (int i = 0; i < row.special.Length; i++) x.Set(row.axis == 1 ? 3 * 40 + row.place + i : (row.place + i) * 40 + 3, row.special[i]);
            Operand y = draw.Result(dtype, row.axis == 0 ? [1, 40] : [40, 1]);
            Check(Tolerance.Forward, [x, y], (b, v) => b.Reduce(kind, v[0], v[1], false));
        });

    [SkippableTheory]
    [MemberData(nameof(FloatKinds))]
    public void All_equal_infinities(ReduceKind kind, DType dtype) =>
        Each((double[])[double.PositiveInfinity, double.NegativeInfinity, -7, 0], value =>
        {
            Operand x = new Draw(1).Input(dtype, [5, 33], () => value);
            Check(Tolerance.Forward, [x, new Draw(1).Result(dtype, [5, 1])], (b, v) => b.Reduce(kind, v[0], v[1], false));
        });

    [SkippableTheory]
    [MemberData(nameof(Arguments))]
    public void ArgReduce(bool largest, DType dtype) =>
        Each(s_corners.Concat(s_largeCorners).Where(corner => corner.Axes.Length == 1), corner => CheckArgument(largest, dtype, corner));

    [SkippableTheory]
    [MemberData(nameof(Arguments))]
    public void ArgReduce_takes_the_first_of_equals(bool largest, DType dtype) =>
        Each(from length in (int[])[1, 2, 8, 15, 16, 17, 64, 100] from axis in (int[])[0, 1] select (length, axis), row =>
        {
            Draw draw = Draw.For($"{row}");
            Shape shape = row.axis == 0 ? [row.length, 37] : [37, row.length];
            Operand x = draw.Input(dtype, shape, () => draw.Integer(0, 3)), y = draw.Result(DType.Int64, row.axis == 0 ? [1, 37] : [37, 1]);
            Check(Tolerance.Exact, [x, y], (b, v) => b.ArgReduce(largest, v[0], row.axis, v[1]));
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void ArgReduce_takes_the_first_not_a_number(DType dtype) =>
        Each(from largest in s_both
             from specials in (double[][])[[double.NaN], [double.NaN, double.NaN], [double.PositiveInfinity, double.NaN], [double.PositiveInfinity, double.PositiveInfinity], [double.NegativeInfinity], [-0.0, 0]]
             from place in (int[])[0, 7, 16, 33]
             from axis in (int[])[0, 1]
             select (largest, specials, place, axis), row =>
        {
            Draw draw = new(2);
            Operand x = draw.Input(dtype, [35, 35], () => row.specials[0] == 0 ? (row.largest ? -1 : 1) : draw.Normal());
            for (int i = 0; i < row.specials.Length; i++) x.Set(row.axis == 1 ? 4 * 35 + row.place + i : (row.place + i) * 35 + 4, row.specials[i]);
            Operand y = draw.Result(DType.Int64, row.axis == 0 ? [1, 35] : [35, 1]);
            Check(Tolerance.Exact, [x, y], (b, v) => b.ArgReduce(row.largest, v[0], row.axis, v[1]));
        });

    [SkippableFact]
    public void Any_shape_axes_and_strides() =>
        Gen.Select(RandomViews.Shape, Gen.Int[0, int.MaxValue]).Sample((shape, seed) =>
        {
            Draw draw = new(seed);
            int[] axes = [.. Enumerable.Range(0, shape.Rank).Where(_ => draw.Bool())];
            bool empty = shape.ElementCount == 0;
            Corner corner = new(shape, axes, RandomViews.Layout(draw, shape, true), s_dense);
            corner = corner with { Y = RandomViews.Layout(draw, corner.Reduced, false) };
            var kind = (ReduceKind)draw.Integer(0, empty ? 2 : 4);
            CheckReduce(kind, FloatTypes[draw.Integer(0, 2)], corner, draw.Bool());
            if (axes.Length == 1 && !empty) CheckArgument(draw.Bool(), FloatTypes[draw.Integer(0, 2)], corner);
        }, iter: 500 / Under.Thinning, threads: 1);

    private static bool HasEmpty(ReduceKind kind) => kind is ReduceKind.Sum or ReduceKind.Mean;

    private void CheckReduce(ReduceKind kind, DType dtype, Corner corner, bool accumulate)
    {
        Draw draw = Draw.For($"{kind} {corner}");
        // A sum that happens to be near 0 would be asked for digits that its terms don't have: the terms' mean is 1.
        Operand x = dtype.IsFloat() ? draw.Input(dtype, corner.Shape, () => 1 + draw.Normal(), corner.X) : draw.Input(dtype, corner.Shape, corner.X);
        Operand y = draw.Result(dtype, corner.Reduced, accumulate, corner.Y);
        bool selects = kind is ReduceKind.Max or ReduceKind.Min && !accumulate;
        double terms = (double)corner.Shape.ElementCount / Math.Max(corner.Reduced.ElementCount, 1);
        Tolerance tolerance = selects ? Tolerance.Exact : Tolerance.Forward with { Scale = kind == ReduceKind.Sum ? Math.Sqrt(Math.Max(terms, 1)) : 1 };
        Check(tolerance, [x, y], (b, v) => b.Reduce(kind, v[0], v[1], accumulate));
    }

    private void CheckArgument(bool largest, DType dtype, Corner corner)
    {
        Draw draw = Draw.For($"{largest} {corner}");
        Operand x = draw.Input(dtype, corner.Shape, corner.X), y = draw.Result(DType.Int64, corner.Reduced, false, corner.Y);
        Check(Tolerance.Exact, [x, y], (b, v) => b.ArgReduce(largest, v[0], corner.Axes[0], v[1]));
    }
}
