using System.Runtime.InteropServices;

namespace MiniDeep.KernelBench;

/// <summary>Swish of the extremes of windows, as a convolution under a pool leaves them; four normal numbers around a mean in each window.</summary>
internal unsafe struct SwishPool : IKernelCall<float>
{
    private const int Count = 1 << 10;

    private float* _y, _low, _freshY, _freshLow;
    private byte* _argmax;
    private bool _swish;

    public static IEnumerable<Case> All()
    {
        foreach ((double mean, double deviation) in new[] { (0, 1.0), (-1, 1), (-1, 0.3), (2, 0.3), (0, 0.1) })
        {
            yield return Make($"swish under a pool, mean {mean}, deviation {deviation}", mean, deviation, true);
            yield return Make($"swish under a pool, mean {mean}, deviation {deviation}, copies alone", mean, deviation, false);
        }
    }

    private static Case Make(string name, double mean, double deviation, bool swish)
    {
        // not at the same place of a page each, or loads would wait for stores that only look like theirs
        byte* memory = (byte*)NativeMemory.AlignedAlloc(8 * Count * 4, 4096);
        float* Floats() => (float*)((memory += Count * 4 + 320) - Count * 4);
        SwishPool call = new() { _y = Floats(), _low = Floats(), _freshY = Floats(), _freshLow = Floats(), _argmax = (byte*)Floats(), _swish = swish };
        Random random = new(1);
        for (int i = 0; i < Count; i++)
        {
            double[] four = [.. Enumerable.Range(0, 4).Select(_ => mean + deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
            (call._freshY[i], call._freshLow[i], call._argmax[i]) = ((float)four.Max(), (float)four.Min(), (byte)random.Next(16));
        }
        return new(name, 0, () => KernelCall.Run<SwishPool, float>(ref call), 16.0 * Count);
    }

    public readonly void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, float>
        where TVec : unmanaged
    {
        new Span<float>(_freshY, Count).CopyTo(new Span<float>(_y, Count));
        new Span<float>(_freshLow, Count).CopyTo(new Span<float>(_low, Count));
        if (_swish) PoolQuad<TSimd, TVec, float>.Swish(_y, _low, _argmax, true, Count);
    }
}
