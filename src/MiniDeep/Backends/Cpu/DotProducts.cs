using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Products of few rows with a transposed b: dot products of rows that both lie along k, so nothing is transposed.</summary>
[SkipLocalsInit]
internal static unsafe class DotProducts<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Vectors' multiply-adds that take as long as summing a vector's lanes.</summary>
    private const double LaneSum = 5;

    private const int MaxRows = 8;

    /// <summary>Whether so many rows leave summing lanes cheaper than transposing b.</summary>
    public static bool Pays(int rows, int k)
        => k >= TSimd.Count && (rows == 1 || (rows <= MaxRows && rows * LaneSum <= Gemm<TSimd, TVec, T>.Transposition * k));

    /// <summary>An element of the result, in vectors' multiply-adds.</summary>
    public static double Cost(int k) => (double)k / TSimd.Count + LaneSum;

    /// <summary>c [m, n] = init + a b^T, a [m, k], b [n, k]; swapped, c lies as [n, m].</summary>
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
            nint n = Plan->N;
            if (Plan->Swapped)
            {
                nint at = (nint)first * Plan->M;
                T* start = Plan->Init == null ? null : Plan->Init + first * Plan->InitRow, slope = Plan->Slope == null ? null : Plan->Slope + at;
                Block(Plan->A, Plan->B + first * (nint)Plan->K, Plan->C + at, 1, Plan->M, start, 1, Plan->InitRow, Plan->M, count, Plan->K);
                Activate<TSimd, TVec, T>.Forward(Plan->Activation, Plan->C + at, Plan->C + at, slope, count * (nint)Plan->M);
                return;
            }
            T* init = Plan->Init == null ? null : Plan->Init + first;
            Block(Plan->A, Plan->B + first * (nint)Plan->K, Plan->C + first, n, 1, init, Plan->InitRow, 1, Plan->M, count, Plan->K);
            if (Plan->Activation.Kind == UnaryKind.Identity && Plan->Slope == null) return;
            for (nint at = first; at < Plan->M * n; at += n)
            {
                Activate<TSimd, TVec, T>.Forward(Plan->Activation, Plan->C + at, Plan->C + at, Plan->Slope == null ? null : Plan->Slope + at, count);
            }
        }
    }

    /// <summary>Four columns at a time, two rows at a time; columns are read once from far away for all the rows.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Block(T* a, T* b, T* c, nint cRow, nint cColumn, T* init, nint initRow, nint initColumn, int m, int count, nint k)
    {
        T* sums = stackalloc T[8];
        for (int j = 0; j < count; j += 4, b += 4 * k)
        {
            // columns beyond the last are the last again
            nint s1 = j + 1 < count ? k : 0, s2 = j + 2 < count ? 2 * k : s1, s3 = j + 3 < count ? 3 * k : s2;
            int columns = Math.Min(4, count - j);
            nint i = 0;
            for (; i + 2 <= m; i += 2)
            {
                Rows<Two>(a + i * k, b, k, s1, s2, s3, sums);
                Put(c + i * cRow + j * cColumn, cColumn, init == null ? null : init + i * initRow + j * initColumn, initColumn, sums, columns);
                Put(c + (i + 1) * cRow + j * cColumn, cColumn, init == null ? null : init + (i + 1) * initRow + j * initColumn, initColumn, sums + 4, columns);
            }
            if (i == m) continue;
            Rows<One>(a + i * k, b, k, s1, s2, s3, sums);
            Put(c + i * cRow + j * cColumn, cColumn, init == null ? null : init + i * initRow + j * initColumn, initColumn, sums, columns);
        }
    }

    /// <summary>The products of one row, or two, with four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows<TRows>(T* x, T* y, nint k, nint s1, nint s2, nint s3, T* sums)
        where TRows : struct, IConstant
    {
        TVec c0 = TSimd.Zero, c1 = c0, c2 = c0, c3 = c0, d0 = c0, d1 = c0, d2 = c0, d3 = c0;
        nint whole = k / TSimd.Count * TSimd.Count, rest = k - whole;
        T* end = x + whole;
        for (; x < end; x += TSimd.Count, y += TSimd.Count)
        {
            TVec b0 = TSimd.Load(y), b1 = TSimd.Load(y + s1), b2 = TSimd.Load(y + s2), b3 = TSimd.Load(y + s3), value = TSimd.Load(x);
            Add(b0, b1, b2, b3, value, ref c0, ref c1, ref c2, ref c3);
            if (TRows.Value == 2) Add(b0, b1, b2, b3, TSimd.Load(x + k), ref d0, ref d1, ref d2, ref d3);
        }
        if (rest > 0)
        {
            TVec b0 = Lanes<TSimd, TVec, T>.Load(y, rest), b1 = Lanes<TSimd, TVec, T>.Load(y + s1, rest), b2 = Lanes<TSimd, TVec, T>.Load(y + s2, rest);
            TVec b3 = Lanes<TSimd, TVec, T>.Load(y + s3, rest), value = Lanes<TSimd, TVec, T>.Load(x, rest);
            Add(b0, b1, b2, b3, value, ref c0, ref c1, ref c2, ref c3);
            if (TRows.Value == 2) Add(b0, b1, b2, b3, Lanes<TSimd, TVec, T>.Load(x + k, rest), ref d0, ref d1, ref d2, ref d3);
        }
        TSimd.Sum(c0, c1, c2, c3, sums);
        if (TRows.Value == 2) TSimd.Sum(d0, d1, d2, d3, sums + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVec b0, TVec b1, TVec b2, TVec b3, TVec value, ref TVec c0, ref TVec c1, ref TVec c2, ref TVec c3)
    {
        c0 = TSimd.MultiplyAdd(b0, value, c0);
        c1 = TSimd.MultiplyAdd(b1, value, c1);
        c2 = TSimd.MultiplyAdd(b2, value, c2);
        c3 = TSimd.MultiplyAdd(b3, value, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(T* c, nint cColumn, T* init, nint initColumn, T* sums, int columns)
    {
        for (int i = 0; i < columns; i++, c += cColumn)
        {
            *c = init == null ? sums[i] : Simd1<T>.Sum(Simd1<T>.Add(Simd1<T>.Load(init + i * initColumn), Simd1<T>.Load(sums + i)));
        }
    }
}
