using System.Runtime.CompilerServices;

namespace MiniDeep.KernelBench;

/// <summary>Multiply-adds in registers alone: what a kernel's share of the peak is a share of.</summary>
internal unsafe struct Peak<T> : IKernelCall<T>
    where T : unmanaged
{
    public int Rounds;
    public double Operations;
    public T* Sink;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        Loop<TSimd, TVec>(Rounds, Sink);
        Operations = 2.0 * 12 * TSimd.Count * Rounds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TSimd, TVec>(int rounds, T* sink)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        TVec a = TSimd.Load(sink), b = TSimd.Load(sink + 16);
        TVec c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
        for (int i = 0; i < rounds; i++)
        {
            c0 = TSimd.MultiplyAdd(a, b, c0); c1 = TSimd.MultiplyAdd(a, b, c1); c2 = TSimd.MultiplyAdd(a, b, c2); c3 = TSimd.MultiplyAdd(a, b, c3);
            c4 = TSimd.MultiplyAdd(a, b, c4); c5 = TSimd.MultiplyAdd(a, b, c5); c6 = TSimd.MultiplyAdd(a, b, c6); c7 = TSimd.MultiplyAdd(a, b, c7);
            c8 = TSimd.MultiplyAdd(a, b, c8); c9 = TSimd.MultiplyAdd(a, b, c9); c10 = TSimd.MultiplyAdd(a, b, c10); c11 = TSimd.MultiplyAdd(a, b, c11);
        }
        c0 = TSimd.Add(TSimd.Add(TSimd.Add(c0, c1), TSimd.Add(c2, c3)), TSimd.Add(TSimd.Add(c4, c5), TSimd.Add(c6, c7)));
        TSimd.Store(sink + 32, TSimd.Add(c0, TSimd.Add(TSimd.Add(c8, c9), TSimd.Add(c10, c11))));
    }
}
