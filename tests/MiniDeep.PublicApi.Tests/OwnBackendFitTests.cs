using MiniDeep.Data;
using MiniDeep.Reference;

namespace MiniDeep.PublicApi.Tests;

/// <summary>A device behind a backend that knows the public seam alone fits, validates, predicts and evaluates as the CPU does.</summary>
public sealed class OwnBackendFitTests
{
    private static Dataset Images()
    {
        double[] values = new NumPyRandom(8).Randn(24 * 36);
        return new Dataset(
            Tensor.From([.. values.Select(static v => (float)v)], [24, 6, 6, 1]), Tensor.From([.. Enumerable.Range(0, 24).Select(static i => i % 3)]));
    }

    private static (History History, Tensor Predictions, double Evaluated) Train(Device? device, Activation activation)
    {
        Sequential model = new Sequential([6, 6, 1], seed: 5)
            .Conv2D(3, 3, Padding.Same, activation).MaxPool2D(2).Flatten().Dropout(0.2).Dense(8, activation).Dense(3, Activation.Softmax);
        if (device is not null) model.To(device);
        model.Compile(new Adam(0.01), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        Dataset images = Images();
        History history = model.Fit(images, 5, 10, validationData: images, verbosity: Verbosity.Silent);
        Tensor predictions = model.Predict(images);
        Assert.Equal(device ?? Device.Cpu, predictions.Device);
        return (history, predictions.To(Device.Cpu), model.Evaluate(images).Loss);
    }

    public static TheoryData<bool, string> Cases => new() { { true, "relu" }, { true, "swish" }, { false, "relu" }, { false, "swish" }, { false, "tanh" } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_learns_along_the_cpus_curve(bool fuses, string name)
    {
        Activation activation = name switch { "relu" => Activation.ReLU, "swish" => Activation.Swish, _ => Activation.Tanh };
        (History cpu, Tensor expected, double evaluated) = Train(null, activation);
        (History own, Tensor predictions, double ownEvaluated) = Train(new Device("reference", new ReferenceBackend { Fuses = fuses }), activation);

        foreach (string log in cpu.Names) Assert.Equal(cpu[log], own[log], static (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal(expected.ToArray<float>(), predictions.ToArray<float>(), static (a, b) => Math.Abs(a - b) < 1e-4f);
        Assert.Equal(evaluated, ownEvaluated, 1e-4);
        Assert.True(own.Loss[^1] < own.Loss[0]);
    }
}
