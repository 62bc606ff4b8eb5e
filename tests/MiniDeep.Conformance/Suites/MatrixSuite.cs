using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>MatMul, Linear, LinearGrad and ActivationGrad.</summary>
public abstract class MatrixSuite(BackendUnderTest backend) : Suite(backend)
{
    private static readonly bool[] s_both = [false, true];

    /// <summary>m, k, n: empty, single, odd, at and beside the multiples of the tiles, larger than a block, powers of two as leading dimensions.</summary>
    private static readonly (int M, int K, int N)[] s_sizes =
    [
        (0, 3, 4), (3, 0, 4), (3, 4, 0), (0, 0, 0), (1, 1, 1), (1, 7, 1), (1, 64, 33), (33, 64, 1), (33, 1, 17), (2, 3, 5), (4, 5, 3), (7, 9, 11),
        (6, 16, 16), (8, 32, 32), (14, 8, 32), (13, 31, 33), (15, 33, 31), (17, 17, 65), (64, 64, 64), (65, 63, 66), (31, 130, 47), (128, 32, 128), (5, 300, 7),
        (70, 270, 90),
        // few rows, few columns, one of them, and what is turned over because that is cheaper
        (1, 70, 300), (3, 64, 130), (4, 40, 37), (2, 200, 9), (40, 50, 200), (100, 40, 3), (200, 130, 12), (70, 300, 7), (128, 128, 96), (1, 90, 10), (97, 33, 1), (6, 130, 35),
        (37, 130, 5), (8, 300, 21),
    ];

    /// <summary>Larger than a tile, a block and a chunk in each direction; and the dense layer of the exercise.</summary>
    private static readonly (int M, int K, int N)[] s_largeSizes = [(150, 530, 140), (300, 40, 300), (64, 784, 128), (257, 256, 70)];

    /// <summary>So deep that b is packed in several windows of columns; for one product only, because the reference takes its time.</summary>
    private static readonly (int M, int K, int N) s_deepSize = (97, 9000, 130);

    /// <summary>The batch axes of both operands, and of the product.</summary>
    private static readonly (int[] A, int[] B, int[] C)[] s_batches =
    [
        ([3], [3], [3]), ([3], [], [3]), ([], [3], [3]), ([2, 3], [2, 3], [2, 3]), ([2, 3], [], [2, 3]), ([], [2, 3], [2, 3]), ([1], [1], [1]), ([0], [0], [0]), ([17], [], [17]), ([], [0], [0]),
    ];

    public static TheoryData<bool, bool, DType> Transposes
    {
        get
        {
            TheoryData<bool, bool, DType> rows = [];
            foreach (bool a in s_both)
            {
                foreach (bool b in s_both)
                {
                    foreach (DType dtype in FloatTypes) rows.Add(a, b, dtype);
                }
            }
            return rows;
        }
    }

    public static TheoryData<int, DType> Activations => Rows(from i in Enumerable.Range(0, Geometries.Activations.Count) from dtype in FloatTypes select (i, dtype));

    [SkippableTheory]
    [MemberData(nameof(Transposes))]
    public void MatMul(bool transposeA, bool transposeB, DType dtype) =>
        Each(from size in s_sizes.Concat(s_largeSizes) from accumulate in s_both select (size, accumulate),
            row => CheckProduct(dtype, row.size, ([], [], []), transposeA, transposeB, row.accumulate));

    [SkippableTheory]
    [MemberData(nameof(Transposes))]
    public void A_deep_product(bool transposeA, bool transposeB, DType dtype) => CheckProduct(dtype, s_deepSize, ([], [], []), transposeA, transposeB, false);

    [SkippableTheory]
    [MemberData(nameof(Transposes))]
    public void MatMul_of_batches(bool transposeA, bool transposeB, DType dtype) =>
        Each(from batch in s_batches
             from size in ((int, int, int)[])[(4, 5, 3), (1, 8, 17), (17, 3, 1), (16, 16, 32), (0, 2, 3), (2, 0, 3)]
             from accumulate in s_both
             select (batch, size, accumulate), row => CheckProduct(dtype, row.size, row.batch, transposeA, transposeB, row.accumulate));

    [SkippableTheory]
    [MemberData(nameof(Transposes))]
    public void Every_small_size(bool transposeA, bool transposeB, DType dtype) =>
        Each(from m in Enumerable.Range(1, 17) from n in Enumerable.Range(1, 35) select (m, 3, n),
            size => CheckProduct(dtype, size, ([], [], []), transposeA, transposeB, false));

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Not_a_number_and_infinity_pass_through(DType dtype) =>
        Each(from special in (double[])[double.NaN, double.PositiveInfinity]
             from inA in s_both
             from place in (int[])[0, 17, 64, 1154]
             select (special, inA, place), row =>
        {
            // A zero in the other matrix must not hide it: 0 * inf is NaN.
            Draw draw = new(3);
            Operand a = draw.Input(dtype, [35, 33], draw.Exact), b = draw.Input(dtype, [33, 37], draw.Exact), c = draw.Result(dtype, [35, 37]);
            (row.inA ? a : b).Set(row.place, row.special);
            Check(Tolerance.Forward, [a, b, c], (e, v) => e.MatMul(v[0], false, v[1], false, v[2], false));
        });

    [SkippableTheory]
    [MemberData(nameof(Activations))]
    public void Linear(int activation, DType dtype) =>
        Each(from size in s_sizes.Concat(LargeSizes(activation)) from bias in s_both from slope in s_both where size.M < 100 || bias != slope select (size, bias, slope), row =>
        {
            FusedActivation f = Geometries.Activations[activation];
            (int m, int k, int n) = row.size;
            Draw draw = Draw.For($"{activation} {row}");
            Operand x = draw.Input(dtype, [m, k]), w = Weights(draw, dtype, k, n), y = draw.Result(dtype, [m, n]);
            Operand? bias = row.bias ? draw.Input(dtype, [n]) : null, slope = row.slope ? draw.Result(dtype, [m, n]) : null;
            bool done = CheckFused(Tolerance.Forward, [x, w, bias, y, slope], (b, v) => b.Linear(v[0], v[1], v[2], f, v[3], v[4]));
            AssertFused(done, row.size);
        });

    [SkippableTheory]
    [MemberData(nameof(Activations))]
    public void LinearGrad(int activation, DType dtype) =>
        Each(from size in s_sizes.Concat(LargeSizes(activation))
             from wanted in (int[])[7, 7 + 8, 6, 5, 3, 1, 2, 4, 4 + 8, 3 + 8, 0]
             where wanted == 7 || size.M < 40
             select (size, wanted), row =>
        {
            FusedActivation f = Geometries.Activations[activation];
            (int m, int k, int n) = row.size;
            Draw draw = Draw.For($"{activation} {row}");
            bool accumulate = (row.wanted & 8) != 0;
            Operand x = draw.Input(dtype, [m, k]), w = Weights(draw, dtype, k, n), saved = Saved(draw, f, dtype, [m, n]), dy = draw.Scratch(dtype, [m, n]);
            Operand? dx = (row.wanted & 1) != 0 ? draw.Result(dtype, [m, k], accumulate) : null;
            Operand? dw = (row.wanted & 2) != 0 ? draw.Result(dtype, [k, n], accumulate) : null;
            Operand? db = (row.wanted & 4) != 0 ? draw.Result(dtype, [n], accumulate) : null;
            bool done = CheckFused(Tolerance.Backward, [x, w, saved, dy, dx, dw, db],
                (b, v) => b.LinearGrad(v[0], v[1], v[2], f, v[3], v[4], accumulate, v[5], accumulate, v[6], accumulate));
            AssertFused(done, row.size);
        });

    [SkippableTheory]
    [MemberData(nameof(Activations))]
    public void ActivationGrad(int activation, DType dtype) =>
        Each(from shape in (Shape[])[[0, 3], [3, 0], [1, 1], [1, 17], [17, 1], [2, 3], [33, 31], [5, 64], [64, 128], [7], [2, 3, 5, 9], [4, 1, 1, 16], [300, 10], [1, 20_011], [20_011, 3]]
             from bias in (int[])[0, 1, 2]
             from inPlace in s_both
             select (shape, bias, inPlace), row =>
        {
            FusedActivation f = Geometries.Activations[activation];
            Draw draw = Draw.For($"{activation} {row}");
            bool accumulate = row.bias == 2;
            Operand saved = Saved(draw, f, dtype, row.shape);
            Operand dy = row.inPlace ? draw.InPlace(dtype, row.shape) : draw.Input(dtype, row.shape), dz = row.inPlace ? dy : draw.Result(dtype, row.shape);
            Operand? db = row.bias > 0 ? draw.Result(dtype, [row.shape[^1]], accumulate) : null;
            Check(Tolerance.Backward, [saved, dy, dz, db], (b, v) => b.ActivationGrad(f, v[0], v[1], v[2], v[3], accumulate));
        });

    [SkippableFact]
    public void Any_product() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 80], Gen.Int[0, 70], Gen.Int[0, int.MaxValue]).Sample((m, k, n, seed) =>
        {
            Draw draw = new(seed);
            DType dtype = FloatTypes[draw.Integer(0, 2)];
            CheckProduct(dtype, (m, k, n), s_batches[draw.Integer(0, s_batches.Length)], draw.Bool(), draw.Bool(), draw.Bool());
        }, iter: 200 / Under.Thinning, threads: 1);

    /// <summary>What a forward pass keeps for the backward pass of an activation: its result, or its slope.</summary>
    internal static Operand Saved(Draw draw, FusedActivation f, DType dtype, Shape shape) => draw.Input(dtype, shape, () =>
    {
        double z = 0.5 * draw.Normal();
        return f.GradientFromOutput ? Reference.Functions.Apply(f.Kind, f.Alpha, z) : Reference.Functions.Slope(f, z);
    });

    /// <summary>Weights of a size that keeps the sums near 1, as an initializer does; so no activation magnifies a rounding error.</summary>
    private static Operand Weights(Draw draw, DType dtype, int k, int n)
    {
        double scale = 1 / Math.Sqrt(Math.Max(k, 1));
        return draw.Input(dtype, [k, n], () => scale * draw.Normal());
    }

    // The product doesn't know its activation: one of them a size is enough.
    private static IEnumerable<(int M, int K, int N)> LargeSizes(int activation) => s_largeSizes.Skip(activation).Take(1);

    private void CheckProduct(DType dtype, (int M, int K, int N) size, (int[] A, int[] B, int[] C) batch, bool transposeA, bool transposeB, bool accumulate)
    {
        (int m, int k, int n) = size;
        Draw draw = Draw.For($"{size} {transposeA} {transposeB} {batch.C.Length}");
        Operand a = draw.Input(dtype, Shape.Create([.. batch.A, .. transposeA ? [k, m] : (int[])[m, k]]));
        Operand b = draw.Input(dtype, Shape.Create([.. batch.B, .. transposeB ? [n, k] : (int[])[k, n]]));
        Operand c = draw.Result(dtype, Shape.Create([.. batch.C, m, n]), accumulate);
        Check(Tolerance.Forward with { Scale = Math.Sqrt(Math.Max(k, 1)) }, [a, b, c], (e, v) => e.MatMul(v[0], transposeA, v[1], transposeB, v[2], accumulate));
    }

    private void AssertFused(bool done, (int M, int K, int N) size)
    {
        Assert.True(done || !Under.MustFuse || size.M * size.K * size.N == 0, "The fused member declined a dense layer.");
    }
}
