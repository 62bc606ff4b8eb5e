using System.Numerics;

namespace MiniDeep.Tests.Kernels;

/// <summary>Reductions and positions over any axes of any layout, against plain loops in double.</summary>
public sealed class ReduceTests
{
    private static readonly Shape[] s_shapes =
    [
        [], [0], [1], [3, 0], [0, 3], [5], [257], [1100], [3, 17], [100, 3], [100, 4], [20, 70], [2, 3, 5], [7, 33, 20], [2, 5, 3, 4], [3, 1, 130, 2],
    ];

    public static TheoryData<ReduceKind> Kinds => [ReduceKind.Sum, ReduceKind.Mean, ReduceKind.Max, ReduceKind.Min];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void All_axes_of_all_layouts(ReduceKind kind)
    {
        Check<double>(kind, 1e-14);
        Check<float>(kind, 1e-6);
        if (kind == ReduceKind.Mean) return;
        Check<int>(kind, 0);
        Check<long>(kind, 0);
        if (kind != ReduceKind.Sum) Check<byte>(kind, 0);
    }

    private static void Check<T>(ReduceKind kind, double tolerance)
        where T : unmanaged, INumber<T>
    {
        bool isFloat = typeof(T) == typeof(float) || typeof(T) == typeof(double);
        foreach (Shape shape in s_shapes)
        {
            foreach (Layout layout in Enum.GetValues<Layout>())
            {
                var x = new Elements<T>(shape, isFloat ? TestNumbers.Of<T>(1) : i => T.CreateTruncating(i * 37 % 101), layout);
                for (int axes = 0; axes < 1 << shape.Rank; axes++)
                {
                    Shape kept = Kept(shape, axes);
                    double[] expected = Expected(kind, x.Doubles(), shape, kept);
                    // integers have no infinity to start from
                    if (!isFloat && kind != ReduceKind.Sum && shape.ElementCount == 0) continue;
                    Layout result = axes % 2 == 0 ? Layout.Contiguous : Layout.Padded;
                    var y = new Elements<T>(kept, _ => T.One, result);
                    CpuBackend.Instance.Reduce(kind, x.View, y.View, false);
                    TestNumbers.Close(expected, y.Read(), tolerance, $"{kind} {shape} {layout} to {kept}");
                    CpuBackend.Instance.Reduce(kind, x.View, y.View, true);
                    if (typeof(T) != typeof(byte)) TestNumbers.Close([.. expected.Select(v => 2 * v)], y.Read(), tolerance, $"{kind} {shape} {layout} to {kept}, added");
                }
            }
        }
    }

    private static Shape Kept(Shape shape, int axes) => Shape.Create([.. shape.ToArray().Select((size, axis) => (axes >> axis & 1) != 0 ? 1 : size)]);

    private static double[] Expected(ReduceKind kind, double[] x, Shape shape, Shape kept)
    {
        var groups = new List<double>[kept.ElementCount];
        for (int i = 0; i < groups.Length; i++) groups[i] = [];
        for (int i = 0; i < x.Length; i++)
        {
            int rest = i, position = 0, stride = 1;
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                position += (kept[axis] == 1 ? 0 : rest % shape[axis]) * stride;
                stride *= kept[axis];
                rest /= shape[axis];
            }
            groups[position].Add(x[i]);
        }
        return [.. groups.Select(g => kind switch
        {
            ReduceKind.Sum => Total(g),
            ReduceKind.Mean => Total(g) / g.Count,
            ReduceKind.Max => g.Count == 0 ? double.NegativeInfinity : g.Max(),
            _ => g.Count == 0 ? double.PositiveInfinity : g.Min(),
        })];
    }

    /// <summary>Neumaier's sum: what is rounded off is carried along.</summary>
    private static double Total(IEnumerable<double> numbers)
    {
        double sum = 0, lost = 0;
        foreach (double number in numbers)
        {
            double next = sum + number;
            lost += Math.Abs(sum) >= Math.Abs(number) ? sum - next + number : number - next + sum;
            sum = next;
        }
        return sum + lost;
    }

    [Fact]
    public void Every_length_along_a_row_and_along_columns()
    {
        for (int n = 0; n <= 257; n++)
        {
            var x = new Elements<float>([n], TestNumbers.Of<float>(n));
            var y = new Elements<float>([1], _ => 0);
            CpuBackend.Instance.Reduce(ReduceKind.Sum, x.View, y.View, false);
            TestNumbers.Close([Total(x.Doubles())], y.Read(), 5e-7, $"sum of {n}", x.Doubles().Sum(Math.Abs));
            var rows = new Elements<double>([n, 5], TestNumbers.Of<double>(n));
            var sums = new Elements<double>([1, 5], _ => 0);
            CpuBackend.Instance.Reduce(ReduceKind.Sum, rows.View, sums.View, false);
            TestNumbers.Close(Expected(ReduceKind.Sum, rows.Read(), [n, 5], [1, 5]), sums.Read(), 1e-14, $"columns of {n} rows");
            var columns = new Elements<float>([3, n], TestNumbers.Of<float>(n));
            var largest = new Elements<float>([1, n], _ => 0);
            CpuBackend.Instance.Reduce(ReduceKind.Max, columns.View, largest.View, false);
            TestNumbers.Close(Expected(ReduceKind.Max, columns.Doubles(), [3, n], [1, n]), largest.Read(), 0, $"largest of {n} columns");
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(1f / 3)]
    [InlineData(1.0000001f)]
    public void A_mean_of_ten_million_floats_is_right_to_a_millionth(float value)
    {
        const int Count = 10_000_000;
        foreach (Shape shape in (Shape[])[[Count], [Count / 4, 4], [Count / 100, 100]])
        {
            var storage = new Storage(Device.Cpu, CpuBackend.Instance.Allocate(Count * 4L), DType.Float32, Count);
            double sum = 0;
            var numbers = new float[Count];
            for (int i = 0; i < Count; i++)
            {
                numbers[i] = value + (i % 5 == 0 ? value * 0.1f : 0);
                sum += numbers[i];
            }
            CpuBackend.Instance.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()), storage, 0);
            var whole = new Elements<float>(Kept(shape, -1), _ => 0);
            CpuBackend.Instance.Reduce(ReduceKind.Mean, new TensorView(storage, 0, shape), whole.View, false);
            Assert.True(Math.Abs(whole.Read()[0] / (sum / Count) - 1) < 1e-6 * 0.5, $"{shape}: {whole.Read()[0]} for {sum / Count}");
            if (shape.Rank == 1) continue;
            // down the columns all terms stay in float
            var columns = new Elements<float>(Kept(shape, 1), _ => 0);
            CpuBackend.Instance.Reduce(ReduceKind.Mean, new TensorView(storage, 0, shape), columns.View, false);
            double[] expected = new double[shape[1]];
            for (int i = 0; i < Count; i++) expected[i % shape[1]] += numbers[i] / (double)shape[0];
            float[] means = columns.Read();
            for (int i = 0; i < means.Length; i++) Assert.True(Math.Abs(means[i] / expected[i] - 1) < 1e-6, $"{shape}: {means[i]} for {expected[i]}");
        }
    }

    [Fact]
    public void NaN_comes_out_of_max_and_min_wherever_it_stands()
    {
        foreach (int n in new[] { 1, 5, 40, 600, 3000 })
        {
            for (int at = 0; at < n; at += Math.Max(1, n / 40))
            {
                foreach (ReduceKind kind in new[] { ReduceKind.Max, ReduceKind.Min })
                {
                    var row = new Elements<float>([n], i => i == at ? float.NaN : i);
                    var y = new Elements<float>([1], _ => 0);
                    CpuBackend.Instance.Reduce(kind, row.View, y.View, false);
                    Assert.True(float.IsNaN(y.Read()[0]), $"{kind} of {n} with NaN at {at}");
                    var columns = new Elements<double>([n, 3], i => i == 3 * at ? double.NaN : i);
                    var three = new Elements<double>([1, 3], _ => 0);
                    CpuBackend.Instance.Reduce(kind, columns.View, three.View, false);
                    Assert.Equal([true, false, false], three.Read().Select(double.IsNaN));
                }
            }
        }
    }

    [Fact]
    public void Positions_are_the_first_and_NaN_wins()
    {
        double[] values = [1, 5, 5, 0, 0, double.NaN, 7, double.NaN];
        for (int n = 1; n <= values.Length; n++)
        {
            foreach (Layout layout in new[] { Layout.Contiguous, Layout.Gaps })
            {
                var x = new Elements<double>([n], i => values[i], layout);
                var y = new Elements<long>([1], _ => -1);
                CpuBackend.Instance.ArgReduce(true, x.View, 0, y.View);
                Assert.Equal(n == 1 ? 0 : n < 6 ? 1 : 5, y.Read()[0]);
                CpuBackend.Instance.ArgReduce(false, x.View, 0, y.View);
                Assert.Equal(n < 4 ? 0 : n < 6 ? 3 : 5, y.Read()[0]);
            }
        }
    }

    [Fact]
    public void Positions_along_any_axis_of_any_layout()
    {
        Check<float>();
        Check<double>();
        Check<int>();
        Check<long>();
        Check<byte>();

        static void Check<T>()
            where T : unmanaged, INumber<T>
        {
            Shape shape = [4, 10, 7];
            foreach (Layout layout in Enum.GetValues<Layout>())
            {
                var x = new Elements<T>(shape, i => T.CreateTruncating(i * 37 % 101), layout);
                T[] values = x.Read();
                for (int axis = 0; axis < 3; axis++)
                {
                    var y = new Elements<long>(Kept(shape, 1 << axis), _ => -1);
                    CpuBackend.Instance.ArgReduce(true, x.View, axis, y.View);
                    int inner = axis == 0 ? 70 : axis == 1 ? 7 : 1;
                    long[] expected = [.. Enumerable.Range(0, 280 / shape[axis]).Select(o =>
                    {
                        int first = o / inner * inner * shape[axis] + o % inner;
                        T[] line = [.. Enumerable.Range(0, shape[axis]).Select(k => values[first + k * inner])];
                        return (long)Array.IndexOf(line, line.Max());
                    })];
                    Assert.Equal(expected, y.Read());
                }
            }
        }
    }

    [Fact]
    public void Truth_values_are_counted()
    {
        var x = new Elements<byte>([10], i => (byte)(i % 2), dtype: DType.Bool);
        var y = new Elements<long>([1], _ => 0);
        CpuBackend.Instance.Reduce(ReduceKind.Sum, x.View, y.View, false);
        Assert.Equal([5L], y.Read());
        Assert.Throws<DTypeException>(() => CpuBackend.Instance.Reduce(ReduceKind.Mean, x.View, y.View, false));
    }
}
