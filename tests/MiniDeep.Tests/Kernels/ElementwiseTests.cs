using System.Numerics;

namespace MiniDeep.Tests.Kernels;

/// <summary>Unary and binary functions, selection, copies: every layout, in place, added up, at the edges of vectors and of chunks.</summary>
public sealed class ElementwiseTests
{
    private static readonly Shape[] s_shapes = [[], [0], [1], [3, 0], [5], [16], [2, 3], [7, 16], [3, 17], [2, 3, 5], [33, 40], [2, 1, 3, 4], [5, 3, 2, 2, 2]];

    public static TheoryData<UnaryKind, double> Functions => new()
    {
        { UnaryKind.Identity, 0 }, { UnaryKind.Negate, 0 }, { UnaryKind.Abs, 0 }, { UnaryKind.Sign, 0 }, { UnaryKind.Square, 0 }, { UnaryKind.Sqrt, 0 },
        { UnaryKind.Reciprocal, 0 }, { UnaryKind.Exp, 0 }, { UnaryKind.Log, 0 }, { UnaryKind.Sin, 0 }, { UnaryKind.Cos, 0 }, { UnaryKind.Tanh, 0 },
        { UnaryKind.Sigmoid, 0 }, { UnaryKind.Relu, 0 }, { UnaryKind.LeakyRelu, 0.1 }, { UnaryKind.LeakyRelu, -0.5 }, { UnaryKind.Swish, 0 }, { UnaryKind.Softplus, 0 },
        { UnaryKind.AddScalar, 1.5 }, { UnaryKind.MultiplyScalar, -2.5 }, { UnaryKind.PowScalar, 3 }, { UnaryKind.PowScalar, 2 }, { UnaryKind.PowScalar, 0 },
        { UnaryKind.MaxScalar, 0.25 }, { UnaryKind.MinScalar, 0.25 }, { UnaryKind.Floor, 0 },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void Unary_functions_match_System_Math(UnaryKind kind, double alpha)
    {
        Unary<double>(kind, alpha);
        Unary<float>(kind, alpha);
    }

    private static void Unary<T>(UnaryKind kind, double alpha)
        where T : unmanaged, INumber<T>
    {
        foreach (Shape shape in (Shape[])[.. s_shapes, .. Enumerable.Range(0, 258).Select(n => Shape.Create([n]))])
        {
            bool positive = kind is UnaryKind.Sqrt or UnaryKind.Log;
            var x = new Elements<T>(shape, TestNumbers.Of<T>(1, positive ? 1 : 3, positive ? 1.5 : 0.01));
            T[] numbers = x.Read();
            double[] expected = [.. x.Doubles().Select(v => Exact(kind, alpha, v))];
            foreach (Layout layout in shape.Rank > 1 ? Enum.GetValues<Layout>() : [Layout.Contiguous, Layout.Gaps])
            {
                bool broadcast = layout >= Layout.OneRow;
                var operand = new Elements<T>(shape, i => numbers[i], layout);
                double[] values = broadcast ? [.. operand.Doubles().Select(v => Exact(kind, alpha, v))] : expected;
                var y = new Elements<T>(shape, _ => T.Zero, broadcast ? Layout.Padded : layout);
                CpuBackend.Instance.Unary(kind, alpha, operand.View, y.View, false);
                TestNumbers.Near(values, y.Read(), 8, $"{kind} {shape} {layout}");
                CpuBackend.Instance.Unary(kind, alpha, operand.View, y.View, true);
                TestNumbers.Close([.. values.Select(v => 2 * v)], y.Read(), 2e-6, $"{kind} {shape} {layout}, added");
                if (broadcast) continue;
                CpuBackend.Instance.Unary(kind, alpha, operand.View, operand.View, false);
                TestNumbers.Near(values, operand.Read(), 8, $"{kind} {shape} {layout}, in place");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Unary_gradients_match_differences(UnaryKind kind, double alpha)
    {
        bool positive = kind is UnaryKind.Sqrt or UnaryKind.Log or UnaryKind.Reciprocal;
        bool fromOutput = UnaryKinds.GradientFromOutput(kind, alpha);
        foreach (int n in new[] { 0, 1, 3, 8, 17, 100, 257 })
        {
            Func<int, double> numbers = i => TestNumbers.At(i, 5) * (positive ? 1 : 2) + (positive ? 1.5 : 0.013);
            var x = new Elements<double>([n], numbers);
            var y = new Elements<double>([n], i => Exact(kind, alpha, numbers(i)));
            var dy = new Elements<double>([n], TestNumbers.Of<double>(6));
            double[] cotangent = dy.Read();
            double[] expected = [.. x.Read().Select((v, i) => cotangent[i] * (Exact(kind, alpha, v + 1e-6) - Exact(kind, alpha, v - 1e-6)) / 2e-6)];
            var dx = new Elements<double>([n], _ => 0);
            CpuBackend.Instance.UnaryGrad(kind, alpha, fromOutput ? y.View : x.View, dy.View, dx.View, false);
            TestNumbers.Close(expected, dx.Read(), 1e-8, $"{kind}' {n}");
            CpuBackend.Instance.UnaryGrad(kind, alpha, fromOutput ? y.View : x.View, dy.View, dx.View, true);
            TestNumbers.Close([.. expected.Select(v => 2 * v)], dx.Read(), 1e-8, $"{kind}' {n}, added");
            CpuBackend.Instance.UnaryGrad(kind, alpha, fromOutput ? y.View : x.View, dy.View, dy.View, false);
            TestNumbers.Close(expected, dy.Read(), 1e-8, $"{kind}' {n}, in place");
        }
    }

    [Fact]
    public void Special_values_pass_as_documented()
    {
        double inf = double.PositiveInfinity, nan = double.NaN;
        Assert.Equal([0, 1, -1, nan, 0, 1, -1], Apply(UnaryKind.Sign, 0, 0, inf, -inf, nan, -0.0, 1e-300, -3));
        Assert.Equal([0, inf, 0, nan], Apply(UnaryKind.Relu, 0, -1, inf, -inf, nan));
        Assert.Equal([2, nan, inf, 2], Apply(UnaryKind.MaxScalar, 2, 1, nan, inf, -inf));
        Assert.Equal([1, nan, 2, -inf], Apply(UnaryKind.MinScalar, 2, 1, nan, inf, -inf));
        Assert.Equal([-0.1, nan, inf, -inf], Apply(UnaryKind.LeakyRelu, 0.1, -1, nan, inf, -inf));
        Assert.Equal([inf, -inf, 0, 0], Apply(UnaryKind.Reciprocal, 0, 0, -0.0, inf, -inf));
        Assert.Equal([nan, 0, inf, nan], Apply(UnaryKind.Sqrt, 0, -1, 0, inf, nan));

        var a = new Elements<float>([4], i => new[] { float.NaN, 1, float.NaN, 2 }[i]);
        var b = new Elements<float>([4], i => new[] { 1, float.NaN, float.NaN, 3 }[i]);
        var y = new Elements<float>([4], _ => 0);
        CpuBackend.Instance.Binary(BinaryKind.Max, a.View, b.View, y.View, false);
        Assert.Equal([float.NaN, float.NaN, float.NaN, 3], y.Read());
        CpuBackend.Instance.Binary(BinaryKind.Min, a.View, b.View, y.View, false);
        Assert.Equal([float.NaN, float.NaN, float.NaN, 2], y.Read());

        static double[] Apply(UnaryKind kind, double alpha, params double[] values)
        {
            var x = new Elements<double>([values.Length], i => values[i]);
            var y = new Elements<double>([values.Length], _ => 77);
            CpuBackend.Instance.Unary(kind, alpha, x.View, y.View, false);
            return y.Read();
        }
    }

    [Theory]
    [InlineData(BinaryKind.Add)]
    [InlineData(BinaryKind.Subtract)]
    [InlineData(BinaryKind.Multiply)]
    [InlineData(BinaryKind.Divide)]
    [InlineData(BinaryKind.Pow)]
    [InlineData(BinaryKind.Max)]
    [InlineData(BinaryKind.Min)]
    public void Binary_functions_take_every_pair_of_layouts(BinaryKind kind)
    {
        Binary<double>(kind, false);
        Binary<float>(kind, false);
        Binary<int>(kind, true);
        Binary<long>(kind, true);
        Binary<byte>(kind, true);
    }

    private static void Binary<T>(BinaryKind kind, bool integer)
        where T : unmanaged, INumber<T>
    {
        foreach (Shape shape in s_shapes)
        {
            foreach (Layout layoutA in Enum.GetValues<Layout>())
            {
                foreach (Layout layoutB in Enum.GetValues<Layout>())
                {
                    var a = new Elements<T>(shape, integer ? i => T.CreateSaturating(i % 7 + 1) : TestNumbers.Of<T>(1, 1, 2), layoutA);
                    var b = new Elements<T>(shape, integer ? i => T.CreateSaturating(i % 3 + 1) : TestNumbers.Of<T>(2, 1, 2), layoutB);
                    T[] first = a.Read(), second = b.Read();
                    double[] expected = [.. first.Select((v, i) => Exact(kind, integer, double.CreateChecked(v), double.CreateChecked(second[i])))];
                    if (typeof(T) == typeof(byte)) expected = [.. expected.Select(v => (double)unchecked((byte)(int)v))];
                    Layout result = layoutA is Layout.Transposed or Layout.Gaps or Layout.Padded ? layoutA : Layout.Contiguous;
                    var y = new Elements<T>(shape, _ => T.One, result);
                    CpuBackend.Instance.Binary(kind, a.View, b.View, y.View, false);
                    TestNumbers.Near(expected, y.Read(), 1, $"{kind} {shape} {layoutA} {layoutB}");
                    CpuBackend.Instance.Binary(kind, a.View, b.View, y.View, true);
                    double[] twice = [.. expected.Select(v => typeof(T) == typeof(byte) ? unchecked((byte)(int)(2 * v)) : 2 * v)];
                    TestNumbers.Near(twice, y.Read(), 1, $"{kind} {shape} {layoutA} {layoutB}, added");
                    if (layoutA >= Layout.OneRow) continue;
                    CpuBackend.Instance.Binary(kind, a.View, b.View, a.View, false);
                    TestNumbers.Near(expected, a.Read(), 1, $"{kind} {shape} {layoutA} {layoutB}, in place");
                }
            }
        }
    }

    [Fact]
    public void Comparisons_write_truth_values()
    {
        Compare<float>();
        Compare<double>();
        Compare<int>();
        Compare<long>();
        Compare<byte>();

        static void Compare<T>()
            where T : unmanaged, INumber<T>
        {
            var a = new Elements<T>([4, 5], i => T.CreateChecked(i % 5));
            var b = new Elements<T>([4, 5], i => T.CreateChecked(2), Layout.OneElement);
            (BinaryKind, Func<int, bool>)[] kinds =
            [
                (BinaryKind.Equal, v => v == 2), (BinaryKind.NotEqual, v => v != 2), (BinaryKind.Less, v => v < 2),
                (BinaryKind.LessOrEqual, v => v <= 2), (BinaryKind.Greater, v => v > 2), (BinaryKind.GreaterOrEqual, v => v >= 2),
            ];
            foreach ((BinaryKind kind, Func<int, bool> holds) in kinds)
            {
                var y = new Elements<byte>([4, 5], _ => 9, dtype: DType.Bool);
                CpuBackend.Instance.Binary(kind, a.View, b.View, y.View, false);
                Assert.Equal([.. Enumerable.Range(0, 20).Select(i => holds(i % 5) ? (byte)1 : (byte)0)], y.Read());
            }
        }
    }

    [Fact]
    public void NaN_is_unequal_to_all_and_ordered_with_none()
    {
        var a = new Elements<double>([2], i => i == 0 ? double.NaN : 1);
        var y = new Elements<byte>([2], _ => 9, dtype: DType.Bool);
        foreach (BinaryKind kind in new[] { BinaryKind.Equal, BinaryKind.Less, BinaryKind.LessOrEqual, BinaryKind.Greater, BinaryKind.GreaterOrEqual })
        {
            CpuBackend.Instance.Binary(kind, a.View, a.View, y.View, false);
            Assert.Equal((byte)0, y.Read()[0]);
        }
        CpuBackend.Instance.Binary(BinaryKind.NotEqual, a.View, a.View, y.View, false);
        Assert.Equal([1, 0], y.Read());
    }

    [Fact]
    public void Integer_division_neither_throws_nor_overflows()
    {
        var a = new Elements<int>([4], i => new[] { 7, int.MinValue, -7, 5 }[i]);
        var b = new Elements<int>([4], i => new[] { 0, -1, 2, -2 }[i]);
        var y = new Elements<int>([4], _ => 1);
        CpuBackend.Instance.Binary(BinaryKind.Divide, a.View, b.View, y.View, false);
        Assert.Equal([0, int.MinValue, -3, -2], y.Read());
    }

    [Fact]
    public void Select_picks_element_by_element_in_every_type()
    {
        Pick<float>(DType.Float32);
        Pick<double>(DType.Float64);
        Pick<int>(DType.Int32);
        Pick<long>(DType.Int64);
        Pick<byte>(DType.UInt8);
        Pick<byte>(DType.Bool);

        static void Pick<T>(DType dtype)
            where T : unmanaged, INumber<T>
        {
            foreach (Shape shape in s_shapes)
            {
                foreach (Layout layout in Enum.GetValues<Layout>())
                {
                    var condition = new Elements<byte>(shape, i => (byte)(i * 7 / 3 % 2), layout, DType.Bool);
                    var a = new Elements<T>(shape, i => T.CreateTruncating(i % 50), dtype: dtype);
                    var b = new Elements<T>(shape, i => T.CreateTruncating(60 + i % 50), Layout.OneColumn, dtype);
                    var y = new Elements<T>(shape, _ => T.Zero, layout < Layout.OneRow ? layout : Layout.Contiguous, dtype);
                    CpuBackend.Instance.Select(condition.View, a.View, b.View, y.View);
                    byte[] chosen = condition.Read();
                    T[] first = a.Read(), second = b.Read();
                    Assert.Equal([.. chosen.Select((c, i) => c != 0 ? first[i] : second[i])], y.Read());
                }
            }
        }
    }

    [Fact]
    public void Copies_convert_between_all_types()
    {
        double[] values = [0, 1, -1, 2.75, -2.75, 200.9, 1e10, -1e10, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, 0.25];
        var x = new Elements<double>([values.Length], i => values[i]);
        Assert.Equal([0f, 1, -1, 2.75f, -2.75f, 200.9f, 1e10f, -1e10f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.PositiveInfinity, 0.25f],
            To<float>(x.View, DType.Float32));
        Assert.Equal([0, 1, -1, 2, -2, 200, int.MaxValue, int.MinValue, 0, int.MaxValue, int.MinValue, int.MaxValue, 0], To<int>(x.View, DType.Int32));
        Assert.Equal([0, 1, -1, 2, -2, 200, 10000000000, -10000000000, 0, long.MaxValue, long.MinValue, long.MaxValue, 0], To<long>(x.View, DType.Int64));
        Assert.Equal([0, 1, 0, 2, 0, 200, 255, 0, 0, 255, 0, 255, 0], To<byte>(x.View, DType.UInt8));
        Assert.Equal([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], To<byte>(x.View, DType.Bool));
        var pixels = new Elements<byte>([300], i => (byte)i);
        Assert.Equal([.. Enumerable.Range(0, 300).Select(i => (float)(byte)i)], To<float>(pixels.View, DType.Float32));
        Assert.Equal([.. Enumerable.Range(0, 300).Select(i => (double)(byte)i)], To<double>(pixels.View, DType.Float64));
        var whole = new Elements<long>([3], i => new[] { 1L << 40, -1, 300 }[i]);
        Assert.Equal([0, -1, 300], To<int>(whole.View, DType.Int32));
        Assert.Equal([1L << 40, -1.0, 300], To<double>(whole.View, DType.Float64));

        static T[] To<T>(TensorView x, DType dtype)
            where T : unmanaged, INumber<T>
        {
            var y = new Elements<T>(x.Shape, _ => T.CreateTruncating(7), dtype: dtype);
            CpuBackend.Instance.Copy(x, y.View);
            return y.Read();
        }
    }

    [Fact]
    public void Copies_take_every_pair_of_layouts()
    {
        foreach (Shape shape in (Shape[])[.. s_shapes, [70, 90], [4, 20, 30]])
        {
            foreach (Layout from in Enum.GetValues<Layout>())
            {
                foreach (Layout to in new[] { Layout.Contiguous, Layout.Transposed, Layout.Gaps, Layout.Padded })
                {
                    var x = new Elements<int>(shape, i => i + 1, from);
                    var y = new Elements<int>(shape, _ => 0, to);
                    CpuBackend.Instance.Copy(x.View, y.View);
                    Assert.Equal(x.Read(), y.Read());
                    var single = new Elements<float>(shape, _ => 0, to);
                    CpuBackend.Instance.Copy(x.View, single.View);
                    Assert.Equal([.. x.Read().Select(v => (float)v)], single.Read());
                }
            }
        }
    }

    [Fact]
    public void Fill_reaches_every_element_and_no_other()
    {
        foreach (Shape shape in s_shapes)
        {
            foreach (Layout layout in new[] { Layout.Contiguous, Layout.Transposed, Layout.Gaps, Layout.Padded })
            {
                Check(new Elements<float>(shape, _ => 0, layout), 2.5f);
                Check(new Elements<double>(shape, _ => 0, layout), 2.5);
                Check(new Elements<int>(shape, _ => 0, layout), 2);
                Check(new Elements<byte>(shape, _ => 0, layout), (byte)2);
                Check(new Elements<byte>(shape, _ => 0, layout, DType.Bool), (byte)1);
            }
        }

        static void Check<T>(Elements<T> y, T expected)
            where T : unmanaged, INumber<T>
        {
            CpuBackend.Instance.Fill(y.View, 2.5);
            Assert.All(y.Read(), v => Assert.Equal(expected, v));
        }
    }

    [Fact]
    public void Integers_have_their_functions()
    {
        foreach ((UnaryKind kind, int[] expected) in new (UnaryKind, int[])[]
        {
            (UnaryKind.Identity, [-3, 0, 5]), (UnaryKind.Negate, [3, 0, -5]), (UnaryKind.Abs, [3, 0, 5]), (UnaryKind.Sign, [-1, 0, 1]),
            (UnaryKind.Square, [9, 0, 25]), (UnaryKind.AddScalar, [-1, 2, 7]), (UnaryKind.MultiplyScalar, [-6, 0, 10]),
        })
        {
            var x = new Elements<int>([3], i => new[] { -3, 0, 5 }[i]);
            var y = new Elements<int>([3], _ => 99);
            CpuBackend.Instance.Unary(kind, 2, x.View, y.View, false);
            Assert.Equal(expected, y.Read());
        }
        var truth = new Elements<byte>([3], i => (byte)(i & 1), dtype: DType.Bool);
        CpuBackend.Instance.Unary(UnaryKind.Not, 0, truth.View, truth.View, false);
        Assert.Equal([1, 0, 1], truth.Read());
        Assert.Throws<DTypeException>(() => CpuBackend.Instance.Unary(UnaryKind.Exp, 0, truth.View, truth.View, false));
    }

    [Fact]
    public void Activation_gradients_come_with_the_bias()
    {
        foreach (FusedActivation activation in new FusedActivation[] { new(UnaryKind.Identity), new(UnaryKind.Relu), new(UnaryKind.Tanh), new(UnaryKind.Swish), new(UnaryKind.LeakyRelu, -1) })
        {
            foreach (Shape shape in (Shape[])[[0, 3], [1, 1], [5, 3], [100, 4], [33, 70], [6, 7, 5]])
            {
                var saved = new Elements<double>(shape, TestNumbers.Of<double>(3));
                var dy = new Elements<double>(shape, TestNumbers.Of<double>(4));
                var dz = new Elements<double>(shape, _ => 0);
                var bias = new Elements<double>([shape[^1]], i => i);
                CpuBackend.Instance.ActivationGrad(activation, saved.View, dy.View, dz.View, bias.View, true);
                double[] s = saved.Read(), d = dy.Read(), sums = [.. Enumerable.Range(0, shape[^1]).Select(i => (double)i)];
                double[] expected = [.. s.Select((v, i) => d[i] * activation.Kind switch
                {
                    UnaryKind.Identity => 1,
                    UnaryKind.Relu => v > 0 ? 1 : 0,
                    UnaryKind.Tanh => 1 - v * v,
                    _ => v,
                })];
                for (int i = 0; i < expected.Length; i++) sums[i % shape[^1]] += expected[i];
                TestNumbers.Close(expected, dz.Read(), 1e-15, $"{activation} {shape}");
                TestNumbers.Close(sums, bias.Read(), 1e-13, $"{activation} {shape}, bias");
            }
        }
    }

    private static double Exact(UnaryKind kind, double alpha, double x) => kind switch
    {
        UnaryKind.Identity => x,
        UnaryKind.Negate => -x,
        UnaryKind.Abs => Math.Abs(x),
        UnaryKind.Sign => Math.Sign(x),
        UnaryKind.Square => x * x,
        UnaryKind.Sqrt => Math.Sqrt(x),
        UnaryKind.Reciprocal => 1 / x,
        UnaryKind.Exp => Math.Exp(x),
        UnaryKind.Log => Math.Log(x),
        UnaryKind.Sin => Math.Sin(x),
        UnaryKind.Cos => Math.Cos(x),
        UnaryKind.Tanh => Math.Tanh(x),
        UnaryKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
        UnaryKind.Relu => Math.Max(0, x),
        UnaryKind.LeakyRelu => x > 0 ? x : alpha * x,
        UnaryKind.Swish => x / (1 + Math.Exp(-x)),
        UnaryKind.Softplus => VectorMathTests.Softplus(x),
        UnaryKind.AddScalar => x + alpha,
        UnaryKind.MultiplyScalar => x * alpha,
        UnaryKind.PowScalar => Math.Pow(x, alpha),
        UnaryKind.MaxScalar => Math.Max(x, alpha),
        UnaryKind.MinScalar => Math.Min(x, alpha),
        UnaryKind.Floor => Math.Floor(x),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static double Exact(BinaryKind kind, bool integer, double a, double b) => kind switch
    {
        BinaryKind.Add => a + b,
        BinaryKind.Subtract => a - b,
        BinaryKind.Multiply => a * b,
        BinaryKind.Divide => integer ? Math.Truncate(a / b) : a / b,
        BinaryKind.Pow => Math.Pow(a, b),
        BinaryKind.Max => Math.Max(a, b),
        _ => Math.Min(a, b),
    };
}
