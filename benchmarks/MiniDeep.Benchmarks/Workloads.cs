using System.Runtime.InteropServices;
using MiniDeep.Data;

namespace MiniDeep.Benchmarks;

/// <summary>An activation of exercise 3, with the names that people and peers have for it.</summary>
internal sealed record CnnKind(string Name, string Key, Activation Activation)
{
    public static readonly CnnKind[] All = [new("ReLU", "relu", Activation.ReLU), new("LeakyReLU", "leakyrelu", Activation.LeakyReLU(0.01)), new("Swish", "swish", Activation.Swish)];

    /// <summary>Nominal multiply-adds of a forward pass of one image; biases and activations aren't counted.</summary>
    public const double Forward = (784.0 * 9 * 16) + (196.0 * 9 * 16 * 32) + (1568.0 * 128) + (128 * 10);

    /// <summary>Nominal multiply-adds of a training step on one image: every gradient but that to the image.</summary>
    public const double Step = (3 * Forward) - (784.0 * 9 * 16);
}

/// <summary>What is trained and asked, the same for MiniDeep and its peers.</summary>
internal static class Workloads
{
    public const int BatchSize = 64;
    private const int Batches = 512;

    /// <summary>The digits in the order of the batches that everybody trains on.</summary>
    public static Dataset Digits() => Mnist.Load(Programs.Digits).Train.Shuffle(seed: 1).Take(Batches * BatchSize);

    public static Sequential Cnn(CnnKind kind)
    {
        Sequential model = new Sequential(inputShape: [28, 28, 1], seed: 1)
            .Conv2D(16, kernelSize: 3, padding: Padding.Same, activation: kind.Activation)
            .MaxPool2D(2)
            .Conv2D(32, kernelSize: 3, padding: Padding.Same, activation: kind.Activation)
            .MaxPool2D(2)
            .Flatten()
            .Dense(128, kind.Activation)
            .Dense(10, Activation.Softmax);
        model.Compile(new Adam(learningRate: 1e-3), Loss.SparseCategoricalCrossentropy);
        return model;
    }

    /// <summary>All training digits once.</summary>
    public static void TrainEpoch(Sequential cnn) => cnn.Fit(Mnist.Load(Programs.Digits).Train, epochs: 1, batchSize: BatchSize, seed: 1, verbosity: Verbosity.Silent);

    /// <summary>Exercise 1: 100 rows, the notebook's initial weights, float64, gradients summed over the batch.</summary>
    public static Exercise Exercise1()
    {
        var random = new NumPyRandom(0);
        double[,] x = random.Randn(100, 4);
        long[] y = random.RandInt(0, 3, 100);
        Sequential model = new Sequential(inputShape: [4], dtype: DType.Float64)
            .Dense(5, Activation.ReLU, name: "hidden1")
            .Dense(4, Activation.ReLU, name: "hidden2")
            .Dense(3, Activation.Softmax, name: "output");
        SetKernels(model, random, "hidden1", "hidden2", "output");
        return new(model, new SGD(0.01), Loss.SparseCategoricalCrossentropy with { Reduction = Reduction.Sum }, Tensor.From(x), Tensor.From(y).To(DType.Int32));
    }

    /// <summary>Exercise 2 on random data, with momentum.</summary>
    public static Exercise Exercise2()
    {
        var random = new NumPyRandom(0);
        Tensor x = Tensor.From(random.Randn(100, 2));
        Tensor y = Tensor.From(random.Rand(100).Select(static value => value > 0.5 ? 1.0 : 0).ToArray(), [100, 1]);
        Tensor centred = x - x.Mean([0], keepDims: true);
        Sequential model = new Sequential(inputShape: [2], dtype: DType.Float64)
            .Dense(4, Activation.ReLU, name: "hidden")
            .Dense(1, Activation.Sigmoid, name: "output");
        SetKernels(model, random, "hidden", "output");
        return new(model, new Momentum(0.005, 0.9), Loss.BinaryCrossentropy with { Reduction = Reduction.Sum }, centred / centred.Square().Mean([0], keepDims: true).Sqrt(), y);
    }

    /// <summary>The digits as the peers read them: pixels and classes, a byte each, in the batches' order.</summary>
    public static void Write(Dataset digits, string folder)
    {
        using FileStream images = File.Create(Path.Combine(folder, "images.u8")), labels = File.Create(Path.Combine(folder, "labels.u8"));
        foreach ((Tensor x, Tensor y) in digits.Batch(4096))
        {
            images.Write([.. x.ToArray<float>().Select(static pixel => (byte)MathF.Round(pixel * 255))]);
            labels.Write([.. y.ToArray<int>().Select(static label => (byte)label)]);
        }
    }

    /// <summary>All weights one after the other, float32, in MiniDeep's layout.</summary>
    public static void Write(Sequential model, string file) =>
        File.WriteAllBytes(file, [.. model.GetWeights().Values.SelectMany(static weight => MemoryMarshal.AsBytes<float>(weight.ToArray<float>()).ToArray())]);

    /// <summary>Data, labels and kernels of exercise 1, float64.</summary>
    public static void Write(Exercise exercise, string file)
    {
        IEnumerable<double> values = [.. exercise.X.ToArray<double>(), .. exercise.Y.To(DType.Float64).ToArray<double>()];
        values = values.Concat(exercise.Model.GetWeights().Where(static weight => weight.Key.EndsWith("kernel", StringComparison.Ordinal)).SelectMany(static weight => weight.Value.ToArray<double>()));
        File.WriteAllBytes(file, MemoryMarshal.AsBytes<double>(values.ToArray()).ToArray());
    }

    private static void SetKernels(Sequential model, NumPyRandom random, params string[] layers)
    {
        foreach (string layer in layers)
        {
            Shape shape = model.GetParameter($"{layer}.kernel").Shape;
            model.SetWeight($"{layer}.kernel", Tensor.From(random.Randn(shape[0], shape[1])) * 0.01);
        }
    }
}

/// <summary>A small network that trains on all its samples at once.</summary>
internal sealed class Exercise
{
    private readonly Optimizer _optimizer;
    private readonly Loss _loss;

    public Exercise(Sequential model, Optimizer optimizer, Loss loss, Tensor x, Tensor y)
    {
        (Model, _optimizer, _loss, X, Y) = (model, optimizer, loss, x, y);
        Model.Compile(optimizer, loss);
    }

    public Sequential Model { get; }

    public Tensor X { get; }

    public Tensor Y { get; }

    public History Fit(int steps) => Model.Fit(X, Y, epochs: steps, batchSize: 100, shuffle: false, verbosity: Verbosity.Silent);

    public void Loop(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            _loss.Of(Model.Call(X, training: true), Y).Backward();
            _optimizer.Step(Model.Parameters);
        }
    }
}
