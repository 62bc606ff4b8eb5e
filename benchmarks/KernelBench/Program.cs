using System.Diagnostics;
using System.Globalization;

namespace MiniDeep.KernelBench;

/// <summary>
/// Times the kernels: the best of short interleaved rounds (others' work on the machine only ever adds), with the multiply-add peak of the same rounds. Arguments: a part of the cases' names (all without it), and
/// --threads N (1 without it); the word sweep instead looks for cliffs of the matrix product, the word parts times exercise 3's step call by call.
/// </summary>
internal static class Program
{
    private const int Rounds = 80;

    private static readonly UnaryKind[] s_activations = [UnaryKind.Relu, UnaryKind.LeakyRelu, UnaryKind.Swish];

    private static unsafe void Main(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        int threads = Array.IndexOf(args, "--threads") is var at and >= 0 ? int.Parse(args[at + 1]) : 1;
        string part = args.FirstOrDefault(a => !a.StartsWith('-') && !int.TryParse(a, out _)) ?? "";
        ThreadTeam.Count = threads;
        if (part == "sweep")
        {
            foreach (DType dtype in new[] { DType.Float32, DType.Float64 }) Sweep.Run(dtype);
            return;
        }
        if (part == "parts")
        {
            foreach (UnaryKind activation in s_activations) TimeParts(activation);
            return;
        }
        List<Case> cases = [.. Cases.Tiny(), .. Cases.Products(), .. Cases.Convolutions(), .. Cases.ConvolutionShapes(), .. ElementwiseCases.All(), .. SubnormalCases.All(), .. SwishPool.All()];
        foreach (int batch in new[] { 64, 1 }) cases.Add(Cases.Network(batch, false));
        foreach (UnaryKind activation in s_activations) cases.Add(Cases.Network(64, true, activation));
        cases = [.. cases.Where(c => c.Name.Contains(part, StringComparison.OrdinalIgnoreCase))];

        float* sink = stackalloc float[64];
        for (int i = 0; i < 64; i++) sink[i] = 1e-3f;
        Peak<float> peak = new() { Rounds = 20_000, Sink = sink };
        void RunPeak() => KernelCall.Run<Peak<float>, float>(ref peak);

        int[] repeats = [.. cases.Select(c => Calibrate(c.Run))];
        int[] usualRepeats = [.. cases.Select(c => c.Usual == null ? 0 : Calibrate(c.Usual))];
        int peakRepeats = Calibrate(RunPeak);
        List<double>[] times = [.. cases.Select(_ => new List<double>())], usualTimes = [.. cases.Select(_ => new List<double>())];
        List<double> peaks = [];
        for (int round = 0; round < Rounds; round++)
        {
            peaks.Add(Time(RunPeak, peakRepeats));
            for (int i = 0; i < cases.Count; i++)
            {
                times[i].Add(Time(cases[i].Run, repeats[i]));
                if (cases[i].Usual is { } usual) usualTimes[i].Add(Time(usual, usualRepeats[i]));
            }
        }
        double best = peak.Operations / Best(peaks);
        Console.WriteLine($"{Isa.VectorBits}-bit vectors, {threads} thread(s); peak of one core {best / 1e3:F1} GFLOP/s (float)");
        for (int i = 0; i < cases.Count; i++)
        {
            double microseconds = Best(times[i]), top = cases[i].DType == DType.Float64 ? best / 2 : best, bytes = cases[i].Bytes;
            if (cases[i].Usual != null)
            {
                double usual = Best(usualTimes[i]);
                Console.WriteLine($"{cases[i].Name,-64} {microseconds,10:F1} us {usual,10:F1} us {microseconds / usual,6:F2} x");
                continue;
            }
            if (cases[i].Work == 0)
            {
                Console.WriteLine($"{cases[i].Name,-52} {microseconds,10:F1} us {bytes / microseconds / 1e3,8:F1} GB/s");
                continue;
            }
            double floor = bytes == 0 ? 0 : Math.Max(2 * cases[i].Work / top, bytes / Bandwidth.Read((long)bytes));
            string roof = floor == 0 ? "" : $", {100 * floor / microseconds,4:F0} % of the roofline";
            Console.WriteLine($"{cases[i].Name,-52} {microseconds,10:F1} us {2 * cases[i].Work / microseconds / 1e3,8:F1} GFLOP/s {200 * cases[i].Work / microseconds / top,6:F0} %{roof}");
        }
    }

    /// <summary>The calls of exercise 3's step in their order, so that each finds in the cache what it finds there: medians.</summary>
    private static void TimeParts(UnaryKind activation)
    {
        (string Name, Action Run)[] parts = [.. Cases.Parts(64, true, activation)];
        List<double>[] times = [.. parts.Select(_ => new List<double>())];
        for (int round = 0; round < 700; round++)
        {
            for (int i = 0; i < parts.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                parts[i].Run();
                if (round >= 100) times[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }
        }
        foreach (List<double> list in times) list.Sort();
        for (int i = 0; i < parts.Length; i++) Console.WriteLine($"{activation,-10} {parts[i].Name,-32} {times[i][times[i].Count / 2],8:F1} us");
        Console.WriteLine($"{activation,-10} {"sum",-32} {times.Sum(list => list[list.Count / 2]),8:F1} us");
    }

    private static int Calibrate(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        int count = 0;
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 150 || count < 3)
        {
            run();
            count++;
        }
        return Math.Max(1, (int)(count * 1.5 / Stopwatch.GetElapsedTime(start).TotalMilliseconds));
    }

    private static double Time(Action run, int count)
    {
        run();    // whatever ran before has the caches
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) run();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
    }

    private static double Best(List<double> values)
    {
        values.Sort();
        return values[0];
    }
}
