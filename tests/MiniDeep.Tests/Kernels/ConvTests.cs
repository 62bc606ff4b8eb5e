namespace MiniDeep.Tests.Kernels;

[Collection(ThreadTeamCollection.Name)]
public sealed class ConvTests
{
    /// <summary>batch, height, width, in, out, kernel, stride, padding (0 valid, 1 same, 2 one-sided), dilation, groups.</summary>
    public static TheoryData<int[]> Convolutions => new(
        [2, 14, 14, 16, 32, 3, 1, 1, 1, 1],
        [3, 28, 28, 1, 16, 3, 1, 1, 1, 1],
        [2, 9, 11, 3, 8, 3, 1, 1, 1, 1],
        [2, 7, 5, 5, 7, 3, 1, 0, 1, 1],
        [1, 6, 6, 4, 20, 5, 1, 1, 1, 1],
        [2, 8, 8, 3, 33, 1, 1, 0, 1, 1],
        [2, 9, 10, 4, 6, 3, 2, 1, 1, 1],
        [2, 11, 9, 3, 17, 3, 3, 2, 1, 1],
        [2, 12, 12, 2, 5, 3, 1, 1, 2, 1],
        [2, 12, 13, 2, 5, 3, 2, 0, 3, 1],
        [2, 8, 8, 6, 12, 3, 1, 1, 1, 3],
        [2, 8, 9, 6, 6, 3, 2, 1, 2, 6],
        [2, 8, 8, 32, 64, 3, 1, 1, 1, 2],
        [1, 5, 5, 1, 1, 2, 1, 0, 1, 1],
        [1, 2, 2, 1, 3, 3, 1, 3, 1, 1],
        [0, 5, 5, 2, 3, 3, 1, 1, 1, 1],
        [1, 40, 40, 17, 19, 3, 1, 1, 1, 1],
        [33, 6, 6, 8, 16, 3, 1, 1, 1, 1],
        [2, 9, 9, 70, 130, 3, 1, 1, 1, 1],
        [2, 5, 6, 3, 4, 1, 2, 0, 1, 1]);

    private static ConvGeometry Geometry(int[] s)
    {
        int reach = (s[5] - 1) * s[8] + 1, before, after;
        (before, after) = s[7] switch { 0 => (0, 0), 1 => ((reach - 1) / 2, reach / 2), 2 => (0, 2), _ => (4, 3) };
        return new ConvGeometry
        {
            Batch = s[0],
            InHeight = s[1],
            InWidth = s[2],
            InChannels = s[3],
            OutHeight = (s[1] + before + after - reach) / s[6] + 1,
            OutWidth = (s[2] + before + after - reach) / s[6] + 1,
            OutChannels = s[4],
            KernelHeight = s[5],
            KernelWidth = s[5],
            StrideHeight = s[6],
            StrideWidth = s[6],
            PadTop = before,
            PadLeft = before,
            DilationHeight = s[8],
            DilationWidth = s[8],
            Groups = s[9],
        };
    }

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void A_convolution_and_its_gradients_match_naive_loops(int[] sizes)
    {
        Check<double>(Geometry(sizes));
        Check<float>(Geometry(sizes));
    }

    [Fact]
    public void Kernels_and_strides_need_not_be_square()
    {
        ConvGeometry g = Geometry([2, 10, 12, 3, 5, 3, 1, 0, 1, 1]);
        Check<double>(g with { KernelWidth = 5, OutWidth = 4, StrideWidth = 3, PadLeft = 2, PadTop = 1, DilationHeight = 2, OutHeight = 8 });
        Check<float>(g with { KernelHeight = 1, OutHeight = 12, PadTop = 1 });
    }

    private static void Check<T>(ConvGeometry g)
        where T : unmanaged
    {
        Shape xs = [g.Batch, g.InHeight, g.InWidth, g.InChannels], ys = [g.Batch, g.OutHeight, g.OutWidth, g.OutChannels];
        Shape ws = [g.KernelHeight, g.KernelWidth, g.InChannels / g.Groups, g.OutChannels];
        FusedActivation f = new(UnaryKind.Swish);
        Buffered<T> x = new(xs, KernelAssert.Numbers(1)), w = new(ws, KernelAssert.Numbers(2)), bias = new([g.OutChannels], KernelAssert.Numbers(3));
        Buffered<T> dz = new(ys, KernelAssert.Numbers(4));
        double[] xv = x.Read(), wv = w.Read(), bv = bias.Read(), dzv = dz.Read();
        double[] z = [.. Enumerable.Range(0, ys.ElementCount).Select(i => bv[i % g.OutChannels])];
        double[] dx = [.. Enumerable.Range(0, xs.ElementCount).Select(KernelAssert.Numbers(5))], dw = [.. Enumerable.Range(0, ws.ElementCount).Select(KernelAssert.Numbers(6))];
        References.Convolve(g, (o, i, k) =>
        {
            z[o] += xv[i] * wv[k];
            dx[i] += dzv[o] * wv[k];
            dw[k] += dzv[o] * xv[i];
        });
        double[][] actual = KernelAssert.SameAtAnyThreadCount(() =>
        {
            Buffered<T> y = new(ys, _ => double.NaN), slope = new(ys, _ => double.NaN), plain = new(ys, _ => double.NaN);
            CpuBackend.Instance.Conv2D(x.View, w.View, bias.View, g, f, y.View, slope.View);
            CpuBackend.Instance.Conv2D(x.View, w.View, bias.View, g, FusedActivation.None, plain.View, default);
            Buffered<T> gradientX = new(xs, KernelAssert.Numbers(5)), gradientW = new(ws, KernelAssert.Numbers(6)), onlyX = new(xs, _ => double.NaN), onlyW = new(ws, _ => double.NaN);
            CpuBackend.Instance.Conv2DInputGrad(dz.View, w.View, g, gradientX.View, true);
            CpuBackend.Instance.Conv2DWeightGrad(x.View, dz.View, g, gradientW.View, true);
            CpuBackend.Instance.Conv2DInputGrad(dz.View, w.View, g, onlyX.View, false);
            CpuBackend.Instance.Conv2DWeightGrad(x.View, dz.View, g, onlyW.View, false);
            return [plain.Read(), y.Read(), slope.Read(), gradientX.Read(), gradientW.Read(), onlyX.Read(), onlyW.Read()];
        });
        double scale = Math.Sqrt(g.KernelHeight * g.KernelWidth * g.InChannels);
        KernelAssert.Close<T>(z, actual[0], "z", scale);
        KernelAssert.Close<T>([.. z.Select(v => References.Activation(f, v).Value)], actual[1], "y", scale);
        KernelAssert.Close<T>([.. z.Select(v => References.Activation(f, v).Slope)], actual[2], "slope", 4 * scale);
        KernelAssert.Close<T>(dx, actual[3], "dx", scale);
        KernelAssert.Close<T>(dw, actual[4], "dw", Math.Sqrt(g.Batch * g.OutHeight * g.OutWidth + 1));
        KernelAssert.Close<T>([.. dx.Select((v, i) => v - KernelAssert.Numbers(5)(i))], actual[5], "dx alone", scale);
        KernelAssert.Close<T>([.. dw.Select((v, i) => v - KernelAssert.Numbers(6)(i))], actual[6], "dw alone", Math.Sqrt(g.Batch * g.OutHeight * g.OutWidth + 1));
    }

    /// <summary>channels, height, width, window, stride, padding.</summary>
    [Theory]
    [InlineData(16, 8, 8, 2, 2, 0)]
    [InlineData(5, 9, 7, 2, 2, 0)]
    [InlineData(33, 7, 8, 3, 2, 1)]
    [InlineData(3, 6, 6, 3, 1, 1)]
    [InlineData(1, 5, 4, 2, 3, 0)]
    [InlineData(19, 20, 20, 16, 2, 0)]
    public void A_max_pool_takes_the_first_largest_and_nan(int channels, int height, int width, int window, int stride, int padding)
    {
        PoolGeometry g = new()
        {
            Batch = 35,
            InHeight = height,
            InWidth = width,
            Channels = channels,
            OutHeight = (height + 2 * padding - window) / stride + 1,
            OutWidth = (width + 2 * padding - window) / stride + 1,
            WindowHeight = window,
            WindowWidth = window,
            StrideHeight = stride,
            StrideWidth = stride,
            PadTop = padding,
            PadLeft = padding,
        };
        Pool<float>(g);
        Pool<double>(g);
    }

    private static void Pool<T>(PoolGeometry g)
        where T : unmanaged
    {
        Shape xs = [g.Batch, g.InHeight, g.InWidth, g.Channels], ys = [g.Batch, g.OutHeight, g.OutWidth, g.Channels];
        // few values: many ties; some NaN and infinities
        Func<int, double> values = i => (int)(KernelAssert.Numbers(1)(i) * 9.9) is var v && v == 9 ? double.NaN : v == -9 ? double.NegativeInfinity : v;
        Buffered<T> x = new(xs, values), dy = new(ys, KernelAssert.Numbers(2));
        (double[] y, byte[] argmax, int[] winner) = References.MaxPool(g, x.Read());
        double[] dx = new double[xs.ElementCount], dyv = dy.Read(), start = [.. Enumerable.Range(0, dx.Length).Select(KernelAssert.Numbers(3))];
        for (int q = 0; q < winner.Length; q++) dx[winner[q]] += dyv[q];
        double[][] actual = KernelAssert.SameAtAnyThreadCount(() =>
        {
            Buffered<T> result = new(ys, _ => double.NaN), alone = new(ys, _ => double.NaN), gradient = new(xs, _ => double.NaN), sum = new(xs, KernelAssert.Numbers(3));
            Buffered<byte> places = new(ys, _ => 77);
            CpuBackend.Instance.MaxPool2D(x.View, g, result.View, places.View);
            CpuBackend.Instance.MaxPool2D(x.View, g, alone.View, default);
            CpuBackend.Instance.MaxPool2DGrad(dy.View, places.View, g, gradient.View, false);
            CpuBackend.Instance.MaxPool2DGrad(dy.View, places.View, g, sum.View, true);
            return [result.Read(), alone.Read(), places.Read(), gradient.Read(), sum.Read()];
        });
        Assert.Equal(y, actual[0]);
        Assert.Equal(y, actual[1]);
        Assert.Equal(argmax.Select(v => (double)v), actual[2]);
        KernelAssert.Close<T>(dx, actual[3], "dx");
        KernelAssert.Close<T>([.. dx.Zip(start, (a, b) => a + b)], actual[4], "dx added");
    }
}
