using System.Runtime.Intrinsics;

namespace MiniDeep;

/// <summary>Which loop computes a row function for a float type on this machine.</summary>
internal static unsafe class SoftmaxKernels
{
    public enum Kind
    {
        Softmax,
        LogSoftmax,
        SoftmaxGradient,
        LogSoftmaxGradient,
        SparseCrossEntropy,
        CrossEntropy,
        SigmoidCrossEntropy,
    }

    public static delegate*<RowsJob*, int, int, double> For(Kind kind, DType dtype) => dtype == DType.Float32
        ? Isa.VectorBits switch
        {
            512 => For<Simd512<float>, Vector512<float>, float>(kind),
            256 => For<Simd256<float>, Vector256<float>, float>(kind),
            128 => For<Simd128<float>, Vector128<float>, float>(kind),
            _ => For<Simd1<float>, Lane<float>, float>(kind),
        }
        : Isa.VectorBits switch
        {
            512 => For<Simd512<double>, Vector512<double>, double>(kind),
            256 => For<Simd256<double>, Vector256<double>, double>(kind),
            128 => For<Simd128<double>, Vector128<double>, double>(kind),
            _ => For<Simd1<double>, Lane<double>, double>(kind),
        };

    private static delegate*<RowsJob*, int, int, double> For<TSimd, TVec, T>(Kind kind)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged => kind switch
        {
            Kind.Softmax => &SoftmaxLoop<TSimd, TVec, T>.Softmax,
            Kind.LogSoftmax => &SoftmaxLoop<TSimd, TVec, T>.LogSoftmax,
            Kind.SoftmaxGradient => &SoftmaxLoop<TSimd, TVec, T>.SoftmaxGradient,
            Kind.LogSoftmaxGradient => &SoftmaxLoop<TSimd, TVec, T>.LogSoftmaxGradient,
            Kind.SparseCrossEntropy => &SoftmaxLoop<TSimd, TVec, T>.SparseCrossEntropy,
            Kind.CrossEntropy => &SoftmaxLoop<TSimd, TVec, T>.CrossEntropy,
            _ => &SoftmaxLoop<TSimd, TVec, T>.SigmoidCrossEntropy,
        };
}
