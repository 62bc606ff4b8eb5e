namespace MiniDeep.KernelBench;

/// <summary>One kernel with its operands, its nominal multiply-adds, the bytes that it reads and writes where those count, and the same with usual numbers where it has others.</summary>
internal sealed record Case(string Name, double Work, Action Run, double Bytes = 0, DType DType = DType.Float32, Action? Usual = null);

internal static class Cases
{
    private static readonly CpuBackend s_cpu = CpuBackend.Instance;
    private static int s_seed;

    public static TensorView Make(DType dtype, Func<Random, double> value, params int[] sizes)
    {
        Shape shape = Shape.Create(sizes);
        Storage storage = new(Device.Cpu, s_cpu.Allocate((long)shape.ElementCount * dtype.Size() + 64), dtype, shape.ElementCount);
        Random random = new(++s_seed);
        byte[] bytes = new byte[shape.ElementCount * dtype.Size()];
        for (int i = 0; i < shape.ElementCount; i++)
        {
            double v = value(random);
            if (dtype == DType.Float32) BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), (float)v);
            else if (dtype == DType.Float64) BitConverter.TryWriteBytes(bytes.AsSpan(i * 8), v);
            else if (dtype == DType.Int32) BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), (int)v);
            else bytes[i] = (byte)v;
        }
        s_cpu.Upload(bytes, storage, 0);
        return new TensorView(storage, 0, shape);
    }

    private static TensorView Floats(params int[] sizes) => Make(DType.Float32, r => r.NextDouble() - 0.5, sizes);

    private static TensorView Bytes(params int[] sizes) => Make(DType.UInt8, _ => 0, sizes);

    public static IEnumerable<Case> Products()
    {
        foreach ((int m, int k, int n, string kinds) in new[]
        {
            (64, 1568, 128, "NN"), (1568, 64, 128, "TN"), (64, 128, 1568, "NT"), (64, 128, 10, "NN"), (128, 64, 10, "TN"), (64, 10, 128, "NT"),
            (12544, 144, 32, "NN"), (144, 12544, 32, "TN"), (12544, 32, 144, "NT"), (1, 1568, 128, "NN"), (1, 128, 1568, "NT"), (1, 128, 10, "NN"), (8, 1568, 128, "NN"), (16, 16, 16, "NN"),
            (512, 512, 512, "NN NT TN TT"), (1024, 1024, 1024, "NN NT TN TT"), (2048, 2048, 2048, "NN"), (512, 512, 512, "NN NT TN TT 64"), (64, 1568, 128, "NN 64"),
        })
        {
            DType dtype = kinds.EndsWith("64", StringComparison.Ordinal) ? DType.Float64 : DType.Float32;
            foreach (string kind in kinds.Split(' ').Where(kind => kind != "64"))
            {
                bool ta = kind[0] == 'T', tb = kind[1] == 'T';
                TensorView Operand(int rows, int columns) => Make(dtype, r => r.NextDouble() - 0.5, rows, columns);
                TensorView a = ta ? Operand(k, m) : Operand(m, k), b = tb ? Operand(n, k) : Operand(k, n), c = Operand(m, n);
                long bytes = ((long)m * k + (long)k * n + (long)m * n) * dtype.Size();
                yield return new($"gemm {m}x{k}x{n} {kind}{(dtype == DType.Float64 ? " double" : "")}", (double)m * n * k, () => s_cpu.MatMul(a, ta, b, tb, c, false), bytes, dtype);
            }
        }
    }

    public static (ConvGeometry Conv, PoolGeometry Pool) Block(int batch, int size, int input, int output) => (
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

    public static IEnumerable<Case> Convolutions()
    {
        foreach ((int batch, int size, int input, int output) in new[] { (64, 28, 1, 16), (64, 14, 16, 32), (64, 32, 3, 32), (8, 28, 64, 64), (8, 56, 64, 64), (8, 14, 128, 128), (8, 14, 30, 50) })
        {
            (ConvGeometry conv, PoolGeometry pool) = Block(batch, size, input, output);
            double work = (double)batch * size * size * 9 * input * output;
            TensorView x = Floats(batch, size, size, input), w = Floats(3, 3, input, output), bias = Floats(output), z = Floats(batch, size, size, output);
            TensorView y = Floats(batch, size / 2, size / 2, output), argmax = Bytes(batch, size / 2, size / 2, output), dx = Floats(batch, size, size, input);
            TensorView dw = Floats(3, 3, input, output), db = Floats(output);
            string name = $"{batch}x{size}x{size} {input}->{output}";
            yield return new($"conv fwd {name}", work, () => s_cpu.Conv2D(x, w, bias, conv, new(UnaryKind.Relu), z, default));
            if (input > 1) yield return new($"conv dx  {name}", work, () => s_cpu.Conv2DInputGrad(z, w, conv, dx, false));
            yield return new($"conv dw  {name}", work, () => s_cpu.Conv2DWeightGrad(x, z, conv, dw, false));
            yield return new($"convpool {name}", work, () => s_cpu.ConvPool(x, w, bias, conv, new(UnaryKind.Relu), pool, y, argmax, default));
            foreach ((UnaryKind kind, int alive) in new[] { (UnaryKind.LeakyRelu, 100), (UnaryKind.Relu, 100), (UnaryKind.Relu, 25) })
            {
                FusedActivation f = new(kind, kind == UnaryKind.LeakyRelu ? 0.01 : 0);
                string under = $"{name} {kind}, {alive} % alive";
                TensorView saved = Make(DType.Float32, r => r.Next(100) < alive ? 1 : 0, batch, size / 2, size / 2, output), dy = Floats(batch, size / 2, size / 2, output);
                yield return new($"convpool dw {under}", work, () => s_cpu.ConvPoolGrad(x, w, conv, f, pool, saved, argmax, dy, default, false, dw, false, db, false));
                if (input > 1) yield return new($"convpool dx {under}", work, () => s_cpu.ConvPoolGrad(x, w, conv, f, pool, saved, argmax, dy, dx, false, default, false, default, false));
                yield return new($"convpool grad {under}", input > 1 ? 2 * work : work, () => s_cpu.ConvPoolGrad(
                    x, w, conv, f, pool, saved, argmax, dy, input > 1 ? dx : default, false, dw, false, db, false));
            }
        }
    }

    /// <summary>Plain convolutions of every kind: forward and both gradients.</summary>
    public static IEnumerable<Case> ConvolutionShapes()
    {
        (string Name, int Batch, int Size, int In, int Out, int Kernel, int Stride, int Dilation, int Groups)[] rows =
        [
            ("64 channels, 56x56", 1, 56, 64, 64, 3, 1, 1, 1),
            ("1x1, 64->128", 4, 28, 64, 128, 1, 1, 1, 1),
            ("dilation 2", 4, 28, 32, 32, 3, 1, 2, 1),
            ("5x5", 4, 28, 32, 32, 5, 1, 1, 1),
            ("stride 2", 4, 28, 64, 64, 3, 2, 1, 1),
            ("4 groups", 4, 28, 64, 64, 3, 1, 1, 4),
            ("depthwise", 8, 28, 64, 64, 3, 1, 1, 64),
            ("15->17 channels, 13x13", 16, 13, 15, 17, 3, 1, 1, 1),
            ("16->16 channels, 13x13", 16, 13, 16, 16, 3, 1, 1, 1),
            ("31->33 channels, 15x15", 8, 15, 31, 33, 3, 1, 1, 1),
            ("32->32 channels, 15x15", 8, 15, 32, 32, 3, 1, 1, 1),
            ("30->50 channels, 14x14", 8, 14, 30, 50, 3, 1, 1, 1),
            ("3->32 channels, 32x32", 8, 32, 3, 32, 3, 1, 1, 1),
            ("32->1 channels, 32x32", 8, 32, 32, 1, 3, 1, 1, 1),
        ];
        foreach (var r in rows)
        {
            int reach = r.Dilation * (r.Kernel - 1), pad = reach / 2, size = (r.Size + 2 * pad - reach - 1) / r.Stride + 1;
            ConvGeometry conv = new()
            {
                Batch = r.Batch,
                InHeight = r.Size,
                InWidth = r.Size,
                InChannels = r.In,
                OutHeight = size,
                OutWidth = size,
                OutChannels = r.Out,
                KernelHeight = r.Kernel,
                KernelWidth = r.Kernel,
                StrideHeight = r.Stride,
                StrideWidth = r.Stride,
                DilationHeight = r.Dilation,
                DilationWidth = r.Dilation,
                PadTop = pad,
                PadLeft = pad,
                Groups = r.Groups,
            };
            double work = (double)r.Batch * size * size * r.Kernel * r.Kernel * r.In / r.Groups * r.Out;
            TensorView x = Floats(r.Batch, r.Size, r.Size, r.In), w = Floats(r.Kernel, r.Kernel, r.In / r.Groups, r.Out), z = Floats(r.Batch, size, size, r.Out);
            TensorView dx = Floats(r.Batch, r.Size, r.Size, r.In), dw = Floats(r.Kernel, r.Kernel, r.In / r.Groups, r.Out);
            yield return new($"plain conv {r.Name}, fwd", work, () => s_cpu.Conv2D(x, w, default, conv, FusedActivation.None, z, default));
            yield return new($"plain conv {r.Name}, dx", work, () => s_cpu.Conv2DInputGrad(z, w, conv, dx, false));
            yield return new($"plain conv {r.Name}, dw", work, () => s_cpu.Conv2DWeightGrad(x, z, conv, dw, false));
        }
    }

    /// <summary>The layers of exercise 3's network, without loss and optimizer.</summary>
    public static Case Network(int batch, bool train, UnaryKind activation = UnaryKind.Relu)
    {
        (string Name, Action Run)[] parts = [.. Parts(batch, train, activation)];
        double work = batch * (784.0 * 9 * 16 + 196.0 * 9 * 16 * 32 + 1568.0 * 128 + 1280);
        double extra = batch * (784.0 * 9 * 16 + 2 * (196.0 * 9 * 16 * 32 + 1568.0 * 128 + 1280));
        return new($"exercise 3, {batch} images, {(train ? "forward + backward" : "forward")}, {activation}", train ? work + extra : work, () =>
        {
            foreach ((_, Action run) in parts) run();
        });
    }

    /// <summary>The same, call by call.</summary>
    public static IEnumerable<(string Name, Action Run)> Parts(int batch, bool train, UnaryKind activation)
    {
        FusedActivation f = new(activation, 0.3);
        (ConvGeometry conv1, PoolGeometry pool1) = Block(batch, 28, 1, 16);
        (ConvGeometry conv2, PoolGeometry pool2) = Block(batch, 14, 16, 32);
        TensorView x = Floats(batch, 28, 28, 1), w1 = Floats(3, 3, 1, 16), b1 = Floats(16), y1 = Floats(batch, 14, 14, 16), a1 = Bytes(batch, 14, 14, 16);
        TensorView w2 = Floats(3, 3, 16, 32), b2 = Floats(32), y2 = Floats(batch, 7, 7, 32), a2 = Bytes(batch, 7, 7, 32), flat = y2.Reshaped([batch, 1568]);
        TensorView w3 = Floats(1568, 128), b3 = Floats(128), y3 = Floats(batch, 128), w4 = Floats(128, 10), b4 = Floats(10), y4 = Floats(batch, 10);
        TensorView dy4 = Floats(batch, 10), dy3 = Floats(batch, 128), dflat = Floats(batch, 1568), dy2 = dflat.Reshaped([batch, 7, 7, 32]), dy1 = Floats(batch, 14, 14, 16);
        TensorView dw1 = Floats(3, 3, 1, 16), db1 = Floats(16), dw2 = Floats(3, 3, 16, 32), db2 = Floats(32), dw3 = Floats(1568, 128), db3 = Floats(128);
        TensorView dw4 = Floats(128, 10), db4 = Floats(10);
        bool slopes = train && !f.GradientFromOutput;
        TensorView s1 = slopes ? Floats(batch, 14, 14, 16) : default, s2 = slopes ? Floats(batch, 7, 7, 32) : default, s3 = slopes ? Floats(batch, 128) : default;
        yield return ("convolution 1->16", () => s_cpu.ConvPool(x, w1, b1, conv1, f, pool1, y1, train ? a1 : default, s1));
        yield return ("convolution 16->32", () => s_cpu.ConvPool(y1, w2, b2, conv2, f, pool2, y2, train ? a2 : default, s2));
        yield return ("dense 1568->128", () => s_cpu.Linear(flat, w3, b3, f, y3, s3));
        yield return ("dense 128->10", () => s_cpu.Linear(y3, w4, b4, FusedActivation.None, y4, default));
        if (!train) yield break;
        yield return ("dense 128->10, gradients", () => s_cpu.LinearGrad(y3, w4, y4, FusedActivation.None, dy4, dy3, false, dw4, false, db4, false));
        yield return ("dense 1568->128, gradients", () => s_cpu.LinearGrad(flat, w3, slopes ? s3 : y3, f, dy3, dflat, false, dw3, false, db3, false));
        yield return ("convolution 16->32, gradients", () => s_cpu.ConvPoolGrad(y1, w2, conv2, f, pool2, slopes ? s2 : y2, a2, dy2, dy1, false, dw2, false, db2, false));
        yield return ("convolution 1->16, gradients", () => s_cpu.ConvPoolGrad(x, w1, conv1, f, pool1, slopes ? s1 : y1, a1, dy1, default, false, dw1, false, db1, false));
    }

    /// <summary>Exercise 1's network in double, 100 rows: 4-5-4-3 with ReLU.</summary>
    public static IEnumerable<Case> Tiny()
    {
        int[] sizes = [4, 5, 4, 3];
        TensorView Doubles(params int[] shape) => Make(DType.Float64, r => r.NextDouble() - 0.5, shape);
        TensorView[] y = [.. sizes.Select(n => Doubles(100, n))], dy = [.. sizes.Select(n => Doubles(100, n))];
        TensorView[] w = [.. Enumerable.Range(0, 3).Select(i => Doubles(sizes[i], sizes[i + 1]))], dw = [.. w.Select(v => Doubles(v.Shape[0], v.Shape[1]))];
        TensorView[] b = [.. Enumerable.Range(0, 3).Select(i => Doubles(sizes[i + 1]))], db = [.. b.Select(v => Doubles(v.Shape[0]))];
        double work = 100 * (20 + 20 + 12);
        void Forward()
        {
            for (int i = 0; i < 3; i++) s_cpu.Linear(y[i], w[i], b[i], new(i < 2 ? UnaryKind.Relu : UnaryKind.Identity), y[i + 1], default);
        }
        void Backward()
        {
            for (int i = 2; i >= 0; i--)
            {
                s_cpu.LinearGrad(
                    y[i], w[i], y[i + 1], new(i < 2 ? UnaryKind.Relu : UnaryKind.Identity), dy[i + 1],
                    i > 0 ? dy[i] : default, false, dw[i], false, db[i], false);
            }
        }
        yield return new("4-5-4-3 double, 100 rows, forward", work, Forward);
        yield return new("4-5-4-3 double, 100 rows, backward", 2 * work, Backward);
    }
}
