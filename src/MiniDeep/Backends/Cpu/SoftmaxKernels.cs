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

    public static delegate*<RowsJob*, int, int, double> For(Kind kind, DType dtype, int length)
        => dtype == DType.Float32 ? For<float>(kind, length) : For<double>(kind, length);

    private static delegate*<RowsJob*, int, int, double> For<T>(Kind kind, int length)
        where T : unmanaged
    {
        var choice = new Choice<T> { Kind = kind, Length = length };
        KernelCall.Run<Choice<T>, T>(ref choice);
        return choice.Kernel;
    }

    private struct Choice<T> : IKernelCall<T>
        where T : unmanaged
    {
        public Kind Kind;
        public int Length;
        public delegate*<RowsJob*, int, int, double> Kernel;

        public void Run<TSimd, TVec>()
            where TSimd : struct, ISimd<TVec, T>
            where TVec : unmanaged
        {
            bool inLanes = Length <= SoftmaxLanes<TSimd, TVec, T>.MaxLength;
            Kernel = Kind switch
            {
                Kind.Softmax => inLanes ? &SoftmaxLanes<TSimd, TVec, T>.Softmax : &SoftmaxLoop<TSimd, TVec, T>.Softmax,
                Kind.LogSoftmax => inLanes ? &SoftmaxLanes<TSimd, TVec, T>.LogSoftmax : &SoftmaxLoop<TSimd, TVec, T>.LogSoftmax,
                Kind.SoftmaxGradient => inLanes ? &SoftmaxLanes<TSimd, TVec, T>.SoftmaxGradient : &SoftmaxLoop<TSimd, TVec, T>.SoftmaxGradient,
                Kind.LogSoftmaxGradient => inLanes ? &SoftmaxLanes<TSimd, TVec, T>.LogSoftmaxGradient : &SoftmaxLoop<TSimd, TVec, T>.LogSoftmaxGradient,
                Kind.SparseCrossEntropy => inLanes ? &SoftmaxLanes<TSimd, TVec, T>.SparseCrossEntropy : &SoftmaxLoop<TSimd, TVec, T>.SparseCrossEntropy,
                Kind.CrossEntropy => inLanes ? &SoftmaxLanes<TSimd, TVec, T>.CrossEntropy : &SoftmaxLoop<TSimd, TVec, T>.CrossEntropy,
                _ => &SoftmaxLoop<TSimd, TVec, T>.SigmoidCrossEntropy,
            };
        }
    }
}
