using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The arguments of a linear layer's backward pass: x [m, k], w [k, n], dy [m, n]. What isn't wanted is null.</summary>
internal unsafe struct LinearGradCall<T> : IKernelCall<T>
    where T : unmanaged
{
    public T* X, W, Saved, Dy, Dx, Dw, Dbias;
    public bool AccumulateX, AccumulateW, AccumulateBias;
    public int M, N, K;
    public FusedActivation Activation;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        Activate<TSimd, TVec, T>.Gradient(Activation, Saved, Dy, Dy, (nint)M * N);
        bool tiny = TinyLinear<TSimd, TVec, T>.Supports(M, N, K);
        if (tiny) TinyLinear<TSimd, TVec, T>.Gradient(X, Dy, Dw, AccumulateW, Dbias, AccumulateBias, M, N, K);
        if (Dbias != null && !tiny) ColumnSums<TSimd, TVec, T>.Run(Dy, M, N, Dbias, AccumulateBias);
        if (Dw != null && !tiny)
        {
            MatMulCall<T> weights = new() { A = X, TransposeA = true, B = Dy, C = Dw, M = K, N = N, K = M, Batch = 1, Accumulate = AccumulateW };
            weights.Run<TSimd, TVec>();
        }
        if (Dx != null)
        {
            MatMulCall<T> input = new() { A = Dy, B = W, TransposeB = true, C = Dx, M = M, N = K, K = N, Batch = 1, Accumulate = AccumulateX };
            input.Run<TSimd, TVec>();
        }
    }
}

/// <summary>Sums over the rows of a matrix.</summary>
internal static unsafe class ColumnSums<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>sums[j] (+)= x[0, j] + ... + x[rows - 1, j], row after row.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(T* x, nint rows, nint columns, T* sums, bool accumulate)
    {
        nint j = 0;
        for (; j + TSimd.Count <= columns; j += TSimd.Count)
        {
            TVec sum = accumulate ? TSimd.Load(sums + j) : TSimd.Zero;
            T* p = x + j;
            for (nint i = 0; i < rows; i++, p += columns) sum = TSimd.Add(sum, TSimd.Load(p));
            TSimd.Store(sums + j, sum);
        }
        for (; j < columns; j++)
        {
            Lane<T> sum = accumulate ? Simd1<T>.Load(sums + j) : Simd1<T>.Zero;
            T* p = x + j;
            for (nint i = 0; i < rows; i++, p += columns) sum = Simd1<T>.Add(sum, Simd1<T>.Load(p));
            Simd1<T>.Store(sums + j, sum);
        }
    }
}
