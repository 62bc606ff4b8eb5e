namespace MiniDeep.Tests.Gradients;

/// <summary>A model's blocks give what its layers give one by one.</summary>
public class FusedLayerTests
{
    private const double Tolerance = 1e-12;

    private static readonly (string Name, Shape Input, Func<Sequential, Sequential> Build)[] _models =
    [
        ("Dense + ReLU", [5], static m => m.Dense(7).ReLU()),
        ("Dense + LeakyReLU", [5], static m => m.Dense(7).LeakyReLU(0.1)),
        ("Dense + Swish", [5], static m => m.Dense(7).Swish()),
        ("Dense + Tanh + Dense + Sigmoid", [4], static m => m.Dense(5).Tanh().Dense(3).Sigmoid()),
        ("Dense + Softmax", [4], static m => m.Dense(3).Softmax()),
        ("Dense with an activation and another", [4], static m => m.Dense(6, Activation.Tanh).ReLU()),
        ("Conv2D + ReLU", [6, 5, 2], static m => m.Conv2D(3, 3).ReLU()),
        ("Conv2D + Swish, strides", [7, 6, 2], static m => m.Conv2D(4, 3, Padding.Same, strides: 2).Swish()),
        ("Conv2D + MaxPool2D", [6, 6, 2], static m => m.Conv2D(4, 3, Padding.Same).MaxPool2D(2)),
        ("Conv2D with ReLU + MaxPool2D", [8, 6, 1], static m => m.Conv2D(16, 3, Padding.Same, Activation.ReLU).MaxPool2D(2)),
        ("Conv2D + Swish + MaxPool2D", [7, 7, 2], static m => m.Conv2D(3, 3, Padding.Same).Swish().MaxPool2D(2)),
        ("Conv2D + Tanh + MaxPool2D, overlapping", [7, 8, 2], static m => m.Conv2D(3, 2).Tanh().MaxPool2D(3, 2, Padding.Same)),
        ("Conv2D with LeakyReLU -0.5 + MaxPool2D", [6, 6, 2], static m => m.Conv2D(3, 3, activation: Activation.LeakyReLU(-0.5)).MaxPool2D(2)),
        ("Conv2D with Sigmoid + MaxPool2D", [6, 6, 2], static m => m.Conv2D(3, 3, activation: Activation.Sigmoid).MaxPool2D(2)),
        ("Conv2D without a bias + MaxPool2D", [6, 6, 2], static m => m.Conv2D(3, 3, activation: Activation.Tanh, useBias: false).MaxPool2D(2)),
        ("exercise 3", [12, 12, 1], static m => m.Conv2D(16, 3, Padding.Same, Activation.ReLU).MaxPool2D(2).Conv2D(32, 3, Padding.Same).Swish().MaxPool2D(2).Flatten()
            .Dense(20).LeakyReLU().Dense(10, Activation.Softmax)),
    ];

    public static TheoryData<string> Names => [.. _models.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Blocks_equal_the_plain_layers(string name)
    {
        (_, Shape input, Func<Sequential, Sequential> build) = _models.Single(model => model.Name == name);
        Tensor[] plain = Run(false), fused = Run(true);
        for (int i = 0; i < plain.Length; i++) Close.NormWise(plain[i].ToArray<double>(), fused[i].ToArray<double>(), Tolerance, $"{name}, tensor {i}");

        Tensor[] Run(bool fuse)
        {
            Sequential model = build(new Sequential(input, DType.Float64, seed: 4));
            model.FuseLayers = fuse;
            var draw = new Draw(Device.Cpu);
            Tensor x = draw.Normal(input.Prepend(3));
            x.RequiresGrad = true;
            Tensor y = model.Call(x, training: true);
            (y * draw.Normal(y.Shape)).Sum().Backward();
            Tensor inference;
            using (Tensor.NoGrad()) inference = model.Call(x);
            return [y, inference, x.Grad!, .. model.Parameters.Select(p => p.Grad!)];
        }
    }

    /// <summary>The plan is made anew when the switch is set: with blocks, the layers' own Call isn't used.</summary>
    [Fact]
    public void The_switch_takes_effect()
    {
        Sequential model = new Sequential([6, 6, 1], DType.Float64).Conv2D(2, 3, activation: Activation.ReLU).MaxPool2D(2);
        Tensor x = Tensor.Ones([1, 6, 6, 1], DType.Float64);
        Assert.IsType<ConvPoolOp>(model.Call(x).Node);
        model.FuseLayers = false;
        Assert.IsType<MaxPool2DOp>(model.Call(x).Node);
        model.FuseLayers = true;
        Assert.IsType<ConvPoolOp>(model.Call(x).Node);
    }
}

/// <summary>Comparison by the rule of the design: max|a - b| &lt;= tolerance * max(max|b|, floor).</summary>
internal static class Close
{
    public static void NormWise(double[] expected, double[] actual, double tolerance, string what, double floor = 1e-3)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} elements, expected {expected.Length}.");
        double scale = Math.Max(floor, expected.Select(Math.Abs).DefaultIfEmpty().Max());
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(actual[i] - expected[i]) / scale;
            Assert.True(error <= tolerance, $"{what}: element {i} is {actual[i]:R}, expected {expected[i]:R}: off by {error:G3} of {scale:G3}, at most {tolerance:G3}.");
        }
    }
}
