using System.Runtime.Intrinsics;

namespace MiniDeep;

/// <summary>The arguments of matrix products: c = f(op(a) op(b) + bias), or c += op(a) op(b); slope gets f'.</summary>
internal unsafe struct MatMulCall<T> : IKernelCall<T>
    where T : unmanaged
{
    public T* A, B, C, Bias, Slope;
    public int M, N, K;
    public bool TransposeA, TransposeB, Accumulate;
    public FusedActivation Activation;
    public int Batch;

    /// <summary>Elements from one matrix of the batch to the next; 0 where one matrix serves all.</summary>
    public nint BatchA, BatchB, BatchC;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        fixed (MatMulCall<T>* call = &this) Gemm<TSimd, TVec, T>.Run(call);
    }
}

/// <summary>Matrix products: picks the way to compute one from its sizes alone. <see cref="GemmBlocks{TSimd, TVec, T}"/> does the work.</summary>
internal static unsafe class Gemm<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Multiply-adds from which on a matrix of a batch is shared by the threads; smaller ones are a thread's each.</summary>
    private const long SharedWork = 1 << 22;

    public static void Run(MatMulCall<T>* call)
    {
        if (call->M == 0 || call->N == 0 || call->Batch == 0) return;
        long work = (long)call->M * call->N * Math.Max(call->K, 1);
        if (call->Batch > 1 && work < SharedWork)
        {
            Batches batches = new() { Call = call, Size = (int)Math.Clamp(GemmBlocks<TSimd, TVec, T>.ChunkWork / work, 1, call->Batch) };
            ThreadTeam.Run(ref batches, (call->Batch + batches.Size - 1) / batches.Size);
            return;
        }
        for (int batch = 0; batch < call->Batch; batch++) One(call, batch);
    }

    private struct Batches : IChunkedWork
    {
        public MatMulCall<T>* Call;
        public int Size;

        public readonly void Execute(int chunk)
        {
            for (int batch = chunk * Size; batch < Math.Min((chunk + 1) * Size, Call->Batch); batch++) One(Call, batch);
        }
    }

    private static void One(MatMulCall<T>* call, int batch)
    {
        int m = call->M, n = call->N, k = call->K;
        T* a = call->A + batch * call->BatchA;
        T* b = call->B + batch * call->BatchB;
        T* c = call->C + batch * call->BatchC;
        bool column = n == 1 && m > 1, plain = !call->Accumulate && !column;
        if (plain && !call->TransposeA && TinyLinear<TSimd, TVec, T>.Supports(m, n, k))
        {
            bool relu = call->Activation.Kind == UnaryKind.Relu && call->Slope == null;
            TinyLinear<TSimd, TVec, T>.Product(a, b, call->TransposeB, call->Bias, relu ? 0 : double.NegativeInfinity, c, m, n, k);
            if (!relu) Activate<TSimd, TVec, T>.Forward(call->Activation, c, c, call->Slope, (nint)m * n);
            return;
        }
        // c^T = b^T a^T: a column is a row in memory, otherwise c is transposed piece by piece
        bool swapped = column || Swap(m, n, k, call->TransposeA, call->TransposeB);
        GemmPlan<T> plan = new()
        {
            A = swapped ? b : a,
            B = swapped ? a : b,
            C = c,
            M = swapped ? n : m,
            N = swapped ? m : n,
            K = k,
            TransposeA = swapped ? !call->TransposeB : call->TransposeA,
            TransposeB = swapped ? !call->TransposeA : call->TransposeB,
            Swapped = swapped && !column,
            Init = call->Accumulate ? c : call->Bias,
            InitRow = call->Accumulate ? n : 0,
            InitStep = column && !call->Accumulate ? 0 : 1,
            Slope = call->Slope,
            Activation = call->Activation,
        };
        if (Lanes<TSimd, TVec, T>.HalfHolds(plan.N)) GemmBlocks<Simd256<T>, Vector256<T>, T>.Run(&plan);
        else GemmBlocks<TSimd, TVec, T>.Run(&plan);
    }

    /// <summary>Whether c^T = b^T a^T is faster: tiles with their unused lanes and what has to be transposed, in vectors' multiply-adds.</summary>
    private static bool Swap(int m, int n, int k, bool transposeA, bool transposeB)
    {
        if (k == 0 || m < TSimd.Count / 2) return false;
        return Cost(n, m, k, !transposeA) + Transposition * m * n < 0.98 * Cost(m, n, k, transposeB);
    }

    /// <summary>Multiply-adds of vectors that take as long as transposing an element.</summary>
    public const double Transposition = 0.25;

    private static double Cost(int rows, int columns, int k, bool transposed)
    {
        if (transposed && DotProducts<TSimd, TVec, T>.Pays(rows, k)) return rows * (double)columns * DotProducts<TSimd, TVec, T>.Cost(k);
        double vectors = (columns + TSimd.Count - 1) / TSimd.Count;
        if (Lanes<TSimd, TVec, T>.HalfHolds(columns)) vectors = 0.5;
        return (double)rows * k * vectors + (transposed ? Transposition * k * columns : 0);
    }
}
