using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Products of a few rows with a transposed b: dot products of rows that both lie along k, so nothing is transposed.</summary>
[SkipLocalsInit]
internal static unsafe class DotProducts<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    public const int MaxRows = 4;

    /// <summary>c [m, n] = init + a b^T, a [m, k], b [n, k].</summary>
    public static void Run(GemmPlan<T>* plan)
    {
        Work work = new() { Plan = plan, Columns = (int)Math.Clamp(GemmBlocks<TSimd, TVec, T>.ChunkWork / 4 / ((long)plan->M * plan->K) / 4 * 4, 4, 1 << 20) };
        ThreadTeam.Run(ref work, (plan->N + work.Columns - 1) / work.Columns);
    }

    private struct Work : IChunkedWork
    {
        public GemmPlan<T>* Plan;
        public int Columns;

        public readonly void Execute(int chunk)
        {
            int first = chunk * Columns, count = Math.Min(Columns, Plan->N - first);
            T* init = Plan->Init == null ? null : Plan->Init + first;
            nint n = Plan->N;
            Block(Plan->A, Plan->B + first * (nint)Plan->K, Plan->C + first, init, Plan->InitRow, Plan->M, count, Plan->K, n);
            if (Plan->Activation.Kind == UnaryKind.Identity && Plan->Slope == null) return;
            for (nint at = first; at < Plan->M * n; at += n)
            {
                Activate<TSimd, TVec, T>.Forward(Plan->Activation, Plan->C + at, Plan->C + at, Plan->Slope == null ? null : Plan->Slope + at, count);
            }
        }
    }

    /// <summary>Four columns at a time; each is read once from far away for all the rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(T* a, T* b, T* c, T* init, nint initRow, int m, int count, nint k, nint cRow)
    {
        nint whole = k / TSimd.Count * TSimd.Count, rest = k - whole;
        for (int j = 0; j < count; j += 4, b += 4 * k)
        {
            // columns beyond the last are the last again
            nint s1 = j + 1 < count ? k : 0, s2 = j + 2 < count ? 2 * k : s1, s3 = j + 3 < count ? 3 * k : s2;
            for (nint i = 0; i < m; i++)
            {
                T* x = a + i * k;
                T* y = b;
                TVec c0 = TSimd.Zero, c1 = c0, c2 = c0, c3 = c0;
                for (nint p = 0; p < whole; p += TSimd.Count, y += TSimd.Count)
                {
                    TVec value = TSimd.Load(x + p);
                    c0 = TSimd.MultiplyAdd(TSimd.Load(y), value, c0);
                    c1 = TSimd.MultiplyAdd(TSimd.Load(y + s1), value, c1);
                    c2 = TSimd.MultiplyAdd(TSimd.Load(y + s2), value, c2);
                    c3 = TSimd.MultiplyAdd(TSimd.Load(y + s3), value, c3);
                }
                if (rest > 0)
                {
                    TVec value = Lanes<TSimd, TVec, T>.Load(x + whole, rest);
                    c0 = TSimd.MultiplyAdd(Lanes<TSimd, TVec, T>.Load(y, rest), value, c0);
                    c1 = TSimd.MultiplyAdd(Lanes<TSimd, TVec, T>.Load(y + s1, rest), value, c1);
                    c2 = TSimd.MultiplyAdd(Lanes<TSimd, TVec, T>.Load(y + s2, rest), value, c2);
                    c3 = TSimd.MultiplyAdd(Lanes<TSimd, TVec, T>.Load(y + s3, rest), value, c3);
                }
                nint at = i * cRow + j, from = i * initRow + j;
                Put(c + at, init == null ? null : init + from, c0);
                if (j + 1 < count) Put(c + at + 1, init == null ? null : init + from + 1, c1);
                if (j + 2 < count) Put(c + at + 2, init == null ? null : init + from + 2, c2);
                if (j + 3 < count) Put(c + at + 3, init == null ? null : init + from + 3, c3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(T* c, T* init, TVec sums)
    {
        T sum = TSimd.Sum(sums);
        *c = init == null ? sum : Simd1<T>.Sum(Simd1<T>.Add(Simd1<T>.Load(init), Simd1<T>.Load(&sum)));
    }
}
