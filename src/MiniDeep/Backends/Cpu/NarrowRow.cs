using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>One row times a matrix of few columns, a vector of them after the other: four sums at a time, because a single one would wait for each of its additions.</summary>
internal static unsafe class NarrowRow<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>c [1, n] = f(init + a b), a [1, k], b [k, n].</summary>
    public static void Run(GemmPlan<T>* plan)
    {
        for (nint column = 0; column < plan->N; column += TSimd.Count) Columns(plan, column);
        if (plan->Activation.Kind != UnaryKind.Identity || plan->Slope != null)
            Activate<TSimd, TVec, T>.Forward(plan->Activation, plan->C, plan->C, plan->Slope, plan->N);
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void Columns(GemmPlan<T>* plan, nint column)
    {
        T* a = plan->A;
        T* b = plan->B + column;
        T* c = plan->C + column;
        nint n = plan->N, k = plan->K, p = 0, used = Math.Min(TSimd.Count, n - column);
        // rows that a whole vector may be loaded from: what it reads too much is the next row
        nint last = k * n - column - TSimd.Count, whole = last < 0 ? 0 : last / n + 1;
        TVec c0 = TSimd.Zero, c1 = c0, c2 = c0, c3 = c0;
        for (; p + 4 <= whole; p += 4, b += 4 * n)
        {
            c0 = TSimd.MultiplyAdd(TSimd.Broadcast(a[p]), TSimd.Load(b), c0);
            c1 = TSimd.MultiplyAdd(TSimd.Broadcast(a[p + 1]), TSimd.Load(b + n), c1);
            c2 = TSimd.MultiplyAdd(TSimd.Broadcast(a[p + 2]), TSimd.Load(b + 2 * n), c2);
            c3 = TSimd.MultiplyAdd(TSimd.Broadcast(a[p + 3]), TSimd.Load(b + 3 * n), c3);
        }
        for (; p < k; p++, b += n) c0 = TSimd.MultiplyAdd(TSimd.Broadcast(a[p]), p < whole ? TSimd.Load(b) : Lanes<TSimd, TVec, T>.Load(b, used), c0);
        TVec sum = TSimd.Add(TSimd.Add(c0, c1), TSimd.Add(c2, c3));
        if (plan->Init != null) sum = TSimd.Add(Lanes<TSimd, TVec, T>.Load(plan->Init + column, used), sum);
        Lanes<TSimd, TVec, T>.Store(c, used, sum);
    }
}
