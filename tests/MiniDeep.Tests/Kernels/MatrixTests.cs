namespace MiniDeep.Tests.Kernels;

[Collection(ThreadTeamCollection.Name)]
public sealed class MatrixTests
{
    public static TheoryData<int, int, int> Sizes => new()
    {
        { 0, 3, 2 }, { 3, 0, 2 }, { 3, 2, 0 }, { 1, 1, 1 }, { 1, 17, 5 }, { 7, 5, 3 }, { 100, 5, 4 }, { 100, 4, 5 }, { 100, 3, 4 }, { 3, 8, 8 }, { 9, 16, 8 },
        { 64, 10, 128 }, { 8, 32, 9 }, { 13, 33, 17 }, { 31, 47, 65 }, { 100, 130, 97 }, { 64, 129, 400 }, { 97, 64, 600 }, { 257, 131, 1 }, { 300, 300, 300 },
        { 1, 200, 900 }, { 2, 100, 500 }, { 200, 1, 500 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Products_match_a_naive_loop_in_double(int m, int n, int k) => Products<double>(m, n, k);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Products_match_a_naive_loop_in_float(int m, int n, int k) => Products<float>(m, n, k);

    private static void Products<T>(int m, int n, int k)
        where T : unmanaged
    {
        for (int flags = 0; flags < 8; flags++)
        {
            bool ta = (flags & 1) != 0, tb = (flags & 2) != 0, accumulate = (flags & 4) != 0;
            Buffered<T> a = new(ta ? [k, m] : [m, k], KernelAssert.Numbers(1)), b = new(tb ? [n, k] : [k, n], KernelAssert.Numbers(2));
            double[] av = a.Read(), bv = b.Read();
            double[] start = new Buffered<T>([m, n], KernelAssert.Numbers(3)).Read();
            double[] expected = new double[m * n];
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    double sum = accumulate ? start[i * n + j] : 0;
                    for (int p = 0; p < k; p++) sum += av[ta ? p * m + i : i * k + p] * bv[tb ? j * k + p : p * n + j];
                    expected[i * n + j] = sum;
                }
            }
            double[] actual = KernelAssert.SameAtAnyThreadCount(() =>
            {
                Buffered<T> c = new([m, n], accumulate ? KernelAssert.Numbers(3) : _ => double.NaN);
                CpuBackend.Instance.MatMul(a.View, ta, b.View, tb, c.View, accumulate);
                return [c.Read()];
            })[0];
            KernelAssert.Close<T>(expected, actual, $"[{m}, {k}] x [{k}, {n}], transposes {ta} {tb}, accumulate {accumulate}", Math.Sqrt(k + 1));
        }
    }

    [Theory]
    [InlineData(5, 3, 4, 6, false, false)]
    [InlineData(40, 33, 20, 50, false, false)]
    [InlineData(6, 7, 9, 11, true, false)]
    [InlineData(6, 7, 9, 11, false, true)]
    public void Batches_share_or_own_their_matrices(int batch, int m, int n, int k, bool oneA, bool oneB)
    {
        Buffered<float> a = new(oneA ? [m, k] : [batch, m, k], KernelAssert.Numbers(1)), b = new(oneB ? [k, n] : [batch, k, n], KernelAssert.Numbers(2));
        double[] av = a.Read(), bv = b.Read(), expected = new double[batch * m * n];
        for (int q = 0; q < expected.Length; q++)
        {
            int j = q % n, i = q / n % m, z = q / n / m;
            for (int p = 0; p < k; p++) expected[q] += av[((oneA ? 0 : z) * m + i) * k + p] * bv[((oneB ? 0 : z) * k + p) * n + j];
        }
        Buffered<float> c = new([batch, m, n], _ => double.NaN);
        CpuBackend.Instance.MatMul(a.View, false, b.View, false, c.View, false);
        KernelAssert.Close<float>(expected, c.Read(), "batch", 4);
    }

    public static TheoryData<UnaryKind, int, int, int> Layers
    {
        get
        {
            TheoryData<UnaryKind, int, int, int> rows = [];
            foreach (UnaryKind kind in new[] { UnaryKind.Identity, UnaryKind.Relu, UnaryKind.LeakyRelu, UnaryKind.Sigmoid, UnaryKind.Tanh, UnaryKind.Swish })
            {
                foreach ((int m, int k, int n) in new[] { (100, 4, 5), (100, 5, 4), (7, 8, 3), (64, 40, 10), (33, 65, 70), (64, 300, 130), (1, 1, 1), (0, 3, 4) }) rows.Add(kind, m, k, n);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_linear_layer_and_its_gradient_match_the_formulas(UnaryKind kind, int m, int k, int n)
    {
        Layer<double>(kind, m, k, n);
        Layer<float>(kind, m, k, n);
    }

    private static void Layer<T>(UnaryKind kind, int m, int k, int n)
        where T : unmanaged
    {
        FusedActivation f = new(kind, kind == UnaryKind.LeakyRelu ? 0.125 : 0);
        Buffered<T> x = new([m, k], KernelAssert.Numbers(1)), w = new([k, n], KernelAssert.Numbers(2)), bias = new([n], KernelAssert.Numbers(3));
        double[] xv = x.Read(), wv = w.Read(), bv = bias.Read(), dyv = new Buffered<T>([m, n], KernelAssert.Numbers(4)).Read();
        double[] y = new double[m * n], slope = new double[m * n], dz = new double[m * n];
        for (int q = 0; q < y.Length; q++)
        {
            double z = bv[q % n];
            for (int p = 0; p < k; p++) z += xv[q / n * k + p] * wv[p * n + q % n];
            (y[q], slope[q]) = References.Activation(f, z);
            dz[q] = dyv[q] * slope[q];
        }
        double[] dw = KernelAssert.Numbers(5) is var g ? [.. Enumerable.Range(0, k * n).Select(g)] : [];
        double[] dx = [.. Enumerable.Range(0, m * k).Select(KernelAssert.Numbers(6))], dbias = [.. Enumerable.Range(0, n).Select(KernelAssert.Numbers(7))];
        for (int q = 0; q < y.Length; q++)
        {
            dbias[q % n] += dz[q];
            for (int p = 0; p < k; p++)
            {
                dw[p * n + q % n] += xv[q / n * k + p] * dz[q];
                dx[q / n * k + p] += wv[p * n + q % n] * dz[q];
            }
        }
        double[][] actual = KernelAssert.SameAtAnyThreadCount(() =>
        {
            Buffered<T> result = new([m, n], _ => double.NaN), slopes = new([m, n], _ => double.NaN), dy = new([m, n], KernelAssert.Numbers(4));
            TensorView none = default;
            Assert.True(CpuBackend.Instance.Linear(x.View, w.View, bias.View, f, result.View, f.GradientFromOutput ? none : slopes.View));
            Buffered<T> gradientW = new([k, n], KernelAssert.Numbers(5)), gradientX = new([m, k], KernelAssert.Numbers(6)), gradientB = new([n], KernelAssert.Numbers(7));
            Assert.True(CpuBackend.Instance.LinearGrad(
                x.View, w.View, f.GradientFromOutput ? result.View : slopes.View, f, dy.View, gradientX.View, true, gradientW.View, true, gradientB.View, true));
            return [result.Read(), f.GradientFromOutput ? slope : slopes.Read(), gradientW.Read(), gradientX.Read(), gradientB.Read()];
        });
        double scale = Math.Sqrt(k + m + n);
        KernelAssert.Close<T>(y, actual[0], "y", scale);
        KernelAssert.Close<T>(slope, actual[1], "slope", scale);
        KernelAssert.Close<T>(dw, actual[2], "dw", scale);
        KernelAssert.Close<T>(dx, actual[3], "dx", scale);
        KernelAssert.Close<T>(dbias, actual[4], "dbias", scale);
    }

    [Fact]
    public void A_linear_gradient_may_leave_parts_out_and_overwrite()
    {
        Buffered<float> x = new([9, 6], KernelAssert.Numbers(1)), w = new([6, 5], KernelAssert.Numbers(2)), y = new([9, 5], KernelAssert.Numbers(3));
        Buffered<float> dy = new([9, 5], KernelAssert.Numbers(4)), dw = new([6, 5], _ => double.NaN);
        Assert.True(CpuBackend.Instance.LinearGrad(x.View, w.View, y.View, FusedActivation.None, dy.View, default, false, dw.View, false, default, false));
        double[] xv = x.Read(), dyv = dy.Read(), expected = new double[30];
        for (int q = 0; q < 9 * 30; q++) expected[q % 30] += xv[q / 30 * 6 + q % 30 / 5] * dyv[q / 30 * 5 + q % 5];
        KernelAssert.Close<float>(expected, dw.Read(), "dw");
    }

    [Fact]
    public void An_activation_that_no_kernel_knows_is_declined()
    {
        Buffered<float> x = new([2, 2], KernelAssert.Numbers(1));
        Assert.False(CpuBackend.Instance.Linear(x.View, x.View, default, new FusedActivation(UnaryKind.Softplus), x.View, default));
    }
}
