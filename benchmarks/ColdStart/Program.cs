// What the benchmarks run as a process of its own. "start": builds exercise 3's network, predicts one image and says its working set. "exercise1 N": N steps of exercise 1 from the start.
// "steady": microseconds of a training step (64 images, Adam, one thread), once warm. "nothing": what a process costs that does nothing.
using System.Diagnostics;
using System.Globalization;
using MiniDeep;
using MiniDeep.Data;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["start"]:
        Cnn().Predict(Tensor.Zeros([1, 28, 28, 1]));
        Console.WriteLine($"ok {Process.GetCurrentProcess().WorkingSet64}");
        break;
    case ["exercise1", var count]:
        Console.WriteLine($"ok {Exercise1(int.Parse(count))}");
        break;
    case ["steady"]:
        Console.WriteLine($"ok {Steady():F1} {Compute.InstructionSet}");
        break;
    case ["nothing"]:
        Console.WriteLine("ok");
        break;
    default:
        Console.Error.WriteLine("usage: start | exercise1 STEPS | steady | nothing");
        return 2;
}
return 0;

static Sequential Cnn() => new Sequential(inputShape: [28, 28, 1], seed: 1)
    .Conv2D(16, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
    .MaxPool2D(2)
    .Conv2D(32, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
    .MaxPool2D(2)
    .Flatten()
    .Dense(128, Activation.ReLU)
    .Dense(10, Activation.Softmax);

static double Exercise1(int steps)
{
    var random = new NumPyRandom(0);
    Tensor x = Tensor.From(random.Randn(100, 4)), y = Tensor.From(random.RandInt(0, 3, 100));
    Sequential model = new Sequential(inputShape: [4], dtype: DType.Float64)
        .Dense(5, Activation.ReLU, name: "hidden1")
        .Dense(4, Activation.ReLU, name: "hidden2")
        .Dense(3, Activation.Softmax, name: "output");
    foreach (string layer in new[] { "hidden1", "hidden2", "output" })
    {
        Shape shape = model.GetParameter($"{layer}.kernel").Shape;
        model.SetWeight($"{layer}.kernel", Tensor.From(random.Randn(shape[0], shape[1])) * 0.01);
    }
    model.Compile(new SGD(0.01), Loss.SparseCategoricalCrossentropy with { Reduction = Reduction.Sum });
    return model.Fit(x, y, epochs: steps, batchSize: 100, shuffle: false, verbosity: Verbosity.Silent).Loss[^1] / 100;
}

static double Steady()
{
    Compute.Threads = 1;
    var random = new Random(1);
    var images = new float[64 * 64 * 784];
    for (int i = 0; i < images.Length; i++) images[i] = random.Next(5) == 0 ? random.NextSingle() : 0;
    int[] labels = [.. Enumerable.Range(0, 64 * 64).Select(_ => random.Next(10))];
    Sequential model = Cnn();
    model.Compile(new Adam(learningRate: 1e-3), Loss.SparseCategoricalCrossentropy);
    var clock = new Clock();
    model.Fit(new Dataset(Tensor.From(images, [64 * 64, 28, 28, 1]), Tensor.From(labels)), epochs: 10, batchSize: 64, verbosity: Verbosity.Silent, callbacks: [clock]);
    return clock.Median;
}

/// <summary>The steps' times after the first two epochs.</summary>
internal sealed class Clock : Callback
{
    private readonly List<double> _times = [];
    private long _last;

    public double Median
    {
        get
        {
            _times.Sort();
            return _times[_times.Count / 2];
        }
    }

    public override void OnEpochBegin(TrainingProgress progress) => _last = 0;

    public override void OnStepEnd(TrainingProgress progress)
    {
        long now = Stopwatch.GetTimestamp();
        if (_last != 0 && progress.Epoch >= 2) _times.Add(Stopwatch.GetElapsedTime(_last, now).TotalMicroseconds);
        _last = now;
    }
}
