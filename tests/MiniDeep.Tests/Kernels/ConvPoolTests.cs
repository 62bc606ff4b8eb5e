namespace MiniDeep.Tests.Kernels;

[Collection(ThreadTeamCollection.Name)]
public sealed class ConvPoolTests
{
    public static TheoryData<UnaryKind, int[]> Blocks
    {
        get
        {
            TheoryData<UnaryKind, int[]> rows = [];
            // batch, size, in, out, kernel, stride, padding, window height, window width
            int[][] sizes =
            [
                [3, 14, 16, 32, 3, 1, 1, 2, 2], [2, 28, 1, 16, 3, 1, 1, 2, 2], [2, 9, 3, 10, 3, 1, 1, 2, 2], [2, 11, 5, 33, 3, 1, 0, 2, 3], [2, 12, 4, 7, 5, 2, 2, 1, 2],
                [18, 6, 2, 16, 1, 1, 0, 3, 3], [2, 8, 16, 16, 3, 1, 1, 8, 8], [1, 5, 16, 8, 2, 1, 0, 2, 2], [2, 10, 32, 48, 3, 1, 1, 2, 2], [2, 8, 8, 3, 3, 1, 1, 1, 1],
                [1, 60, 16, 16, 3, 1, 1, 2, 2], [2, 16, 1, 32, 3, 1, 0, 2, 2], [2, 10, 1, 20, 5, 1, 2, 2, 2], [2, 6, 64, 64, 3, 1, 1, 2, 2],
            ];
            foreach (UnaryKind kind in new[] { UnaryKind.Relu, UnaryKind.Swish })
            {
                foreach (int[] size in sizes) rows.Add(kind, size);
            }
            foreach (UnaryKind kind in new[] { UnaryKind.Identity, UnaryKind.LeakyRelu, UnaryKind.Sigmoid, UnaryKind.Tanh }) rows.Add(kind, sizes[2]);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void The_block_is_the_chain_of_its_parts(UnaryKind kind, int[] s)
    {
        // Winograd's sums are other sums
        FastPaths.Off = FastPath.Winograd;
        try
        {
            Check<float>(kind, s);
            Check<double>(kind, s);
        }
        finally
        {
            FastPaths.Off = FastPath.None;
        }
    }

    public static TheoryData<string, UnaryKind, int[]> Paths
    {
        get
        {
            TheoryData<string, UnaryKind, int[]> rows = [];
            // batch, size, in, out, alive in 4
            int[][] sizes = [[3, 14, 16, 32, 4], [2, 12, 32, 48, 1], [1, 29, 64, 64, 4], [2, 28, 1, 16, 2], [2, 9, 16, 16, 3], [1, 13, 3, 33, 4], [5, 8, 128, 64, 1], [2, 11, 17, 37, 4], [1, 9, 30, 50, 2]];
            foreach (FastPath path in new[] { FastPath.Winograd, FastPath.Quads, FastPath.Winners, FastPath.Patches })
            {
                foreach (UnaryKind kind in new[] { UnaryKind.Relu, UnaryKind.LeakyRelu, UnaryKind.Swish })
                {
                    foreach (int[] size in sizes) rows.Add($"{path}", kind, size);
                }
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_fast_path_agrees_with_the_plain_one(string path, UnaryKind kind, int[] s)
    {
        Agree<float>(Enum.Parse<FastPath>(path), kind, s, 1e-5);
        Agree<double>(Enum.Parse<FastPath>(path), kind, s, 1e-12);
    }

    private static void Agree<T>(FastPath path, UnaryKind kind, int[] s, double tolerance)
        where T : unmanaged
    {
        FusedActivation f = new(kind, 0.1);
        (ConvGeometry conv, PoolGeometry pool) = Same3(s[0], s[1], s[2], s[3]);
        Shape xs = [s[0], s[1], s[1], s[2]], ws = [3, 3, s[2], s[3]], ys = [s[0], pool.OutHeight, pool.OutWidth, s[3]];
        Buffered<T> x = new(xs, KernelAssert.Numbers(1)), w = new(ws, Weights(s[2])), bias = new([s[3]], KernelAssert.Numbers(3));
        bool keepSlope = !f.GradientFromOutput;
        Buffered<T>? plainSlope = keepSlope ? new Buffered<T>(ys, _ => double.NaN) : null;
        Buffered<T> plain = new(ys, _ => double.NaN);
        Buffered<byte> plainPlaces = new(ys, _ => 99);

        (double[] Y, double[] Slope) Forward(Buffered<T> y, Buffered<byte> places, Buffered<T>? slope)
        {
            Assert.True(CpuBackend.Instance.ConvPool(x.View, w.View, bias.View, conv, f, pool, y.View, places.View, slope is null ? default : slope.View));
            return (y.Read(), slope?.Read() ?? []);
        }

        // the same saved values and places for both, so that a near tie can't send the gradient two ways
        double[][] Backward(bool accumulate = false)
        {
            Func<int, double> before = accumulate ? KernelAssert.Numbers(5) : static _ => double.NaN;
            Buffered<T> dy = new(ys, i => i % 4 < s[4] ? KernelAssert.Numbers(4)(i) : 0), dx = new(xs, before), dw = new(ws, before);
            Buffered<T> db = new([s[3]], before);
            Assert.True(CpuBackend.Instance.ConvPoolGrad(
                x.View, w.View, conv, f, pool, (keepSlope ? plainSlope! : plain).View, plainPlaces.View, dy.View, dx.View, accumulate, dw.View, accumulate, db.View, accumulate));
            return [dx.Read(), dw.Read(), db.Read()];
        }

        double[][] plainGradients;
        (double[] Y, double[] Slope) expected;
        FastPaths.Off = path;
        try
        {
            expected = Forward(plain, plainPlaces, plainSlope);
            plainGradients = Backward();
        }
        finally
        {
            FastPaths.Off = FastPath.None;
        }
        (double[] Y, double[] Slope) actual = Forward(new(ys, _ => double.NaN), new(ys, _ => 99), keepSlope ? new(ys, _ => double.NaN) : null);
        Near(expected.Y, actual.Y, "y");
        Near(expected.Slope, actual.Slope, "slope");
        double[][] gradients = Backward();
        Near(plainGradients[0], gradients[0], "dx");
        Near(plainGradients[1], gradients[1], "dw");
        Near(plainGradients[2], gradients[2], "dbias");
        double[][] added = Backward(accumulate: true);
        for (int i = 0; i < 3; i++) Near([.. plainGradients[i].Select((g, at) => g + KernelAssert.Numbers(5)(at))], added[i], $"gradient {i} added to what was there");

        void Near(double[] a, double[] b, string what)
        {
            double scale = a.Select(Math.Abs).DefaultIfEmpty(0).Max();
            for (int i = 0; i < a.Length; i++) Assert.True(Math.Abs(a[i] - b[i]) <= tolerance * scale, $"{what}[{i}] is {b[i]:R}, the plain path gives {a[i]:R}");
        }
    }

    /// <summary>Without a pool: forward, to the input and to the kernel, with tiles that stick out, parts of vectors, bias and activation, and values that aren't finite.</summary>
    [Theory]
    [InlineData(2, 14, 16, 32, 1)]
    [InlineData(1, 57, 64, 16, 1)]
    [InlineData(3, 13, 17, 15, 1)]
    [InlineData(2, 9, 31, 50, 0)]
    [InlineData(4, 7, 12, 130, 2)]
    [InlineData(1, 8, 128, 64, 0)]
    [InlineData(1, 8, 1000, 24, 1)]
    [InlineData(2, 130, 12, 13, 1)]
    [InlineData(17, 6, 70, 66, 1)]
    [InlineData(1, 11, 20, 140, 1)]
    public void Winograd_agrees_with_the_plain_sums(int batch, int size, int input, int output, int pad)
    {
        foreach (double special in new[] { 0, double.NaN, double.PositiveInfinity, 3e38 })
        {
            AgreePlain<float>(batch, size, input, output, pad, special, 1e-5);
            AgreePlain<double>(batch, size, input, output, pad, special, 1e-12);
        }
    }

    private static void AgreePlain<T>(int batch, int size, int input, int output, int pad, double special, double tolerance)
        where T : unmanaged
    {
        int outSize = size + 2 * pad - 2;
        ConvGeometry conv = Same3(batch, size, input, output).Conv with { PadTop = pad, PadLeft = pad, OutHeight = outSize, OutWidth = outSize };
        Shape xs = [batch, size, size, input], ys = [batch, outSize, outSize, output];
        int at = special == 0 ? -1 : (batch - 1) * size * size * input + (size / 2 * size + 3) * input + 5;
        Shape ws = [3, 3, input, output];
        Buffered<T> x = new(xs, i => i == at ? special : KernelAssert.Numbers(1)(i)), w = new(ws, Weights(input)), bias = new([output], KernelAssert.Numbers(3));
        int dzAt = special == 0 ? -1 : (batch - 1) * outSize * outSize * output + 5;
        Buffered<T> dz = new(ys, i => i == dzAt ? special : KernelAssert.Numbers(4)(i));
        double[][] Run() => KernelAssert.SameAtAnyThreadCount(() =>
        {
            Buffered<T> y = new(ys, _ => double.NaN), slope = new(ys, _ => double.NaN), dx = new(xs, _ => double.NaN), sum = new(xs, KernelAssert.Numbers(5));
            CpuBackend.Instance.Conv2D(x.View, w.View, bias.View, conv, new(UnaryKind.Swish), y.View, slope.View);
            CpuBackend.Instance.Conv2DInputGrad(dz.View, w.View, conv, dx.View, false);
            CpuBackend.Instance.Conv2DInputGrad(dz.View, w.View, conv, sum.View, true);
            Buffered<T> dw = new(ws, _ => double.NaN), dwSum = new(ws, KernelAssert.Numbers(6));
            CpuBackend.Instance.Conv2DWeightGrad(x.View, dz.View, conv, dw.View, false);
            CpuBackend.Instance.Conv2DWeightGrad(x.View, dz.View, conv, dwSum.View, true);
            return [y.Read(), slope.Read(), dx.Read(), sum.Read(), dw.Read(), dwSum.Read()];
        });
        FastPaths.Off = FastPath.Winograd;
        double[][] plain;
        try
        {
            plain = Run();
        }
        finally
        {
            FastPaths.Off = FastPath.None;
        }
        double[][] fast = Run();
        for (int k = 0; k < plain.Length; k++)
        {
            double scale = plain[k].Where(v => Math.Abs(v) < 1e30).Select(Math.Abs).DefaultIfEmpty(0).Max();
            for (int i = 0; i < plain[k].Length; i++)
            {
                double a = plain[k][i], b = fast[k][i], allowed = tolerance * Math.Max(scale, Math.Abs(a));
                bool close = double.IsFinite(a) ? Math.Abs(a - b) <= allowed : a.Equals(b);
                // beside so large a number a tile keeps nothing of its small neighbours
                if (!close && special > 1e30 && double.IsFinite(a)) close = Math.Abs(a - b) <= 1e-6 * special;
                Assert.True(close, $"result {k}, element {i} is {b:R}, the plain path gives {a:R} ({special})");
            }
        }
    }

    /// <summary>Blocks of rows that see more than one row of padding: an image after another, wide enough to be cut.</summary>
    [Theory]
    [InlineData(7, 2, 2)]
    [InlineData(8, 2, 3)]
    [InlineData(9, 0, 2)]
    [InlineData(12, 4, 1)]
    public void Wide_images_with_much_padding_agree_with_the_plain_sums(int height, int top, int bottom)
    {
        const int Width = 130;
        int outHeight = height + top + bottom - 2;
        ConvGeometry conv = Same3(2, height, 64, 64).Conv with { InWidth = Width, PadTop = top, PadLeft = 2, OutHeight = outHeight, OutWidth = Width + 2 };
        Shape xs = [2, height, Width, 64], ys = [2, outHeight, Width + 2, 64];
        Buffered<float> x = new(xs, KernelAssert.Numbers(1)), w = new([3, 3, 64, 64], Weights(64)), dz = new(ys, KernelAssert.Numbers(4));
        double[][] Run(FastPath off)
        {
            FastPaths.Off = off;
            try
            {
                return KernelAssert.SameAtAnyThreadCount(() =>
                {
                    Buffered<float> y = new(ys, _ => double.NaN), dx = new(xs, _ => double.NaN), dw = new([3, 3, 64, 64], _ => double.NaN);
                    CpuBackend.Instance.Conv2D(x.View, w.View, default, conv, FusedActivation.None, y.View, default);
                    CpuBackend.Instance.Conv2DInputGrad(dz.View, w.View, conv, dx.View, false);
                    CpuBackend.Instance.Conv2DWeightGrad(x.View, dz.View, conv, dw.View, false);
                    return [y.Read(), dx.Read(), dw.Read()];
                });
            }
            finally
            {
                FastPaths.Off = FastPath.None;
            }
        }

        double[][] plain = Run(FastPath.Winograd), fast = Run(FastPath.None);
        for (int k = 0; k < plain.Length; k++)
        {
            double scale = plain[k].Select(Math.Abs).Max();
            for (int i = 0; i < plain[k].Length; i++) Assert.True(Math.Abs(plain[k][i] - fast[k][i]) <= 1e-5 * scale, $"result {k}, element {i}: {fast[k][i]:R} for {plain[k][i]:R}");
        }
    }

    /// <summary>Few result channels: products first, or the weight gradient the other way round.</summary>
    [Theory]
    [InlineData(2, 14, 32, 1, 3, 1, 1)]
    [InlineData(1, 9, 17, 3, 3, 0, 1)]
    [InlineData(3, 13, 16, 2, 5, 2, 1)]
    [InlineData(2, 11, 40, 4, 3, 2, 2)]
    [InlineData(2, 8, 3, 32, 3, 1, 1)]
    public void Few_result_channels_agree_with_the_plain_sums(int batch, int size, int input, int output, int kernel, int pad, int dilation)
    {
        foreach (bool accumulate in new[] { false, true })
        {
            Few<float>(batch, size, input, output, kernel, pad, dilation, accumulate, 1e-5);
            Few<double>(batch, size, input, output, kernel, pad, dilation, accumulate, 1e-12);
        }
    }

    private static void Few<T>(int batch, int size, int input, int output, int kernel, int pad, int dilation, bool accumulate, double tolerance)
        where T : unmanaged
    {
        int outSize = size + 2 * pad - dilation * (kernel - 1);
        ConvGeometry conv = Same3(batch, size, input, output).Conv with
        {
            KernelHeight = kernel,
            KernelWidth = kernel,
            PadTop = pad,
            PadLeft = pad,
            DilationHeight = dilation,
            DilationWidth = dilation,
            OutHeight = outSize,
            OutWidth = outSize,
        };
        Shape xs = [batch, size, size, input], ws = [kernel, kernel, input, output], ys = [batch, outSize, outSize, output];
        Buffered<T> x = new(xs, KernelAssert.Numbers(1)), w = new(ws, KernelAssert.Numbers(2)), bias = new([output], KernelAssert.Numbers(3)), dz = new(ys, KernelAssert.Numbers(4));
        double[][] Run(FastPath off)
        {
            FastPaths.Off = off;
            try
            {
                return KernelAssert.SameAtAnyThreadCount(() =>
                {
                    Buffered<T> y = new(ys, _ => double.NaN), dx = new(xs, KernelAssert.Numbers(5)), dw = new(ws, KernelAssert.Numbers(6));
                    CpuBackend.Instance.Conv2D(x.View, w.View, bias.View, conv, new(UnaryKind.Relu), y.View, default);
                    CpuBackend.Instance.Conv2DInputGrad(dz.View, w.View, conv, dx.View, accumulate);
                    CpuBackend.Instance.Conv2DWeightGrad(x.View, dz.View, conv, dw.View, accumulate);
                    return [y.Read(), dx.Read(), dw.Read()];
                });
            }
            finally
            {
                FastPaths.Off = FastPath.None;
            }
        }

        double[][] plain = Run(FastPath.FewResults), fast = Run(FastPath.None);
        for (int k = 0; k < plain.Length; k++)
        {
            double scale = plain[k].Select(Math.Abs).Max();
            for (int i = 0; i < plain[k].Length; i++) Assert.True(Math.Abs(plain[k][i] - fast[k][i]) <= tolerance * scale, $"result {k}, element {i}: {fast[k][i]:R} for {plain[k][i]:R}");
        }
    }

    /// <summary>Winograd would spread an infinity over a tile; a result that isn't finite comes from the plain sums.</summary>
    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    [InlineData(3e38)]
    public void What_is_not_finite_is_what_the_plain_path_gives(double value)
    {
        (ConvGeometry conv, PoolGeometry pool) = Same3(3, 14, 16, 32);
        Shape ys = [3, 7, 7, 32];
        Buffered<float> w = new([3, 3, 16, 32], KernelAssert.Numbers(2));
        foreach (int at in new[] { 14 * 14 * 16 + 5, 14 * 14 * 16 + 15 * 16 + 3, 2 * 14 * 14 * 16 + 30 * 16 + 7 })
        {
            Buffered<float> x = new([3, 14, 14, 16], i => i == at ? value : KernelAssert.Numbers(1)(i));
            (double[] Y, double[] Places) Run(FastPath off)
            {
                Buffered<float> y = new(ys, _ => 0);
                Buffered<byte> places = new(ys, _ => 99);
                FastPaths.Off = off;
                try
                {
                    Assert.True(CpuBackend.Instance.ConvPool(x.View, w.View, default, conv, new(UnaryKind.Relu), pool, y.View, places.View, default));
                }
                finally
                {
                    FastPaths.Off = FastPath.None;
                }
                return (y.Read(), places.Read());
            }

            (double[] Y, double[] Places) plain = Run(FastPath.Winograd), fast = Run(FastPath.None);
            int image = 7 * 7 * 32, first = at / (14 * 14 * 16) * image;
            Assert.Equal(plain.Y[first..(first + image)].Select(double.IsFinite), fast.Y[first..(first + image)].Select(double.IsFinite));
            Assert.Contains(plain.Y, v => double.IsNaN(v) || v > 1e37);
        }
    }

    /// <summary>Weights as networks have them, so that the activation sees outputs around 1, as it does there: f' of larger ones tells more of their last bits.</summary>
    private static Func<int, double> Weights(int input)
    {
        Func<int, double> numbers = KernelAssert.Numbers(2);
        double gain = 1 / Math.Sqrt(9 * input);
        return i => gain * numbers(i);
    }

    private static (ConvGeometry Conv, PoolGeometry Pool) Same3(int batch, int size, int input, int output) => (
        new()
        {
            Batch = batch,
            InHeight = size,
            InWidth = size,
            InChannels = input,
            OutHeight = size,
            OutWidth = size,
            OutChannels = output,
            KernelHeight = 3,
            KernelWidth = 3,
            PadTop = 1,
            PadLeft = 1,
        },
        new()
        {
            Batch = batch,
            InHeight = size,
            InWidth = size,
            Channels = output,
            OutHeight = size / 2,
            OutWidth = size / 2,
            WindowHeight = 2,
            WindowWidth = 2,
            StrideHeight = 2,
            StrideWidth = 2,
        });

    private static void Check<T>(UnaryKind kind, int[] s)
        where T : unmanaged
    {
        int size = (s[1] + 2 * s[6] - s[4]) / s[5] + 1;
        FusedActivation f = new(kind, kind == UnaryKind.LeakyRelu ? 0.25 : 0);
        ConvGeometry conv = new()
        {
            Batch = s[0],
            InHeight = s[1],
            InWidth = s[1],
            InChannels = s[2],
            OutHeight = size,
            OutWidth = size,
            OutChannels = s[3],
            KernelHeight = s[4],
            KernelWidth = s[4],
            StrideHeight = s[5],
            StrideWidth = s[5],
            PadTop = s[6],
            PadLeft = s[6],
        };
        PoolGeometry pool = new()
        {
            Batch = s[0],
            InHeight = size,
            InWidth = size,
            Channels = s[3],
            OutHeight = size / s[7],
            OutWidth = size / s[8],
            WindowHeight = s[7],
            WindowWidth = s[8],
            StrideHeight = s[7],
            StrideWidth = s[8],
        };
        Shape xs = [s[0], s[1], s[1], s[2]], ws = [s[4], s[4], s[2], s[3]], zs = [s[0], size, size, s[3]], ys = [s[0], pool.OutHeight, pool.OutWidth, s[3]];
        Buffered<T> x = new(xs, KernelAssert.Numbers(1)), w = new(ws, KernelAssert.Numbers(2)), bias = new([s[3]], KernelAssert.Numbers(3));
        TensorView none = default;
        CpuBackend cpu = CpuBackend.Instance;
        // the chain, by the kernels that have tests of their own
        Buffered<T> full = new(zs, _ => double.NaN), fullSlope = new(zs, _ => double.NaN), y = new(ys, _ => double.NaN);
        Buffered<byte> argmax = new(ys, _ => 99);
        cpu.Conv2D(x.View, w.View, bias.View, conv, f, full.View, fullSlope.View);
        cpu.MaxPool2D(full.View, pool, y.View, argmax.View);
        double[] slopes = fullSlope.Read(), dyv = new Buffered<T>(ys, Gradient).Read();
        int[] winner = References.MaxPool(pool, full.Read()).Winner;
        double[] dz = new double[zs.ElementCount], dbias = [.. Enumerable.Range(0, s[3]).Select(KernelAssert.Numbers(7))];
        for (int q = 0; q < winner.Length; q++)
        {
            dz[winner[q]] += dyv[q] * slopes[winner[q]];
            dbias[q % s[3]] += dyv[q] * slopes[winner[q]];
        }
        Buffered<T> dzView = new(zs, i => dz[i]), dx = new(xs, KernelAssert.Numbers(5)), dw = new(ws, KernelAssert.Numbers(6));
        cpu.Conv2DInputGrad(dzView.View, w.View, conv, dx.View, true);
        cpu.Conv2DWeightGrad(x.View, dzView.View, conv, dw.View, true);

        double[][] actual = KernelAssert.SameAtAnyThreadCount(() =>
        {
            Buffered<T> result = new(ys, _ => double.NaN), slope = new(ys, _ => double.NaN), alone = new(ys, _ => double.NaN), dy = new(ys, Gradient);
            Buffered<byte> places = new(ys, _ => 99);
            Assert.True(cpu.ConvPool(x.View, w.View, bias.View, conv, f, pool, result.View, places.View, slope.View));
            Assert.True(cpu.ConvPool(x.View, w.View, bias.View, conv, f, pool, alone.View, none, none));
            Buffered<T> gradientX = new(xs, KernelAssert.Numbers(5)), gradientW = new(ws, KernelAssert.Numbers(6)), gradientB = new([s[3]], KernelAssert.Numbers(7));
            TensorView saved = f.GradientFromOutput ? result.View : slope.View;
            Assert.True(cpu.ConvPoolGrad(
                x.View, w.View, conv, f, pool, saved, places.View, dy.View, gradientX.View, true, gradientW.View, true, gradientB.View, true));
            Buffered<T> again = new(ys, Gradient), onlyX = new(xs, _ => double.NaN), onlyW = new(ws, _ => double.NaN);
            Assert.True(cpu.ConvPoolGrad(x.View, w.View, conv, f, pool, saved, places.View, again.View, none, false, onlyW.View, false, none, false));
            again = new(ys, Gradient);
            Assert.True(cpu.ConvPoolGrad(x.View, w.View, conv, f, pool, saved, places.View, again.View, onlyX.View, false, none, false, none, false));
            return [result.Read(), alone.Read(), places.Read(), slope.Read(), gradientX.Read(), gradientW.Read(), gradientB.Read(), onlyX.Read(), onlyW.Read()];
        });
        Assert.Equal(y.Read(), actual[0]);
        Assert.Equal(y.Read(), actual[1]);
        Assert.Equal(argmax.Read(), actual[2]);
        Assert.Equal(winner.Select(i => slopes[i]), actual[3]);
        double scale = Math.Sqrt(s[0] * size * size + s[3] * s[4] * s[4]);
        KernelAssert.Close<T>(dx.Read(), actual[4], "dx", scale);
        KernelAssert.Close<T>(dw.Read(), actual[5], "dw", scale);
        KernelAssert.Close<T>(dbias, actual[6], "dbias", scale);
        KernelAssert.Close<T>([.. dx.Read().Select((v, i) => v - KernelAssert.Numbers(5)(i))], actual[7], "dx alone", scale);
        KernelAssert.Close<T>([.. dw.Read().Select((v, i) => v - KernelAssert.Numbers(6)(i))], actual[8], "dw alone", scale);
    }

    /// <summary>Zeros among them, as after an activation that cuts.</summary>
    private static double Gradient(int i) => i % 3 == 0 ? 0 : KernelAssert.Numbers(4)(i);

    [Fact]
    public void Overlapping_and_padded_windows_are_declined()
    {
        ConvGeometry conv = new() { Batch = 1, InHeight = 6, InWidth = 6, InChannels = 1, OutHeight = 6, OutWidth = 6, OutChannels = 1, KernelHeight = 3, KernelWidth = 3, PadTop = 1, PadLeft = 1 };
        PoolGeometry pool = new() { Batch = 1, InHeight = 6, InWidth = 6, Channels = 1, OutHeight = 3, OutWidth = 3, WindowHeight = 3, WindowWidth = 3, StrideHeight = 2, StrideWidth = 2, PadTop = 1, PadLeft = 1 };
        Buffered<float> x = new([1, 6, 6, 1], KernelAssert.Numbers(1)), w = new([3, 3, 1, 1], KernelAssert.Numbers(2)), y = new([1, 3, 3, 1], KernelAssert.Numbers(3));
        Assert.False(CpuBackend.Instance.ConvPool(x.View, w.View, default, conv, FusedActivation.None, pool, y.View, default, default));
        Assert.False(CpuBackend.Instance.ConvPool(x.View, w.View, default, conv, FusedActivation.None, pool with { PadTop = 0, PadLeft = 0, OutHeight = 2, OutWidth = 2 }, y.View, default, default));
    }
}
