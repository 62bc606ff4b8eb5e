using System.Diagnostics;

namespace MiniDeep.KernelBench;

/// <summary>
/// Looks for cliffs of the matrix product: one size (or all three) walks from 1 to 130 beside 64 or 128, and each time is compared with the straight line between
/// the neighbours at multiples of a vector's 16 lanes, and with the next such multiple (above 1: fewer numbers take longer); then leading dimensions that are powers of two, compared with the sizes 16 below and above.
/// </summary>
internal static class Sweep
{
    private const int Last = 130;
    private const int Lanes = 16;

    public static void Run(DType dtype)
    {
        TensorView pool = Cases.Make(dtype, r => r.NextDouble() - 0.5, 4096 + 64, 4096);
        foreach ((bool ta, bool tb) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            string kind = $"{(dtype == DType.Float32 ? "f32" : "f64")} {(ta ? 'T' : 'N')}{(tb ? 'T' : 'N')}";
            foreach (int other in new[] { 64, 128 })
            {
                Walk($"{kind} M x {other} x {other}", x => Product(pool, x, other, other, ta, tb));
                Walk($"{kind} {other} x K x {other}", x => Product(pool, other, x, other, ta, tb));
                Walk($"{kind} {other} x {other} x N", x => Product(pool, other, other, x, ta, tb));
            }
            Walk($"{kind} all three", x => Product(pool, x, x, x, ta, tb));
            Powers(kind, pool, ta, tb);
        }
    }

    private static void Walk(string name, Func<int, Action> make)
    {
        Action[] runs = [.. Enumerable.Range(0, Last + Lanes).Select(x => make(Math.Max(1, x)))];
        double[] times = Measure(runs);
        (double Ratio, int At)[] ratios = [.. Enumerable.Range(1, Last).Select(x =>
        {
            int below = Math.Max(1, x / Lanes * Lanes), above = (x / Lanes + 1) * Lanes;
            double line = times[below] + (times[above] - times[below]) * (x - below) / (above - below);
            return (times[x] / line, x);
        }).OrderDescending()];
        (double Ratio, int At) next = Enumerable.Range(1, Last).Select(x => (times[x] / times[(x + Lanes - 1) / Lanes * Lanes], x)).Max();
        double median = ratios[ratios.Length / 2].Ratio, tenth = ratios[ratios.Length / 10].Ratio;
        Console.WriteLine($"{name,-24} median {median:F2}, worst tenth {tenth:F2}, worst {string.Join(", ", ratios.Take(4).Select(r => $"{r.Ratio:F2} at {r.At}"))}; to the next multiple {next.Ratio:F2} at {next.At}");
    }

    private static void Powers(string kind, TensorView pool, bool ta, bool tb)
    {
        List<(double Ratio, string At)> ratios = [];
        for (int size = 256; size <= 4096; size *= 2)
        {
            for (int place = 0; place < 3; place++)
            {
                int s = size, p = place;
                Action Case(int x) => Product(pool, p == 0 ? x : 96, p == 1 ? x : 96, p == 2 ? x : 96, ta, tb);
                double[] times = Measure([Case(s - Lanes), Case(s), Case(s + Lanes)]);
                ratios.Add((2 * times[1] / (times[0] + times[2]), $"{"MKN"[p]} = {s}"));
            }
        }
        Console.WriteLine($"{kind + " powers of two",-24} worst {string.Join(", ", ratios.OrderDescending().Take(4).Select(r => $"{r.Ratio:F2} at {r.At}"))}");
    }

    private static Action Product(TensorView pool, int m, int k, int n, bool ta, bool tb)
    {
        TensorView At(int start, params int[] sizes) => new(pool.Storage, start, Shape.Create(sizes));
        int size = 4096 * 1100;
        TensorView a = At(0, ta ? [k, m] : [m, k]), b = At(size, tb ? [n, k] : [k, n]), c = At(2 * size, m, n);
        return () => CpuBackend.Instance.MatMul(a, ta, b, tb, c, false);
    }

    /// <summary>Microseconds, the best of interleaved rounds.</summary>
    private static double[] Measure(Action[] runs)
    {
        int[] repeats = [.. runs.Select(run =>
        {
            run();
            run();
            long start = Stopwatch.GetTimestamp();
            run();
            return (int)Math.Clamp(60 / Stopwatch.GetElapsedTime(start).TotalMicroseconds, 1, 200);
        })];
        double[] best = [.. runs.Select(_ => double.MaxValue)];
        for (int round = 0; round < 8; round++)
        {
            for (int i = 0; i < runs.Length; i++)
            {
                runs[i]();
                long start = Stopwatch.GetTimestamp();
                for (int r = 0; r < repeats[i]; r++) runs[i]();
                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats[i]);
            }
        }
        return best;
    }
}
