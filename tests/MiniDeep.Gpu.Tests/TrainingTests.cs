using MiniDeep.Data;
using MiniDeep.Tests;

namespace MiniDeep.GpuTests;

/// <summary>Whole trainings on the device, beside the CPU's.</summary>
public class TrainingTests : DeviceTest
{
    /// <summary>Images in a step.</summary>
    internal const int BatchSize = 64;

    private static readonly Lazy<(Dataset Train, Dataset Test)> s_mnist = new(static () => Mnist.Load(Repository.PathTo("examples/data/mnist")));

    /// <summary>The digits.</summary>
    internal static (Dataset Train, Dataset Test) Digits => s_mnist.Value;

    public static TheoryData<string> Activations => ["ReLU", "LeakyReLU", "Swish"];

    [SkippableTheory]
    [MemberData(nameof(Activations))]
    public void Two_hundred_steps_follow_the_cpus_losses(string activation)
    {
        // a step of the CNN takes a while on the processor under OpenCL: the other two show it for fewer steps
        int steps = activation == "ReLU" ? 200 : 50;
        double[] here = Losses(Device, Function(activation), steps), cpu = Losses(Device.Cpu, Function(activation), steps);
        Assert.True(cpu[^1] < 0.6 * cpu[0], $"The loss went from {cpu[0]} to {cpu[^1]}: this is no training.");

        // The curve is what Fit shows: the mean so far. A batch's own loss parts when rounding has turned the winner of a pool's window, which Adam then makes more of: the
        // CPU's own plain sums part from its transformed ones so too.
        double sumHere = 0, sumCpu = 0;
        for (int step = 0; step < steps; step++)
        {
            sumHere += here[step];
            sumCpu += cpu[step];
            Assert.True(Math.Abs(sumHere - sumCpu) <= 1e-3 * (step + 1), $"Step {step}: the mean loss is {sumHere / (step + 1)} on {Device}, {sumCpu / (step + 1)} on the CPU.");
            if (step < 50) Assert.True(Math.Abs(here[step] - cpu[step]) <= 1e-4, $"Step {step}: the loss is {here[step]} on {Device}, {cpu[step]} on the CPU.");
        }
    }

    /// <summary>All along a training, each time from the CPU's weights: what rounding has done before doesn't count.</summary>
    [SkippableTheory]
    [MemberData(nameof(Activations))]
    public void Any_steps_gradients_are_the_cpus(string activation)
    {
        Sequential cpu = Cnn(Function(activation)), here = Cnn(Function(activation));
        here.To(Device);
        var optimizer = new Adam();
        int step = 0, compared = 0, turned = 0;
        foreach ((Tensor x, Tensor y) in Digits.Train.Shuffle(seed: 1).Take(200 * BatchSize).Batch(BatchSize))
        {
            Tensor loss = Gradients(cpu, x, y);
            if (step++ % 10 == 0)
            {
                for (int i = 0; i < cpu.Parameters.Count; i++) here.Parameters[i].CopyFrom(cpu.Parameters[i]);
                Assert.Equal(loss.Item(), Gradients(here, x.To(Device), y.To(Device)).Item(), 2e-6);
                compared++;
                // now and then two values of a window are so near that rounding decides, and its gradient goes another way (up to 3 of 20 seen); an error would show in all
                if (cpu.Parameters.Zip(here.Parameters).Any(static pair => Difference(pair.First.Grad!, pair.Second.Grad!) > 1e-5)) turned++;
                foreach (Parameter parameter in here.Parameters) parameter.ClearGrad();
            }
            optimizer.Step(cpu.Parameters);
        }
        Assert.True(compared == 20 && turned <= 6, $"In {turned} of {compared} steps a gradient is another one than the CPU's.");

        // of the largest
        static double Difference(Tensor expected, Tensor actual)
        {
            float[] a = expected.ToArray<float>(), b = actual.ToArray<float>();
            return a.Zip(b, static (a, b) => Math.Abs(a - b)).Max() / a.Max(Math.Abs);
        }
    }

    [SkippableFact]
    public void The_same_seed_gives_the_same_bits_from_run_to_run()
    {
        float[][] first = Weights(), second = Weights();
        Assert.Equal(first, second);

        float[][] Weights()
        {
            Sequential model = new Sequential([28, 28, 1], seed: 7)
                .Conv2D(4, 3, padding: Padding.Same, activation: Activation.Swish).MaxPool2D(2).Dropout(0.25).Flatten().Dense(16, Activation.Tanh).Dense(10, Activation.Softmax);
            model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
            model.To(Device);
            model.Fit(Digits.Train.Take(300), epochs: 2, batchSize: BatchSize, verbosity: Verbosity.Silent);
            return [.. model.GetWeights().Values.Select(static weight => weight.ToArray<float>())];
        }
    }

    /// <summary>Broken in the middle of the second epoch, and resumed by another model.</summary>
    [SkippableFact]
    public void A_run_that_is_resumed_ends_with_the_bits_of_one_that_was_not_broken()
    {
        string folder = Directory.CreateTempSubdirectory("minideep-gpu-resume").FullName;
        try
        {
            Sequential whole = Network(5);
            History expected = Fit(whole, [], null, default);
            using var cancellation = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Fit(Network(5), [new CancelAt(epoch: 1, step: 2, cancellation), new Checkpoint(folder)], null, cancellation.Token));
            Sequential resumed = Network(6);
            History history = Fit(resumed, [new Checkpoint(folder)], folder, default);
            Assert.Equal(Device, resumed.Parameters[0].Device);
            Assert.Equal(Bits(whole), Bits(resumed));
            foreach (string name in expected.Names) Assert.Equal(expected[name], history[name]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Sequential Network(long seed)
        {
            Sequential model = new Sequential([28, 28, 1], seed: seed).Conv2D(3, 3, activation: Activation.ReLU).MaxPool2D(2).Flatten().Dropout(0.25).Dense(10, Activation.Softmax);
            model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
            model.To(Device);
            return model;
        }

        static History Fit(Sequential model, IEnumerable<Callback> callbacks, string? resumeFrom, CancellationToken cancellation) => model.Fit(
            Digits.Train.Take(300), epochs: 3, batchSize: BatchSize, validationData: Digits.Test.Take(100), verbosity: Verbosity.Silent, callbacks: callbacks, resumeFrom: resumeFrom,
            cancellationToken: cancellation);

        static float[][] Bits(Sequential model) => [.. model.GetWeights().Values.Select(static weight => weight.ToArray<float>())];
    }

    [SkippableFact]
    public void Fit_evaluate_and_predict_agree_with_the_cpu()
    {
        (Dataset train, Dataset test) = Digits;
        (Evaluation evaluation, float[] probabilities) here = Run(Device), cpu = Run(Device.Cpu);
        Assert.Equal(cpu.evaluation.Loss, here.evaluation.Loss, 1e-3);
        Assert.Equal(cpu.evaluation["accuracy"], here.evaluation["accuracy"], 0.011);
        for (int i = 0; i < cpu.probabilities.Length; i++) Assert.Equal(cpu.probabilities[i], here.probabilities[i], 2e-3f);

        (Evaluation, float[]) Run(Device device)
        {
            Sequential model = new Sequential([28, 28, 1], seed: 3).Flatten().Dense(32, Activation.ReLU).Dropout(0.2).Dense(10, Activation.Softmax);
            model.Compile(new Momentum(0.05, 0.9), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
            model.To(device);
            History history = model.Fit(train.Take(1000), epochs: 2, batchSize: 50, validationData: test.Take(200), verbosity: Verbosity.Silent);
            Assert.True(history["loss"][1] < history["loss"][0]);
            Tensor predictions = model.Predict(test.Take(100));
            Assert.Equal(device, predictions.Device);
            return (model.Evaluate(test.Take(300)), predictions.ToArray<float>());
        }
    }

    [SkippableFact]
    public void A_float64_network_trains_as_on_the_cpu()
    {
        double[] here = Run(Device), cpu = Run(Device.Cpu);
        for (int i = 0; i < cpu.Length; i++) Assert.Equal(cpu[i], here[i], 1e-9);

        static double[] Run(Device device)
        {
            (double[,] x, int[] y) = MakeMoons.Generate(100, 0.2, 1);
            Sequential model = new Sequential([2], dtype: DType.Float64, seed: 5).Dense(8, Activation.Tanh).Dense(2, Activation.Softmax);
            model.Compile(new SGD(0.1), Loss.SparseCategoricalCrossentropy);
            model.To(device);
            model.Fit(Tensor.From(x), Tensor.From(y), epochs: 50, batchSize: 25, verbosity: Verbosity.Silent);
            return [.. model.GetWeights().Values.SelectMany(static weight => weight.ToArray<double>())];
        }
    }

    [SkippableFact]
    public void A_model_comes_back_to_the_cpu_with_what_it_has_learned()
    {
        Sequential model = new Sequential([4], seed: 1).Dense(3);
        Tensor x = Tensor.Ones([2, 4]);
        float[] before = model.Predict(x).ToArray<float>();
        model.To(Device);
        Assert.Equal(Device, model.Parameters[0].Device);
        float[] there = model.Predict(x).ToArray<float>();
        model.To(Device.Cpu);
        Assert.Equal(before, model.Predict(x).ToArray<float>());
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], there[i], 1e-5f);
    }

    private static double[] Losses(Device device, Activation activation, int steps)
    {
        Sequential model = Cnn(activation);
        model.To(device);
        var optimizer = new Adam();
        List<Tensor> losses = [];
        foreach ((Tensor x, Tensor y) in Digits.Train.To(device).Shuffle(seed: 1).Take(steps * BatchSize).Batch(BatchSize))
        {
            losses.Add(Gradients(model, x, y));
            optimizer.Step(model.Parameters);
        }
        return [.. losses.Select(static loss => loss.Item())];
    }

    /// <summary>A batch's loss, and the gradients.</summary>
    private static Tensor Gradients(Sequential model, Tensor x, Tensor y)
    {
        Tensor loss = Loss.SparseCategoricalCrossentropy.Of(model.Call(x, training: true), y);
        loss.Backward();
        return loss;
    }

    /// <summary>The exercise's network.</summary>
    internal static Sequential Cnn(Activation activation)
    {
        Sequential model = new Sequential([28, 28, 1], seed: 1)
            .Conv2D(16, 3, padding: Padding.Same, activation: activation).MaxPool2D(2)
            .Conv2D(32, 3, padding: Padding.Same, activation: activation).MaxPool2D(2)
            .Flatten().Dense(128, activation).Dense(10, Activation.Softmax);
        model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        return model;
    }

    private static Activation Function(string name) => name switch
    {
        "ReLU" => Activation.ReLU,
        "LeakyReLU" => Activation.LeakyReLU(0.01),
        _ => Activation.Swish,
    };

    private sealed class CancelAt(int epoch, int step, CancellationTokenSource cancellation) : Callback
    {
        public override void OnStepEnd(TrainingProgress progress)
        {
            if (progress.Epoch == epoch && progress.Step == step) cancellation.Cancel();
        }
    }
}
