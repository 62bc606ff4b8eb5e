using System.Diagnostics;
using MiniDeep.Data;

namespace MiniDeep.Benchmarks;

/// <summary>What a table of ratios doesn't show: start-up, callers at once, allocation, collections, idling.</summary>
internal static class Beside
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>Processes from their start to their first line, alternating.</summary>
    public static IEnumerable<Fact> ColdStart(string folder)
    {
        (string Name, Func<ProcessStartInfo> Start, bool Memory)[] programs =
        [
            ("an empty .NET program", () => Programs.ColdStart("nothing"), false),
            ("MiniDeep: build the CNN and predict an image", () => Programs.ColdStart("start"), true),
            ("MiniDeep: the same, published with ReadyToRun", () => Programs.PublishedColdStart("start"), true),
            ("TorchSharp: the same", () => new("bash", [Programs.TorchSharp, "start"]), true),
            ("MiniDeep: exercise 1, 1,000 steps", () => Programs.ColdStart("exercise1", "1000"), false),
            ("MiniDeep: the same, published with ReadyToRun", () => Programs.PublishedColdStart("exercise1", "1000"), false),
            ("NumPy: the same", () => new(Programs.Python, [Programs.NumPy, Programs.Exercises, "1000"]), false),
            ("MiniDeep: exercise 1, 10,000 steps", () => Programs.ColdStart("exercise1", "10000"), false),
            ("MiniDeep: the same, published with ReadyToRun", () => Programs.PublishedColdStart("exercise1", "10000"), false),
            ("NumPy: the same", () => new(Programs.Python, [Programs.NumPy, Programs.Exercises, "10000"]), false),
        ];
        List<double>[] times = [.. programs.Select(static _ => new List<double>())], sizes = [.. programs.Select(static _ => new List<double>())];
        Programs.Run("TorchSharp", new("bash", [Programs.TorchSharp, "--build"]), s_limit * 10);
        Programs.Publish(s_limit * 10);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < programs.Length; i++)
            {
                (double milliseconds, string line) = Programs.Run(programs[i].Name, programs[i].Start(), s_limit);
                times[i].Add(milliseconds);
                if (programs[i].Memory) sizes[i].Add(double.Parse(line.Split(' ')[1]) / (1 << 20));
            }
        }
        for (int i = 0; i < programs.Length; i++)
        {
            yield return new($"from process start, {programs[i].Name}", Report.Median(times[i]), "ms");
            if (programs[i].Memory) yield return new($"working set, {programs[i].Name}", Report.Median(sizes[i]), "MiB");
        }
    }

    /// <summary>Threads that call Predict on one model at once, against one.</summary>
    /// <exception cref="PeerException">They didn't all get the same bits.</exception>
    public static IEnumerable<Fact> Callers(Sequential model, Tensor images)
    {
        Compute.Threads = Environment.ProcessorCount;
        float[] expected = model.Predict(images).ToArray<float>();
        Compute.Threads = 1;
        int[] counts = [1, 2, 8];
        List<double>[] rates = [.. counts.Select(static _ => new List<double>())];
        for (int round = 0; round < 6; round++)
        {
            for (int i = 0; i < counts.Length; i++)
            {
                double rate = Rate(counts[i]);
                if (round > 0) rates[i].Add(rate);
            }
        }
        double one = Report.Median(rates[0]);
        return counts.Skip(1).Select((count, i) => new Fact($"predict {images.Shape[0]}, {count} callers at once on {Environment.ProcessorCount} cores, throughput against one caller (same bits)", Report.Median(rates[i + 1]) / one, "x"));

        double Rate(int callers)
        {
            int calls = 0, wrong = 0;
            long start = Stopwatch.GetTimestamp();
            Thread[] threads = [.. Enumerable.Range(0, callers).Select(_ => new Thread(() =>
            {
                while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 150)
                {
                    if (!model.Predict(images).ToArray<float>().AsSpan().SequenceEqual(expected)) Interlocked.Increment(ref wrong);
                    Interlocked.Increment(ref calls);
                }
            }))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            double rate = calls / Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            return wrong == 0 ? rate : throw new PeerException($"{wrong} of {calls} calls of Predict by {callers} threads gave other bits than one thread alone.");
        }
    }

    /// <summary>What the runtime has to do beside the work.</summary>
    public static IEnumerable<Fact> Runtime(Dataset digits)
    {
        // the operations that are recorded or run forward in a step, and the update: batch and labels gathered, converted, scaled, two blocks, flatten, two dense layers, loss
        const int Operations = 11;
        Compute.Threads = Environment.ProcessorCount;
        Sequential cnn = Workloads.Cnn(CnnKind.All[0]);
        var allocation = new Allocation();
        cnn.Fit(digits.Take(100 * Workloads.BatchSize), epochs: 3, batchSize: Workloads.BatchSize, shuffle: false, verbosity: Verbosity.Silent, callbacks: [allocation]);
        yield return new("managed allocation of a CNN step", allocation.BytesPerStep, "bytes");
        yield return new($"the same, an operation ({Operations} forward and the update counted)", allocation.BytesPerStep / Operations, "bytes");

        Exercise exercise = Workloads.Exercise1();
        exercise.Fit(1000);
        int before = GC.CollectionCount(2);
        long bytes = GC.GetTotalAllocatedBytes();
        exercise.Fit(200_000);
        yield return new("gen-2 collections in 200,000 steps of exercise 1", GC.CollectionCount(2) - before, "");
        yield return new("managed allocation of a step of exercise 1", (GC.GetTotalAllocatedBytes() - bytes) / 200_000.0, "bytes");
    }

    /// <summary>Processor time of a second without work, soon after work on all cores.</summary>
    public static IEnumerable<Fact> Idle(Dataset digits, IEnumerable<Peer> peers)
    {
        Compute.Threads = Environment.ProcessorCount;
        Workloads.Cnn(CnnKind.All[0]).Fit(digits.Take(20 * Workloads.BatchSize), epochs: 1, batchSize: Workloads.BatchSize, verbosity: Verbosity.Silent);
        // the team spins for a moment, and the runtime compiles for another
        Thread.Sleep(300);
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        (Peer Peer, TimeSpan Time)[] others = [.. peers.Select(static peer => (peer, peer.ProcessorTime))];
        Thread.Sleep(1000);
        yield return new("processor time of an idle second after work, MiniDeep", (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds, "ms");
        foreach ((Peer peer, TimeSpan time) in others) yield return new($"the same, {peer.Name}", (peer.ProcessorTime - time).TotalMilliseconds, "ms");
    }

    private sealed class Allocation : Callback
    {
        private long _start;

        public double BytesPerStep { get; private set; }

        // the first epoch fills pools and arena, and its end belongs to no step
        public override void OnEpochBegin(TrainingProgress progress) => _start = GC.GetTotalAllocatedBytes(precise: true);

        public override void OnStepEnd(TrainingProgress progress)
        {
            if (progress.Step == progress.StepsPerEpoch) BytesPerStep = (GC.GetTotalAllocatedBytes(precise: true) - _start) / (double)progress.Step;
        }
    }
}
