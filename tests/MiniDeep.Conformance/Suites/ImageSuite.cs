using CsCheck;

namespace MiniDeep.Conformance;

/// <summary>Conv2D with its two gradients, MaxPool2D and its gradient.</summary>
public abstract class ImageSuite(BackendUnderTest backend) : Suite(backend)
{
    private static readonly bool[] s_both = [false, true];

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Conv2D(DType dtype) =>
        Each(from g in Geometries.Convolutions from bias in s_both select (g, bias), row => CheckConvolution(dtype, row.g, FusedActivation.None, row.bias, false));

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Conv2D_with_activation(DType dtype) =>
        Each(from f in Geometries.Activations
             from g in Geometries.Convolutions.Where((_, i) => i % 3 == 1)
             from slope in s_both
             select (f, g, slope), row => CheckConvolution(dtype, row.g, row.f, true, row.slope));

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Conv2D_shows_where_not_a_number_comes_from(DType dtype) =>
        Each(from g in Geometries.Convolutions where g.Batch * g.InChannels * g.OutChannels * g.OutHeight > 0 from special in (double[])[double.NaN, double.PositiveInfinity] select (g, special), row =>
        {
            // Only the outputs that see the element may show it.
            Draw draw = Draw.For($"{row}");
            ConvGeometry g = row.g;
            Operand x = draw.Input(dtype, InputShape(g), draw.Exact), w = draw.Input(dtype, WeightShape(g), () => draw.Bool() ? 1 : -2), y = draw.Result(dtype, OutputShape(g));
            x.Set(draw.Integer(0, x.Positions.Length), row.special);
            Check(Tolerance.Forward, [x, w, y], (b, v) => b.Conv2D(v[0], v[1], default, g, FusedActivation.None, v[2], default));
        });

    /// <summary>Whatever lies beside it: from the background of an image a ReLU without a bias must not let a rounding error through.</summary>
    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Conv2D_of_zeros_is_the_bias(DType dtype) =>
        Each(from g in Geometries.Convolutions from bias in s_both select (g, bias), row =>
        {
            (ConvGeometry g, bool withBias) = row;
            Draw draw = Draw.For($"{row}");
            Operand x = MostlyZeros(draw, dtype, g), w = draw.Input(dtype, WeightShape(g)), y = draw.Result(dtype, OutputShape(g));
            Operand? bias = withBias ? draw.Input(dtype, [g.OutChannels]) : null;
            double[] sums = y.Floats(RunReference([x, w, y], (b, v) => Run(b, v[0], v[1], default, v[2]))[2]);
            double[] actual = y.Floats(RunAlone([x, w, bias, y], (b, v) => Run(b, v[0], v[1], v[2], v[3]))[3]), biases = bias?.Floats(bias.Image) ?? [];
            for (int i = 0; i < sums.Length; i++)
            {
                if (sums[i] == 0) Assert.Equal(withBias ? biases[i % g.OutChannels] : 0, actual[i]);
            }

            bool Run(IBackend backend, in TensorView x, in TensorView w, in TensorView bias, in TensorView y)
            {
                backend.Conv2D(x, w, bias, g, FusedActivation.None, y, default);
                return true;
            }
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Conv2DInputGrad(DType dtype) =>
        Each(from g in Geometries.Convolutions from accumulate in s_both select (g, accumulate), row =>
        {
            (ConvGeometry g, bool accumulate) = row;
            Draw draw = Draw.For($"{row}");
            Operand dz = draw.Input(dtype, OutputShape(g)), w = Weights(draw, dtype, g, g.OutChannels), dx = draw.Result(dtype, InputShape(g), accumulate);
            Check(Tolerance.Backward, [dz, w, dx], (b, v) => b.Conv2DInputGrad(v[0], v[1], g, v[2], accumulate));
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void Conv2DWeightGrad(DType dtype) =>
        Each(from g in Geometries.Convolutions from accumulate in s_both select (g, accumulate), row =>
        {
            (ConvGeometry g, bool accumulate) = row;
            Draw draw = Draw.For($"{row}");
            Operand x = draw.Input(dtype, InputShape(g)), dz = draw.Input(dtype, OutputShape(g)), dw = draw.Result(dtype, WeightShape(g), accumulate);
            double terms = Math.Max(g.Batch * g.OutHeight * g.OutWidth, 1);
            Check(Tolerance.Backward with { Scale = Math.Sqrt(terms) }, [x, dz, dw], (b, v) => b.Conv2DWeightGrad(v[0], v[1], g, v[2], accumulate));
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void MaxPool2D(DType dtype) =>
        Each(from g in Geometries.Pools from argmax in s_both from ties in s_both select (g, argmax, ties), row =>
        {
            PoolGeometry g = row.g;
            Draw draw = Draw.For($"{row}");
            Operand x = draw.Input(dtype, PoolInput(g), row.ties ? draw.Exact : draw.Normal), y = draw.Result(dtype, PoolOutput(g));
            Operand? argmax = row.argmax ? draw.Result(DType.UInt8, PoolOutput(g)) : null;
            Check(Tolerance.Exact, [x, y, argmax], (b, v) => b.MaxPool2D(v[0], g, v[1], v[2]));
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void MaxPool2D_of_special_values(DType dtype) =>
        Each(from g in Geometries.Pools
             from special in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity]
             from share in (int[])[1, 2, 12]
             select (g, special, share), row =>
        {
            PoolGeometry g = row.g;
            Draw draw = Draw.For($"{row}");
            Operand x = draw.Input(dtype, PoolInput(g), () => draw.Integer(0, row.share) == 0 ? row.special : draw.Exact() + 0.5);
            Check(Tolerance.Exact, [x, draw.Result(dtype, PoolOutput(g)), draw.Result(DType.UInt8, PoolOutput(g))], (b, v) => b.MaxPool2D(v[0], g, v[1], v[2]));
        });

    [SkippableTheory]
    [MemberData(nameof(Floats))]
    public void MaxPool2DGrad(DType dtype) =>
        Each(from g in Geometries.Pools from accumulate in s_both select (g, accumulate), row =>
        {
            (PoolGeometry g, bool accumulate) = row;
            Draw draw = Draw.For($"{row}");
            Operand dy = draw.Input(dtype, PoolOutput(g)), argmax = Places(draw, g), dx = draw.Result(dtype, PoolInput(g), accumulate);
            Check(Tolerance.Backward, [dy, argmax, dx], (b, v) => b.MaxPool2DGrad(v[0], v[1], g, v[2], accumulate));
        });

    [SkippableFact]
    public void Any_convolution() =>
        Gen.Int[0, int.MaxValue].Sample(seed =>
        {
            Draw draw = new(seed);
            int groups = draw.Integer(1, 4), inChannels = groups * draw.Integer(1, 6), outChannels = groups * draw.Integer(1, 20);
            ConvGeometry g = Geometries.Conv(
                draw.Integer(0, 4), draw.Integer(1, 12), draw.Integer(1, 12), inChannels, outChannels, draw.Integer(1, 5), draw.Integer(1, 5), draw.Bool(),
                (draw.Integer(1, 4), draw.Integer(1, 4)), (draw.Integer(1, 3), draw.Integer(1, 3)), groups);
            DType dtype = FloatTypes[draw.Integer(0, 2)];
            bool accumulate = draw.Bool();
            CheckConvolution(dtype, g, new FusedActivation(UnaryKind.Relu), draw.Bool(), false);

            Operand x = draw.Input(dtype, InputShape(g)), w = Weights(draw, dtype, g, g.OutChannels), dz = draw.Input(dtype, OutputShape(g));
            Check(Tolerance.Backward, [dz, w, draw.Result(dtype, InputShape(g), accumulate)], (b, v) => b.Conv2DInputGrad(v[0], v[1], g, v[2], accumulate));
            Check(Tolerance.Backward, [x, dz, draw.Result(dtype, WeightShape(g), accumulate)], (b, v) => b.Conv2DWeightGrad(v[0], v[1], g, v[2], accumulate));

            PoolGeometry pool = Geometries.Pool(
                draw.Integer(0, 4), draw.Integer(1, 12), draw.Integer(1, 12), draw.Integer(1, 40), draw.Integer(1, 5), draw.Integer(1, 5), draw.Integer(1, 4), draw.Integer(1, 4), draw.Bool());
            Operand image = draw.Input(dtype, PoolInput(pool), draw.Exact), argmax = draw.Result(DType.UInt8, PoolOutput(pool));
            Check(Tolerance.Exact, [image, draw.Result(dtype, PoolOutput(pool)), argmax], (b, v) => b.MaxPool2D(v[0], pool, v[1], v[2]));
            Check(Tolerance.Backward, [draw.Input(dtype, PoolOutput(pool)), Places(draw, pool), draw.Result(dtype, PoolInput(pool), accumulate)],
                (b, v) => b.MaxPool2DGrad(v[0], v[1], pool, v[2], accumulate));
        }, iter: 200 / Under.Thinning, threads: 1);

    /// <summary>Images of zeros, with some pixels of random numbers.</summary>
    internal static Operand MostlyZeros(Draw draw, DType dtype, ConvGeometry g)
    {
        Operand x = draw.Input(dtype, InputShape(g), static () => 0);
        int pixels = g.Batch * g.InHeight * g.InWidth;
        for (int i = 0; i < pixels; i += 16)
        {
            int pixel = draw.Integer(0, pixels);
            for (int c = 0; c < g.InChannels; c++) x.Set(pixel * g.InChannels + c, draw.Uniform(-1, 1));
        }
        return x;
    }

    internal static Shape InputShape(ConvGeometry g) => [g.Batch, g.InHeight, g.InWidth, g.InChannels];

    internal static Shape OutputShape(ConvGeometry g) => [g.Batch, g.OutHeight, g.OutWidth, g.OutChannels];

    internal static Shape WeightShape(ConvGeometry g) => [g.KernelHeight, g.KernelWidth, g.InChannels / g.Groups, g.OutChannels];

    internal static Shape PoolInput(PoolGeometry g) => [g.Batch, g.InHeight, g.InWidth, g.Channels];

    internal static Shape PoolOutput(PoolGeometry g) => [g.Batch, g.OutHeight, g.OutWidth, g.Channels];

    /// <summary>Weights that keep a sum over so many channels near 1.</summary>
    internal static Operand Weights(Draw draw, DType dtype, ConvGeometry g, int channels)
    {
        double scale = 1 / Math.Sqrt(Math.Max(g.KernelHeight * g.KernelWidth * channels / g.Groups, 1));
        return draw.Input(dtype, WeightShape(g), () => scale * draw.Normal());
    }

    /// <summary>A winner for each window, anywhere in the image.</summary>
    internal static Operand Places(Draw draw, PoolGeometry g)
    {
        int next = 0;
        return draw.Input(DType.UInt8, PoolOutput(g), () =>
        {
            int output = next++;
            int row = output / g.Channels / g.OutWidth % g.OutHeight * g.StrideHeight - g.PadTop, column = output / g.Channels % g.OutWidth * g.StrideWidth - g.PadLeft;
            int y = draw.Integer(Math.Max(0, -row), Math.Min(g.WindowHeight, g.InHeight - row));
            int x = draw.Integer(Math.Max(0, -column), Math.Min(g.WindowWidth, g.InWidth - column));
            return y * g.WindowWidth + x;
        });
    }

    private void CheckConvolution(DType dtype, ConvGeometry g, FusedActivation f, bool biased, bool sloped)
    {
        Draw draw = Draw.For($"{g} {f}");
        Operand x = draw.Input(dtype, InputShape(g)), w = Weights(draw, dtype, g, g.InChannels), y = draw.Result(dtype, OutputShape(g));
        Operand? bias = biased ? draw.Input(dtype, [g.OutChannels]) : null, slope = sloped ? draw.Result(dtype, OutputShape(g)) : null;
        Check(Tolerance.Forward, [x, w, bias, y, slope], (b, v) => b.Conv2D(v[0], v[1], v[2], g, f, v[3], v[4]));
    }
}
