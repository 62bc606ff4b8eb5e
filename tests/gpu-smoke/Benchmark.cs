using System.Diagnostics;
using System.Globalization;

namespace MiniDeep.GpuSmoke;

/// <summary>MiniDeep beside PyTorch on the same card: the same shapes, one after the other. What can't be run says so.</summary>
internal static class Benchmark
{
    private const string NotRun = "not run";
    private const int Rounds = 5;
    private const double SecondsARound = 0.3;

    private static readonly int[] s_products = [1024, 2048, 4096, 8192];
    private static readonly int[] s_trainingBatches = [64, 512, 4096];
    private static readonly int[] s_inferenceBatches = [1, 64, 4096];

    /// <summary>Prints a table in Markdown.</summary>
    /// <param name="device">The card.</param>
    /// <param name="onlySmall">Measures the smallest sizes alone, as a processor under OpenCL would take hours.</param>
    /// <param name="output">Takes the table.</param>
    public static void Run(Device device, bool onlySmall, TextWriter output)
    {
        int sizes = onlySmall ? 1 : int.MaxValue;
        Dictionary<string, double> own = [];
        foreach (int n in s_products.Take(sizes)) own[$"gemm {n}"] = Try(output, () => Product(device, n));
        foreach (int batch in s_trainingBatches.Take(sizes)) own[$"train {batch}"] = Try(output, () => Training(device, batch));
        foreach (int batch in s_inferenceBatches.Take(sizes)) own[$"predict {batch}"] = Try(output, () => Inference(device, batch));
        Dictionary<string, double> peer = device.Name.StartsWith("cuda", StringComparison.Ordinal) ? Peer(output) : [];

        output.WriteLine();
        output.WriteLine($"| work (float32) | MiniDeep on {device} | PyTorch {PeerVersion(peer)} | MiniDeep / PyTorch |");
        output.WriteLine("|---|---:|---:|---:|");
        foreach ((string work, double seconds) in own)
        {
            double? other = peer.TryGetValue(work, out double found) ? found : null;
            output.WriteLine($"| {Describe(work)} | {Value(work, seconds)} | {(other is { } known ? Value(work, known) : NotRun)} | {(other is { } of && seconds > 0 ? (seconds / of).ToString("0.00", CultureInfo.InvariantCulture) : NotRun)} |");
        }
    }

    private static string Describe(string work) => work.Split(' ') switch
    {
        ["gemm", var n] => $"matrix product {n} x {n} x {n}",
        ["train", var batch] => $"exercise 3's CNN, training step, batch {batch}",
        [_, var batch] => $"exercise 3's CNN, prediction, batch {batch}",
        _ => work,
    };

    private static string Value(string work, double seconds)
    {
        if (!(seconds > 0)) return NotRun;
        string time = seconds < 1e-3 ? FormattableString.Invariant($"{seconds * 1e6:0.0} us") : FormattableString.Invariant($"{seconds * 1e3:0.00} ms");
        if (!work.StartsWith("gemm", StringComparison.Ordinal)) return time;
        double n = double.Parse(work["gemm ".Length..], CultureInfo.InvariantCulture);
        return FormattableString.Invariant($"{time} ({2 * n * n * n / seconds / 1e12:0.00} TFLOP/s)");
    }

    /// <summary>The measurement, or NaN with a line about what went wrong: one size that doesn't fit must not take the others with it.</summary>
    private static double Try(TextWriter output, Func<double> measure)
    {
        try
        {
            return measure();
        }
        catch (Exception failure) when (failure is OutOfMemoryException or MiniDeepException)
        {
            output.WriteLine(failure.Message);
            return double.NaN;
        }
    }

    private static double Product(Device device, int n)
    {
        Tensor a = Filled([n, n], device), b = Filled([n, n], device);
        using NoGradScope noGrad = Tensor.NoGrad();
        return Median(device, () => a.MatMul(b));
    }

    private static double Training(Device device, int batch)
    {
        Sequential model = Exercise3.Network(Activation.ReLU);
        model.To(device);
        Tensor x = Filled([batch, 28, 28, 1], device), y = Labels(batch, device);
        var optimizer = new Adam();
        return Median(device, () =>
        {
            Loss.SparseCategoricalCrossentropy.Of(model.Call(x, training: true), y).Backward();
            optimizer.Step(model.Parameters);
        });
    }

    private static double Inference(Device device, int batch)
    {
        Sequential model = Exercise3.Network(Activation.ReLU);
        model.To(device);
        Tensor x = Filled([batch, 28, 28, 1], device);
        using NoGradScope noGrad = Tensor.NoGrad();
        return Median(device, () => model.Call(x));
    }

    /// <summary>Seconds for one call: the median of rounds of several calls with one wait at the end.</summary>
    private static double Median(Device device, Action action)
    {
        Time(device, 2, action);
        int calls = (int)Math.Clamp(SecondsARound / Time(device, 1, action), 1, 500);
        var rounds = new double[Rounds];
        for (int round = 0; round < Rounds; round++) rounds[round] = Time(device, calls, action);
        Array.Sort(rounds);
        return rounds[Rounds / 2];
    }

    private static double Time(Device device, int calls, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) action();
        device.Backend.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }

    private static Tensor Filled(Shape shape, Device device)
    {
        var values = new float[shape.ElementCount];
        for (int i = 0; i < values.Length; i++) values[i] = ((i * 7919L % 1013) - 506) / 506f;
        return Tensor.From(values, shape, device);
    }

    private static Tensor Labels(int count, Device device)
    {
        var labels = new int[count];
        for (int i = 0; i < count; i++) labels[i] = i % 10;
        return Tensor.From(labels, device);
    }

    private static string PeerVersion(Dictionary<string, double> peer) => peer.Count == 0 ? $"({NotRun})" : "eager";

    /// <summary>PyTorch's figures in seconds; none where it isn't installed or finds no card.</summary>
    private static Dictionary<string, double> Peer(TextWriter output)
    {
        Dictionary<string, double> figures = [];
        string script = Path.GetTempFileName();
        try
        {
            using (Stream resource = typeof(Benchmark).Assembly.GetManifestResourceStream("peer.py")!)
            using (FileStream file = File.Create(script)) resource.CopyTo(file);
            using Process? python = Process.Start(new ProcessStartInfo("python3", [script]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (python is null) return figures;
            Task<string> errors = python.StandardError.ReadToEndAsync();
            while (python.StandardOutput.ReadLine() is { } line)
            {
                if (line.Split('\t') is [var work, var seconds]) figures[work] = double.Parse(seconds, CultureInfo.InvariantCulture);
                else output.WriteLine(line);
            }
            python.WaitForExit();
            if (python.ExitCode != 0) output.WriteLine($"PyTorch: {errors.Result.Trim().Split('\n')[^1]}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            output.WriteLine($"PyTorch: python3 can't be started ({missing.Message}).");
        }
        finally
        {
            File.Delete(script);
        }
        return figures;
    }
}
