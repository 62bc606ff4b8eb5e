using CsCheck;
using MiniDeep.Reference;

namespace MiniDeep.Conformance;

/// <summary>Fill, Copy, Unary, UnaryGrad, Binary and Select.</summary>
public abstract class ElementwiseSuite(BackendUnderTest backend) : Suite(backend)
{
    /// <summary>A shape and how the operands lie: b is used where there is a second one.</summary>
    public sealed record Corner(Shape Shape, Layout A, Layout B, Layout Y)
    {
        public override string ToString() => $"{Shape} a {A}, b {B}, y {Y}";
    }

    /// <summary>The kinds that IEEE rounds correctly: every backend gives the same bits.</summary>
    private static readonly HashSet<UnaryKind> s_exactUnary =
    [
        UnaryKind.Identity, UnaryKind.Negate, UnaryKind.Abs, UnaryKind.Sign, UnaryKind.Square, UnaryKind.Sqrt, UnaryKind.Reciprocal, UnaryKind.Relu,
        UnaryKind.LeakyRelu, UnaryKind.AddScalar, UnaryKind.MultiplyScalar, UnaryKind.MaxScalar, UnaryKind.MinScalar, UnaryKind.Floor,
    ];

    private static readonly UnaryKind[] s_integerUnary =
    [
        UnaryKind.Identity, UnaryKind.Negate, UnaryKind.Abs, UnaryKind.Sign, UnaryKind.Square, UnaryKind.AddScalar, UnaryKind.MultiplyScalar,
    ];

    private static readonly Layout s_dense = Layout.Dense;

    private static readonly Corner[] s_corners =
    [
        new([], s_dense, s_dense, s_dense),
        new([0], s_dense, s_dense, s_dense),
        new([3, 0, 2], Layout.Reversed, s_dense, Layout.Padded),
        new([1], s_dense, Layout.Broadcast(0), s_dense),
        new([1, 1, 1], Layout.Spelled, s_dense, Layout.Reversed),
        new([7], s_dense, s_dense, s_dense),
        new([33], Layout.Stepped, s_dense, s_dense),
        new([33], s_dense, Layout.Broadcast(0), Layout.Stepped),
        new([5, 3], Layout.Reversed, Layout.Padded, s_dense),
        new([4, 6], Layout.Spelled, Layout.Spelled, Layout.Spelled),
        new([19, 21], s_dense, Layout.Broadcast(0), s_dense),
        new([19, 21], s_dense, Layout.Broadcast(1), s_dense),
        new([19, 21], Layout.Broadcast(0), Layout.Broadcast(1), Layout.Padded),
        new([19, 21], Layout.Broadcast(0, 1), s_dense, s_dense),
        new([3, 5, 7], Layout.Permuted(1, 2, 0), Layout.Permuted(2, 0, 1), Layout.Permuted(0, 2, 1)),
        new([2, 3, 4, 5], Layout.Broadcast(0, 2), Layout.Broadcast(1, 3), s_dense),
        new([2, 1, 3, 1, 5], Layout.Broadcast(0), Layout.Reversed, Layout.Stepped),
        new([64, 64], Layout.Reversed, s_dense, s_dense),
        new([64, 64], s_dense, s_dense, Layout.Reversed),
        new([9, 257], Layout.Padded, Layout.Stepped, Layout.Padded),
    ];

    /// <summary>Larger than a chunk of any thread team. Each operation gets one of them: they share their loops.</summary>
    private static readonly Corner[] s_largeCorners =
    [
        new([70_001], s_dense, s_dense, s_dense),
        new([300, 257], Layout.Padded, Layout.Broadcast(0), s_dense),
        new([257, 300], Layout.Reversed, Layout.Broadcast(1), Layout.Padded),
    ];

    private static readonly double[] s_specialFloats =
    [
        double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, 1, -1, 0.5, -0.5, 1e-30, -1e-30, float.Epsilon, -float.Epsilon,
        1e-39, float.MaxValue, float.MinValue, 88, -88, 104, -104, 710, -746, 1000, -1000, 20, -20, 1e10, -1e10, 2.5, 3.5, -2.5,
    ];

    public static TheoryData<UnaryKind, DType> FloatUnaries => Rows(
        from kind in Enum.GetValues<UnaryKind>() where kind != UnaryKind.Not from dtype in FloatTypes select (kind, dtype));

    public static TheoryData<UnaryKind, DType> IntegerUnaries => Rows(from kind in s_integerUnary from dtype in IntegerTypes select (kind, dtype));

    public static TheoryData<BinaryKind, DType> FloatBinaries => Rows(from kind in Enum.GetValues<BinaryKind>() from dtype in FloatTypes select (kind, dtype));

    public static TheoryData<BinaryKind, DType> IntegerBinaries => Rows(
        from kind in Enum.GetValues<BinaryKind>() where kind != BinaryKind.Pow from dtype in IntegerTypes select (kind, dtype));

    [SkippableTheory]
    [MemberData(nameof(FloatUnaries))]
    public void Unary(UnaryKind kind, DType dtype) =>
        Each(from corner in s_corners from alpha in Alphas(kind) from accumulate in (bool[])[false, true] select (corner, alpha, accumulate),
            row => CheckUnary(kind, row.alpha, dtype, row.corner, row.accumulate));

    [SkippableTheory]
    [MemberData(nameof(FloatUnaries))]
    public void Unary_of_many_elements(UnaryKind kind, DType dtype) => CheckUnary(kind, Alphas(kind)[0], dtype, Large((int)kind + (int)dtype), false);

    [SkippableTheory]
    [MemberData(nameof(FloatUnaries))]
    public void Unary_of_every_length(UnaryKind kind, DType dtype) =>
        Each(Enumerable.Range(0, 258), length => CheckUnary(kind, Alphas(kind)[^1], dtype, new Corner([length], s_dense, s_dense, s_dense), length % 2 == 1));

    [SkippableTheory]
    [MemberData(nameof(FloatUnaries))]
    public void Unary_in_place(UnaryKind kind, DType dtype) =>
        Each(from layout in (Layout[])[s_dense, Layout.Padded, Layout.Reversed] from shape in (Shape[])[[5, 3], [1, 67], [64, 33]] select (layout, shape), row =>
        {
            Draw draw = Draw.For($"{kind} {row}");
            double alpha = Alphas(kind)[0];
            Operand x = draw.InPlace(dtype, row.shape, Domain(kind, draw), row.layout);
            Check(TolerancesOf(kind, false), [x, x], (b, v) => b.Unary(kind, alpha, v[0], v[1], false));
        });

    [SkippableTheory]
    [MemberData(nameof(IntegerUnaries))]
    public void Unary_of_integers(UnaryKind kind, DType dtype) =>
        Each(from corner in s_corners from accumulate in (bool[])[false, true] select (corner, accumulate), row =>
        {
            Draw draw = Draw.For($"{kind} {dtype} {row}");
            Operand x = draw.Input(dtype, row.corner.Shape, row.corner.A), y = draw.Result(dtype, row.corner.Shape, row.accumulate, row.corner.Y);
            Check(Tolerance.Exact, [x, y], (b, v) => b.Unary(kind, 3, v[0], v[1], row.accumulate));
        });

    [SkippableFact]
    public void Not_of_truth_values() =>
        Each(s_corners.Append(Large(0)), corner =>
        {
            Draw draw = Draw.For($"{corner}");
            Operand x = draw.Input(DType.Bool, corner.Shape, corner.A), y = draw.Result(DType.Bool, corner.Shape, false, corner.Y);
            Check(Tolerance.Exact, [x, y], (b, v) => b.Unary(UnaryKind.Not, 0, v[0], v[1], false));
        });

    [SkippableTheory]
    [MemberData(nameof(FloatUnaries))]
    public void Unary_of_special_values(UnaryKind kind, DType dtype) =>
        Each(s_specialFloats, special =>
        {
            // Among ordinary values, so that the special one stands in a vector's body and in its tail.
            Draw draw = Draw.For($"{kind} {special}");
            Operand x = draw.Input(dtype, [35], Domain(kind, draw));
            foreach (int place in (int[])[0, 9, 16, 33, 34]) x.Set(place, special);
            double alpha = Alphas(kind)[0];
            Check(Tolerance.Forward with { ElementByElement = true }, [x, draw.Result(dtype, [35])], (b, v) => b.Unary(kind, alpha, v[0], v[1], false));
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Subnormals_and_the_sign_of_zero_survive(DType dtype)
    {
        double tiny = dtype == DType.Float32 ? float.Epsilon : double.Epsilon;
        double[] values = [0, -0.0, tiny, -tiny, 77 * tiny, -1e6 * tiny];
        Each(from kind in (UnaryKind[])[UnaryKind.Identity, UnaryKind.Negate, UnaryKind.Abs, UnaryKind.MultiplyScalar] from layout in (Layout[])[s_dense, Layout.Stepped] select (kind, layout), row =>
        {
            int next = 0;
            Draw draw = new(1);
            Operand x = draw.Input(dtype, [37], () => values[next++ % values.Length], row.layout);
            Check(Tolerance.Exact, [x, draw.Result(dtype, [37])], (b, v) => b.Unary(row.kind, -1, v[0], v[1], false));
            Check(Tolerance.Exact, [x, draw.Result(dtype, [37])], (b, v) => b.Copy(v[0], v[1]));
        });
    }

    [SkippableTheory]
    [MemberData(nameof(FloatUnaries))]
    public void UnaryGrad(UnaryKind kind, DType dtype) =>
        Each(from length in (int[])[0, 1, 2, 7, 8, 15, 16, 17, 31, 64, 67, 257, 1000, 20_011]
             from alpha in Alphas(kind)
             from accumulate in (bool[])[false, true]
             from inPlace in (bool[])[false, true]
             where !(accumulate && inPlace)
             select (length, alpha, accumulate, inPlace), row =>
        {
            Draw draw = Draw.For($"{kind} {row}");
            Func<double> operand = Domain(kind, draw);
            bool fromOutput = UnaryKinds.GradientFromOutput(kind, row.alpha);
            Operand saved = draw.Input(dtype, [row.length], () => fromOutput ? Functions.Apply(kind, row.alpha, operand()) : operand());
            bool tie = kind is UnaryKind.Relu or UnaryKind.LeakyRelu or UnaryKind.Abs;
            if (tie && row.length > 5) saved.Set(5, 0);
            if (tie && row.length > 0) saved.Set(row.length - 1, -0.0);

            if (row.inPlace)
            {
                Operand gradient = draw.InPlace(dtype, [row.length]);
                Check(Tolerance.Backward, [saved, gradient, gradient], (b, v) => b.UnaryGrad(kind, row.alpha, v[0], v[1], v[2], false));
            }
            else
            {
                Operand dy = draw.Input(dtype, [row.length]), dx = draw.Result(dtype, [row.length], row.accumulate);
                Check(Tolerance.Backward, [saved, dy, dx], (b, v) => b.UnaryGrad(kind, row.alpha, v[0], v[1], v[2], row.accumulate));
            }
        });

    [SkippableTheory]
    [MemberData(nameof(FloatBinaries))]
    public void Binary(BinaryKind kind, DType dtype) =>
        Each(from corner in s_corners.Append(Large((int)kind + (int)dtype))
             from accumulate in (bool[])[false, true]
             where !(accumulate && IsComparison(kind))
             select (corner, accumulate), row => CheckBinary(kind, dtype, row.corner, row.accumulate));

    [SkippableTheory]
    [MemberData(nameof(FloatBinaries))]
    public void Binary_of_every_length(BinaryKind kind, DType dtype) =>
        Each(Enumerable.Range(0, 258), length => CheckBinary(kind, dtype, new Corner([length], s_dense, s_dense, s_dense), !IsComparison(kind) && length % 2 == 1));

    [SkippableTheory]
    [MemberData(nameof(FloatBinaries))]
    public void Binary_in_place(BinaryKind kind, DType dtype)
    {
        if (IsComparison(kind)) return;    // the result has another type
        Each(from layout in (Layout[])[s_dense, Layout.Padded, Layout.Reversed]
             from second in (Layout[])[s_dense, Layout.Broadcast(0), Layout.Broadcast(1)]
             select (layout, second), row =>
        {
            Draw draw = Draw.For($"{kind} {row}");
            (Func<double> left, Func<double> right) = Domain(kind, draw);
            Operand a = draw.InPlace(dtype, [17, 35], left, row.layout), b = draw.Input(dtype, [17, 35], right, row.second);
            Check(TolerancesOf(kind, false), [a, b, a], (e, v) => e.Binary(kind, v[0], v[1], v[2], false));
            a = draw.Input(dtype, [17, 35], left, row.second);
            b = draw.InPlace(dtype, [17, 35], right, row.layout);
            Check(TolerancesOf(kind, false), [a, b, b], (e, v) => e.Binary(kind, v[0], v[1], v[2], false));
            b = draw.InPlace(dtype, [17, 35], left, row.layout);
            Check(TolerancesOf(kind, false), [b, b, b], (e, v) => e.Binary(kind, v[0], v[1], v[2], false));
        });
    }

    [SkippableTheory]
    [MemberData(nameof(IntegerBinaries))]
    public void Binary_of_integers(BinaryKind kind, DType dtype) =>
        Each(from corner in s_corners.Append(Large((int)kind + (int)dtype))
             from accumulate in (bool[])[false, true]
             where !(accumulate && IsComparison(kind))
             select (corner, accumulate), row =>
        {
            Draw draw = Draw.For($"{kind} {dtype} {row}");
            Shape shape = row.corner.Shape;
            Operand a = draw.Input(dtype, shape, row.corner.A);
            Operand b = draw.Input(dtype, shape, () => kind == BinaryKind.Divide ? draw.Integer(1, 5) : draw.Integer(0, 8), row.corner.B);
            Operand y = draw.Result(IsComparison(kind) ? DType.Bool : dtype, shape, row.accumulate, row.corner.Y);
            Check(Tolerance.Exact, [a, b, y], (e, v) => e.Binary(kind, v[0], v[1], v[2], row.accumulate));
        });

    [SkippableTheory]
    [InlineData(BinaryKind.Add)]
    [InlineData(BinaryKind.Subtract)]
    [InlineData(BinaryKind.Max)]
    [InlineData(BinaryKind.Min)]
    [InlineData(BinaryKind.Equal)]
    [InlineData(BinaryKind.Less)]
    [InlineData(BinaryKind.GreaterOrEqual)]
    public void Long_integers_are_exact(BinaryKind kind)
    {
        // 2^60 and its neighbours 128 apart: doubles tell them apart, but not from sums with small numbers.
        Draw draw = new(4);
        Operand a = draw.Input(DType.Int64, [19], () => Math.Pow(2, 60) + 256 * draw.Integer(-1, 2));
        Operand b = draw.Input(DType.Int64, [19], () => draw.Bool() ? Math.Pow(2, 60) : draw.Integer(-5, 6));
        Check(Tolerance.Exact, [a, b, draw.Result(IsComparison(kind) ? DType.Bool : DType.Int64, [19])], (e, v) => e.Binary(kind, v[0], v[1], v[2], false));
    }

    [SkippableTheory]
    [MemberData(nameof(FloatBinaries))]
    public void Binary_of_special_values(BinaryKind kind, DType dtype) =>
        Each(s_specialFloats, special =>
        {
            // Every pair, in both orders.
            Draw draw = new(3);
            int next = 0;
            Shape shape = [s_specialFloats.Length];
            Operand all = draw.Input(dtype, shape, () => s_specialFloats[next++]), one = draw.Input(dtype, shape, () => special, Layout.Broadcast(0));
            DType result = IsComparison(kind) ? DType.Bool : dtype;
            Tolerance tolerance = Tolerance.Forward with { ElementByElement = true };
            Check(tolerance, [all, one, draw.Result(result, shape)], (e, v) => e.Binary(kind, v[0], v[1], v[2], false));
            Check(tolerance, [one, all, draw.Result(result, shape)], (e, v) => e.Binary(kind, v[0], v[1], v[2], false));
        });

    [SkippableFact]
    public void Fill() =>
        Each(from dtype in Enum.GetValues<DType>()
             from corner in s_corners.Append(Large((int)dtype))
             from value in dtype.IsFloat() ? (double[])[0, 1.1, -2.5, double.NaN, double.NegativeInfinity, -0.0] : dtype == DType.Bool ? [0, 1] : [0, 1, 77]
             select (corner, dtype, value), row =>
        {
            Operand y = new Draw(1).Result(row.dtype, row.corner.Shape, false, row.corner.Y);
            Check(Tolerance.Exact, [y], (b, v) => b.Fill(v[0], row.value));
        });

    [SkippableFact]
    public void Copy_between_all_types() =>
        Each(from source in Enum.GetValues<DType>()
             from target in Enum.GetValues<DType>()
             from corner in source.IsFloat() && target.IsFloat() ? s_corners.Concat(s_largeCorners) : s_corners
             select (corner, source, target), row =>
        {
            Draw draw = Draw.For($"{row}");
            // What a number below 0 or above the largest becomes as an integer is nobody's promise.
            double low = row.target is DType.UInt8 || row.source is DType.UInt8 or DType.Bool ? 0 : -99, high = row.source is DType.Bool ? 2 : 99;
            double Sample() => draw.Integer(0, 5) == 0 ? 0 : row.source.IsFloat() ? draw.Uniform(low, high) : draw.Integer((int)low, (int)high);
            Operand x = draw.Input(row.source, row.corner.Shape, Sample, row.corner.A), y = draw.Result(row.target, row.corner.Shape, false, row.corner.Y);
            Check(Tolerance.Exact, [x, y], (b, v) => b.Copy(v[0], v[1]));
        });

    [SkippableFact]
    public void Select() =>
        Each(from dtype in Enum.GetValues<DType>()
             from corner in dtype.IsFloat() ? s_corners.Append(Large((int)dtype)) : s_corners
             from condition in (Layout[])[corner.B, corner.A, s_dense]
             select (corner, dtype, condition), row =>
        {
            Draw draw = Draw.For($"{row}");
            Shape shape = row.corner.Shape;
            Operand condition = draw.Input(DType.Bool, shape, row.condition), y = draw.Result(row.dtype, shape, false, row.corner.Y);
            Operand a = draw.Input(row.dtype, shape, row.corner.A), b = draw.Input(row.dtype, shape, row.corner.B);
            Check(Tolerance.Exact, [condition, a, b, y], (e, v) => e.Select(v[0], v[1], v[2], v[3]));
        });

    [SkippableFact]
    public void Any_shape_and_strides() =>
        Gen.Select(RandomViews.Shape, Gen.Int[0, int.MaxValue]).Sample((shape, seed) =>
        {
            Draw draw = new(seed);
            Corner corner = new(shape, RandomViews.Layout(draw, shape, true), RandomViews.Layout(draw, shape, true), RandomViews.Layout(draw, shape, false));
            DType dtype = FloatTypes[draw.Integer(0, 2)];
            UnaryKind unary = (UnaryKind)draw.Integer(0, (int)UnaryKind.Not);
            CheckUnary(unary, Alphas(unary)[0], dtype, corner, draw.Bool());
            CheckBinary((BinaryKind)draw.Integer(0, (int)BinaryKind.Equal), dtype, corner, draw.Bool());
        }, iter: 500 / Under.Thinning, threads: 1);

    private static Corner Large(int row) => s_largeCorners[row % s_largeCorners.Length];

    private void CheckUnary(UnaryKind kind, double alpha, DType dtype, Corner corner, bool accumulate)
    {
        Draw draw = Draw.For($"{kind} {corner}");
        Operand x = draw.Input(dtype, corner.Shape, Domain(kind, draw), corner.A), y = draw.Result(dtype, corner.Shape, accumulate, corner.Y);
        Check(TolerancesOf(kind, accumulate), [x, y], (b, v) => b.Unary(kind, alpha, v[0], v[1], accumulate));
    }

    private void CheckBinary(BinaryKind kind, DType dtype, Corner corner, bool accumulate)
    {
        Draw draw = Draw.For($"{kind} {corner}");
        (Func<double> left, Func<double> right) = Domain(kind, draw);
        Operand a = draw.Input(dtype, corner.Shape, left, corner.A), b = draw.Input(dtype, corner.Shape, right, corner.B);
        Operand y = draw.Result(IsComparison(kind) ? DType.Bool : dtype, corner.Shape, accumulate, corner.Y);
        Check(TolerancesOf(kind, accumulate), [a, b, y], (e, v) => e.Binary(kind, v[0], v[1], v[2], accumulate));
    }

    // An accumulation may fuse its multiplication and addition.
    private static Tolerance TolerancesOf(UnaryKind kind, bool accumulate) => !accumulate && s_exactUnary.Contains(kind) ? Tolerance.Exact : Tolerance.Forward;

    private static Tolerance TolerancesOf(BinaryKind kind, bool accumulate) => !accumulate && kind != BinaryKind.Pow ? Tolerance.Exact : Tolerance.Forward;

    private static bool IsComparison(BinaryKind kind) => kind >= BinaryKind.Equal;

    private static double[] Alphas(UnaryKind kind) => kind switch
    {
        UnaryKind.LeakyRelu => [0.01, -0.2, 0],
        UnaryKind.PowScalar => [2.5, 2, 3, 0.5, -1, 0, 1],
        UnaryKind.AddScalar or UnaryKind.MultiplyScalar or UnaryKind.MaxScalar or UnaryKind.MinScalar => [0.7, -0.3],
        _ => [0],
    };

    /// <summary>Operands for which the function exists and doesn't magnify a rounding error of its operand.</summary>
    private static Func<double> Domain(UnaryKind kind, Draw draw) => kind switch
    {
        UnaryKind.Sqrt or UnaryKind.Log or UnaryKind.PowScalar => () => draw.Uniform(0.05, 3),
        UnaryKind.Reciprocal => () => draw.Uniform(0.3, 3) * (draw.Bool() ? 1 : -1),
        UnaryKind.Sin or UnaryKind.Cos => () => draw.Uniform(-20, 20),
        _ => () => 2 * draw.Normal(),
    };

    private static (Func<double> Left, Func<double> Right) Domain(BinaryKind kind, Draw draw) => kind switch
    {
        BinaryKind.Divide => (draw.Normal, () => draw.Uniform(0.3, 3) * (draw.Bool() ? 1 : -1)),
        BinaryKind.Pow => (() => draw.Uniform(0.2, 3), () => draw.Uniform(-3, 3)),
        >= BinaryKind.Equal => (draw.Exact, draw.Exact),
        _ => (draw.Normal, draw.Normal),
    };
}
