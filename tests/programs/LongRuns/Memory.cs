using System.Diagnostics;
using MiniDeep.Data;

namespace MiniDeep.LongRuns;

/// <summary>Resident memory at step 1,000 and at the end of long runs in which nobody disposes of anything.</summary>
internal static class Memory
{
    private const int Warm = 1_000;

    /// <summary>Makes the runs one after the other and prints a line for each.</summary>
    /// <param name="steps">Steps of each run.</param>
    /// <param name="which">How the names of the runs to make begin; one run a process gives the cleanest figures.</param>
    public static void Run(int steps, string which)
    {
        foreach (bool large in new[] { false, true })
        {
            string network = large ? "1 MB a step" : "exercise 1";
            Measure(which, $"custom loop, {network}", steps, report => Repeat(large, steps, report, Step));
            Measure(which, $"Fit, {network}", steps, report => Fit(large, steps, report));
            Measure(which, $"Predict, {network}", steps, report => Repeat(large, steps, report, static (model, data, _) => model.Predict(data, 128)));
            Measure(which, $"Evaluate, {network}", steps, report => Repeat(large, steps, report, static (model, data, _) => model.Evaluate(data, 128)));
        }
    }

    private static void Measure(string which, string name, int steps, Action<Action<int>> run)
    {
        if (!name.StartsWith(which, StringComparison.Ordinal)) return;
        long warm = 0, later = 0, last = 0, most = 0, allocated = 0, collections = 0;
        var clock = Stopwatch.StartNew();
        run(step =>
        {
            if (step != Warm && step != steps && step % (10 * Warm) != 0) return;
            long now = Environment.WorkingSet;
            most = Math.Max(most, now);
            if (step == 10 * Warm) later = now;
            if (step == Warm) (warm, allocated, collections) = (now, GC.GetAllocatedBytesForCurrentThread(), GC.CollectionCount(2));
            if (step == steps) last = now;
        });
        allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Math.Max(steps - Warm, 1);
        Console.WriteLine(
            $"{name}: {Megabytes(warm)} at step {Warm:N0}, {Megabytes(later)} at step {10 * Warm:N0}, {Megabytes(last)} at step {steps:N0} ({(last - warm) / 1048576.0:+0.0;-0.0} MB), at most {Megabytes(most)}; "
            + $"{allocated:N0} bytes allocated a step, {GC.CollectionCount(2) - collections} collections of generation 2, {clock.Elapsed.TotalMicroseconds / steps:F1} us a step");
    }

    private static void Repeat(bool large, int steps, Action<int> report, Action<Sequential, Dataset, Batch> body)
    {
        (Sequential model, Dataset data) = Make(large);
        Batch batch = data.Batch(data.Count).Single();
        for (int step = 1; step <= steps; step++)
        {
            body(model, data, batch);
            report(step);
        }
    }

    private static void Step(Sequential model, Dataset data, Batch batch)
    {
        Tensor loss = Loss.SparseCategoricalCrossentropy.Of(model.Call(batch.Features, training: true), batch.Labels);
        loss.Backward();
        model.Optimizer!.Step(model.Parameters);
    }

    private static void Fit(bool large, int steps, Action<int> report)
    {
        (Sequential model, Dataset data) = Make(large);
        model.Fit(data, steps, data.Count, shuffle: false, verbosity: Verbosity.Silent, callbacks: [new Reporter(report)]);
    }

    /// <summary>Exercise 1's network (4-5-4-3, float64, 100 samples), or one whose activations and gradients are pooled.</summary>
    private static (Sequential Model, Dataset Data) Make(bool large)
    {
        int features = large ? 32 : 4, rows = large ? 128 : 100;
        DType dtype = large ? DType.Float32 : DType.Float64;
        Sequential model = new([features], dtype, seed: 1);
        if (large) model.Dense(192, Activation.Swish).Dense(192, Activation.Tanh).Dense(3, Activation.Softmax);
        else model.Dense(5, Activation.ReLU).Dense(4, Activation.ReLU).Dense(3, Activation.Softmax);
        model.Compile(new SGD(0.01), Loss.SparseCategoricalCrossentropy);
        Tensor x = Tensor.From(new NumPyRandom(2).Randn(rows * features), [rows, features]).To(dtype);
        return (model, new Dataset(x, Tensor.From([.. Enumerable.Range(0, rows).Select(static i => i % 3)])));
    }

    private sealed class Reporter(Action<int> report) : Callback
    {
        private int _step;

        public override void OnStepEnd(TrainingProgress progress) => report(++_step);
    }

    private static string Megabytes(long bytes) => $"{bytes / 1048576.0:F1} MB";
}
