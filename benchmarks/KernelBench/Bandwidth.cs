using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniDeep.KernelBench;

/// <summary>Bytes a core reads in a microsecond from a working set of a given size: the other roof of a kernel.</summary>
internal unsafe struct Bandwidth : IKernelCall<float>
{
    private static readonly Dictionary<long, double> s_measured = [];

    private float* _source;
    private nint _count;

    /// <summary>Measured once for each size.</summary>
    public static double Read(long bytes)
    {
        if (s_measured.TryGetValue(bytes, out double known)) return known;
        nint count = (nint)Math.Max(1, bytes / 256) * 64;
        Bandwidth call = new() { _source = (float*)NativeMemory.AlignedAlloc((nuint)count * 4, 64), _count = count };
        new Span<float>(call._source, (int)count).Fill(1e-3f);
        int repeats = (int)Math.Max(1, (1 << 22) / (count * 4));
        double best = double.MaxValue;
        for (int round = 0; round < 60; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repeats; i++) KernelCall.Run<Bandwidth, float>(ref call);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / repeats);
        }
        NativeMemory.AlignedFree(call._source);
        return s_measured[bytes] = count * 4 / best;
    }

    public readonly void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, float>
        where TVec : unmanaged => Loop<TSimd, TVec>(_source, _count);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TSimd, TVec>(float* source, nint count)
        where TSimd : struct, ISimd<TVec, float>
        where TVec : unmanaged
    {
        TVec a = TSimd.Zero, b = a, c = a, d = a;
        for (nint i = 0; i < count; i += 4 * TSimd.Count)
        {
            a = TSimd.Add(a, TSimd.Load(source + i));
            b = TSimd.Add(b, TSimd.Load(source + i + TSimd.Count));
            c = TSimd.Add(c, TSimd.Load(source + i + 2 * TSimd.Count));
            d = TSimd.Add(d, TSimd.Load(source + i + 3 * TSimd.Count));
        }
        source[0] = TSimd.Sum(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d))) > 1e30f ? 0 : source[0];
    }
}
