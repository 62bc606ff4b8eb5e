using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>Gather and ScatterAdd.</summary>
public abstract class IndexSuite(BackendUnderTest backend) : Suite(backend)
{
    private static readonly bool[] s_both = [false, true];

    private static readonly DType[] s_indexTypes = [DType.Int32, DType.Int64];

    /// <summary>outer, n, inner, count.</summary>
    private static readonly (int Outer, int N, int Inner, int Count)[] s_sizes =
    [
        (1, 1, 1, 1), (0, 3, 4, 5), (3, 4, 0, 5), (3, 4, 5, 0), (2, 0, 3, 0), (1, 5, 1, 9), (1, 9, 4, 3), (1, 10, 16, 33), (3, 7, 17, 11), (7, 3, 1, 20), (2, 100, 33, 64), (1, 64, 784, 16),
        (5, 2, 3, 257), (1, 1000, 1, 20_011), (64, 128, 4, 70), (1, 3, 30_011, 2),
    ];

    public static TheoryData<DType, DType> AllTypes => Rows(from dtype in Enum.GetValues<DType>() from index in s_indexTypes select (dtype, index));

    public static TheoryData<DType, DType> FloatRows => Rows(from dtype in FloatTypes from index in s_indexTypes select (dtype, index));

    [SkippableTheory]
    [MemberData(nameof(AllTypes))]
    public void Gather(DType dtype, DType index) =>
        Each(s_sizes, size => CheckGather(dtype, index, size, Draw.For($"{size}")));

    /// <summary>Indices repeat: the sums' order is that of the indices.</summary>
    [SkippableTheory]
    [MemberData(nameof(FloatRows))]
    public void ScatterAdd(DType dtype, DType index) =>
        Each(s_sizes, size => CheckScatter(dtype, index, size, Draw.For($"{size}")));

    [SkippableTheory]
    [MemberData(nameof(FloatRows))]
    public void Any_element_passes_through_unchanged(DType dtype, DType index)
    {
        double[] values = [double.NaN, double.PositiveInfinity, -0.0, 0, float.Epsilon, float.MaxValue];
        int next = 0;
        Draw draw = new(8);
        Operand x = draw.Input(dtype, [1, values.Length, 1], () => values[next++]), indices = draw.Input(index, [40], () => draw.Integer(0, values.Length));
        Check(Tolerance.Exact, [x, indices, draw.Result(dtype, [1, 40, 1])], (b, v) => b.Gather(v[0], v[1], v[2]));
    }

    [SkippableTheory]
    [MemberData(nameof(FloatRows))]
    public void An_index_outside_is_an_error(DType dtype, DType index) =>
        Each(from wrong in index == DType.Int32 ? (double[])[-1, 7, int.MaxValue, int.MinValue] : [-1, 7, Math.Pow(2, 32), -Math.Pow(2, 40)]
             from place in (int[])[0, 16, 32]
             from scatter in s_both
             select (wrong, place, scatter), row =>
        {
            Draw draw = new(9);
            Operand indices = draw.Input(index, [33], () => draw.Integer(0, 7)), many = draw.Input(dtype, [2, 33, 3]), few = draw.InPlace(dtype, [2, 7, 3]);
            indices.Set(row.place, row.wrong);
            Assert.Throws<IndexOutOfRangeException>(() => RunAlone([many, indices, few], (b, v) =>
            {
                if (row.scatter) b.ScatterAdd(v[0], v[1], v[2]);
                else b.Gather(v[2], v[1], v[0]);
                b.Synchronize();
                return true;
            }));
        });

    [SkippableFact]
    public void Any_indices() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 20], Gen.Int[0, 40], Gen.Int[0, 50], Gen.Int[0, int.MaxValue]).Sample((outer, n, inner, count, seed) =>
        {
            Draw draw = new(seed);
            DType index = s_indexTypes[draw.Integer(0, 2)];
            CheckGather((DType)draw.Integer(0, 6), index, (outer, n, inner, count), draw);
            CheckScatter(FloatTypes[draw.Integer(0, 2)], index, (outer, n, inner, count), draw);
        }, iter: 300 / Under.Thinning, threads: 1);

    private void CheckGather(DType dtype, DType index, (int Outer, int N, int Inner, int Count) size, Draw draw)
    {
        (int outer, int n, int inner, int count) = size;
        Operand x = draw.Input(dtype, [outer, n, inner]), indices = draw.Input(index, [count], () => draw.Integer(0, n));
        Check(Tolerance.Exact, [x, indices, draw.Result(dtype, [outer, count, inner])], (b, v) => b.Gather(v[0], v[1], v[2]));
    }

    private void CheckScatter(DType dtype, DType index, (int Outer, int N, int Inner, int Count) size, Draw draw)
    {
        (int outer, int n, int inner, int count) = size;
        Operand dy = draw.Input(dtype, [outer, count, inner]), indices = draw.Input(index, [count], () => draw.Integer(0, n));
        Check(Tolerance.Backward, [dy, indices, draw.InPlace(dtype, [outer, n, inner])], (b, v) => b.ScatterAdd(v[0], v[1], v[2]));
    }
}
