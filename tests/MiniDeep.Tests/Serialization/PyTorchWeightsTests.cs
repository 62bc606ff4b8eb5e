using System.Text.Json;
using MiniDeep.Data;

namespace MiniDeep.Tests.Serialization;

/// <summary>A CNN that PyTorch has trained (tests/fixtures/torch_cnn.py), its state_dict in a safetensors file.</summary>
public class PyTorchWeightsTests
{
    private static readonly Dictionary<string, string> _names = new() { ["conv2d"] = "0", ["conv2d_1"] = "3", ["dense"] = "7", ["dense_1"] = "9" };

    private static string Weights => Repository.PathTo("tests/fixtures/torch_cnn.safetensors");

    private static Sequential Network(DType dtype) => new Sequential([28, 28, 1], dtype)
        .Conv2D(6, 3, Padding.Same, Activation.ReLU).MaxPool2D(2)
        .Conv2D(12, 3, Padding.Valid, Activation.ReLU).MaxPool2D(2)
        .Flatten().Dropout(0.5).Dense(24, Activation.ReLU).Dense(10);

    [Theory]
    [InlineData(DType.Float32, 1e-5)]
    [InlineData(DType.Float64, 1e-12)]
    public void The_same_network_gives_the_same_answers(DType dtype, double tolerance)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Repository.PathTo("tests/fixtures/torch_cnn.json")));
        Sequential model = Network(dtype);
        model.LoadWeights(Weights, layout: WeightLayout.PyTorch, names: _names);

        (_, Dataset test) = Mnist.Load(Repository.PathTo("examples/data/mnist"));
        Assert.Equal(expected.RootElement.GetProperty("images").GetInt32(), test.Count);
        Tensor logits = model.Predict(test);
        double[][] shown = [.. expected.RootElement.GetProperty("logits").EnumerateArray().Select(row => row.EnumerateArray().Select(v => v.GetDouble()).ToArray())];
        double[] ours = logits[..shown.Length].To(DType.Float64).ToArray<double>(), theirs = [.. shown.SelectMany(row => row)];
        Assert.Equal(64, shown.Length);
        Assert.InRange(ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max() / theirs.Max(Math.Abs), 0, tolerance);

        long[] answers = logits.ArgMax().ToArray<long>();
        int[] labels = test.Labels.ToArray<int>();
        Assert.Equal(expected.RootElement.GetProperty("correct").GetInt32(), answers.Zip(labels).Count(pair => pair.First == pair.Second));
    }

    [Fact]
    public void Without_the_layout_or_the_names_nothing_fits_and_nothing_changes()
    {
        Sequential model = Network(DType.Float32);
        string before = Engine.Nets.Bits(model);
        Assert.Contains("unknown 0.bias", Assert.Throws<InvalidDataFileException>(() => model.LoadWeights(Weights, layout: WeightLayout.PyTorch)).Message.Replace("0.weight, ", ""));
        Assert.Contains("no conv2d.kernel (there '0.kernel')", Assert.Throws<InvalidDataFileException>(() => model.LoadWeights(Weights, names: _names)).Message);
        Assert.Equal(before, Engine.Nets.Bits(model));
    }

    [Fact]
    public void A_kernel_in_the_wrong_layout_is_named()
    {
        Sequential model = new Sequential([28, 28, 1]).Conv2D(6, 5);
        string message = Assert.Throws<InvalidDataFileException>(
            () => model.LoadWeights(Weights, strict: false, WeightLayout.PyTorch, new Dictionary<string, string> { ["conv2d"] = "0" })).Message;
        Assert.Contains("expected floats of shape [6, 1, 5, 5] for weight 'conv2d.kernel'", message);
        Assert.Contains("found '0.weight', F32 [6, 1, 3, 3]", message);
    }
}
