using MiniDeep.Reference;

namespace MiniDeep.PublicApi.Tests;

/// <summary>A device that somebody brings: the backend is written here, on the public API alone, and a model must not notice.</summary>
public class OwnDeviceTests
{
    private const int Rows = 12, Classes = 3;

    [Fact]
    public void A_tensor_moves_there_and_back()
    {
        var device = new Device("own", new ReferenceBackend());
        Tensor there = Tensor.From([1f, -2f, 3f, 4f], [2, 2]).To(device);
        Assert.Same(device, there.Device);
        Assert.Equal([-1f, 4f, 1f, 16f], (there * there - there - there + Tensor.From([0f, -4f, -2f, 8f], [2, 2], device)).ToArray<float>());
        Assert.Equal([1f, 3f, -2f, 4f], there.Transpose().To(Device.Cpu).ToArray<float>());
    }

    [Fact]
    public void A_gradient_is_the_cpus()
    {
        float[] expected = Gradient(Device.Cpu), actual = Gradient(new Device("own", new ReferenceBackend()));
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5f);
    }

    /// <summary>With the fused members, and without them: then the operations run the plain chain.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_network_learns_there_what_it_learns_on_the_cpu(bool fuses)
    {
        double[] expected = Train(Device.Cpu), actual = Train(new Device("own", new ReferenceBackend { Fuses = fuses }));
        Assert.True(expected[^1] < expected[0], "The training changed nothing.");
        for (int epoch = 0; epoch < expected.Length; epoch++) Assert.Equal(expected[epoch], actual[epoch], 1e-9);
    }

    private static float[] Gradient(Device device)
    {
        var random = new Random(1);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
        Tensor x = Tensor.From(Numbers(12), [3, 4], device), w = Tensor.From(Numbers(20), [4, 5], device), b = Tensor.From(Numbers(5), [5], device);
        w.RequiresGrad = true;
        ((x.MatMul(w) + b).Tanh().Sum(1) * x.Sum(1)).Exp().Mean().Backward();
        return w.Grad!.ToArray<float>();
    }

    /// <summary>The losses of a small network with every layer that fuses.</summary>
    private static double[] Train(Device device)
    {
        var random = new Random(2);
        double[] pixels = [.. Enumerable.Range(0, Rows * 36).Select(_ => random.NextDouble())];
        int[] labels = [.. Enumerable.Range(0, Rows).Select(row => row % Classes)];
        var model = new Sequential(inputShape: [6, 6, 1], dtype: DType.Float64, seed: 3)
            .Conv2D(4, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
            .MaxPool2D(2)
            .Conv2D(5, kernelSize: 2, activation: Activation.Swish)
            .Flatten()
            .Dense(7, Activation.Tanh)
            .Dropout(0.2)
            .Dense(Classes, Activation.Softmax);
        model.To(device);
        model.Compile(new Adam(learningRate: 0.01), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        History history = model.Fit(Tensor.From(pixels, [Rows, 6, 6, 1]), Tensor.From(labels), epochs: 6, batchSize: 5, verbosity: Verbosity.Silent);
        return [.. history["loss"]];
    }
}
