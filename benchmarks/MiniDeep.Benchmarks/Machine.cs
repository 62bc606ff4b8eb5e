using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MiniDeep.KernelBench;

namespace MiniDeep.Benchmarks;

/// <summary>What one core of this machine can do, measured in the run: the ceilings of the tables' shares.</summary>
internal sealed class Machine
{
    private static readonly int[] s_copySizes = [1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26];
    private readonly List<double> _peaks = [], _clocks = [];
    private readonly double[] _bandwidths;

    public Machine()
    {
        for (int i = 0; i < 5; i++) Sample();
        _bandwidths = [.. s_copySizes.Select(Copy)];
        ExpRate = Exp();
    }

    /// <summary>Multiply-adds count as two operations; float, all of a core's vector units.</summary>
    public double PeakGigaFlops => Report.Median(_peaks);

    /// <summary>From a chain of additions of which each waits for the one before: one a cycle on every processor of this kind.</summary>
    public double GigaHertz => Report.Median(_clocks);

    /// <summary>How many whole-vector multiply-adds a cycle the peak comes to: a whole number (or one half) where both were measured well.</summary>
    public double VectorsPerCycle => PeakGigaFlops / (2 * (Isa.VectorBits / 32) * GigaHertz);

    /// <summary>Float exponentials a microsecond, by the faster of the backend's and TensorPrimitives', in the first-level cache.</summary>
    public double ExpRate { get; }

    /// <summary>Bytes a microsecond, read and written counted each, of a copy in memory that no cache holds.</summary>
    public double MemoryBandwidth => _bandwidths[^1];

    /// <summary>The same for data that come to so many bytes in all: of a copy within the cache that holds them.</summary>
    public double Bandwidth(double bytes) => _bandwidths[s_copySizes.TakeWhile(size => size < bytes).Take(s_copySizes.Length - 1).Count()];

    public IEnumerable<Fact> Facts =>
    [
        new("multiply-add peak of a core, float", PeakGigaFlops, "GFLOP/s"),
        new("the core's clock, from a chain of additions", GigaHertz, "GHz"),
        new($"{Isa.VectorBits}-bit multiply-adds a cycle that the two imply", VectorsPerCycle, ""),
        .. s_copySizes.Select((size, i) => new Fact($"copy, {size >> 10} KiB in all, read + written", _bandwidths[i] / 1000, "GB/s")),
        new("exponentials, float", ExpRate / 1000, "a ns"),
    ];

    /// <summary>The clock wanders; so the peak is measured again between the cases.</summary>
    public unsafe void Sample()
    {
        float* sink = stackalloc float[64];
        for (int i = 0; i < 64; i++) sink[i] = 1e-3f;
        Peak<float> peak = new() { Rounds = 100_000, Sink = sink };
        double best = double.MaxValue, clock = 0;
        for (int i = 0; i < 5; i++)
        {
            long start = Stopwatch.GetTimestamp();
            KernelCall.Run<Peak<float>, float>(ref peak);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            start = Stopwatch.GetTimestamp();
            s_sink = Chain(100_000);
            clock = Math.Max(clock, 1.6 / Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        _peaks.Add(peak.Operations / best / 1000);
        _clocks.Add(clock);
    }

    private static long s_sink;

    /// <summary>16 additions a round, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Chain(int rounds)
    {
        long a = s_sink, b = rounds;
        for (int i = 0; i < rounds; i++)
        {
            a += b; b += a; a += b; b += a; a += b; b += a; a += b; b += a;
            a += b; b += a; a += b; b += a; a += b; b += a; a += b; b += a;
        }
        return a + b;
    }

    private static double Copy(int bytes)
    {
        byte[] from = new byte[bytes / 2], to = new byte[bytes / 2];
        from.AsSpan().Fill(1);
        return bytes / Best(() => from.CopyTo(to, 0), Math.Max(1, (1 << 23) / bytes));
    }

    private static double Exp()
    {
        const int Count = 2048;
        Tensor x = Tensor.Full([Count], 0.5), y = Tensor.Zeros([Count]);
        float[] from = x.ToArray<float>(), to = new float[Count];
        double own = Best(() => CpuBackend.Instance.Unary(UnaryKind.Exp, 0, x.View, y.View, false), 200);
        double library = Best(() => TensorPrimitives.Exp(from, to), 200);
        return Count / Math.Min(own, library);
    }

    private static double Best(Action run, int count)
    {
        double best = double.MaxValue;
        for (int i = 0; i < 25; i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int j = 0; j < count; j++) run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / count);
        }
        return best;
    }
}
