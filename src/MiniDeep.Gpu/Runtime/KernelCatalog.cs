using System.Numerics;

namespace MiniDeep;

/// <summary>Is shown every kernel, by its types.</summary>
internal interface IKernelVisitor
{
    void Visit<TKernel, TArgs>()
        where TKernel : struct, IKernel<TArgs>
        where TArgs : struct;
}

/// <summary>All kernels that the backend starts: what is compiled ahead of the first step, and checked without a device.</summary>
internal static class KernelCatalog
{
    /// <summary>Shows the visitor the kernels of one float type, and those of no float type; of both types without one.</summary>
    /// <param name="visitor">Who is shown them.</param>
    /// <param name="dtype">Float32, Float64 or null.</param>
    /// <param name="limits">The device, which tells what kind of product it needs; null for all.</param>
    public static void Visit(IKernelVisitor visitor, DType? dtype, DeviceLimits? limits = null)
    {
        if (dtype is null or DType.Float32) VisitFloats<float, Real32>(visitor, limits);
        if (dtype is null or DType.Float64) VisitFloats<double, Real64>(visitor, limits);
        VisitMoves<long>(visitor);
        VisitMoves<int>(visitor);
        VisitMoves<byte>(visitor);
        VisitIntegers<long>(visitor);
        VisitIntegers<int>(visitor);
        VisitIntegers<byte>(visitor);
        VisitFolds<double, FloatFold>(visitor);
        VisitFolds<long, IntegerFold>(visitor);
        visitor.Visit<ConvertKernel, ConvertArgs>();
        visitor.Visit<LinkKernel, LinkArgs>();
    }

    private static void VisitFloats<T, R>(IKernelVisitor visitor, DeviceLimits? limits)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        visitor.Visit<FillKernel<T>, ElementwiseArgs<T>>();
        visitor.Visit<UnaryKernel<T, R>, ElementwiseArgs<T>>();
        visitor.Visit<UnaryGradKernel<T, R>, ElementwiseArgs<T>>();
        visitor.Visit<BinaryKernel<T, R>, ElementwiseArgs<T>>();
        visitor.Visit<CompareKernel<T>, ElementwiseArgs<T>>();
        VisitProducts<T, R, MatrixOperands<T>>(visitor, limits);
        VisitProducts<T, R, ImageOperands<T>>(visitor, limits);
        visitor.Visit<PartsKernel<T, R>, PartsArgs<T>>();
        visitor.Visit<ColumnKernel<T, R>, ColumnArgs<T>>();
        visitor.Visit<MaxPoolKernel<T>, PoolArgs<T>>();
        visitor.Visit<MaxPoolGradKernel<T>, PoolArgs<T>>();
        visitor.Visit<SoftmaxKernel<T, R>, SoftmaxArgs<T>>();
        visitor.Visit<SoftmaxGradKernel<T, R>, SoftmaxArgs<T>>();
        visitor.Visit<CrossEntropyKernel<T, R>, CrossEntropyArgs<T>>();
        visitor.Visit<SigmoidCrossEntropyKernel<T, R>, CrossEntropyArgs<T>>();
        visitor.Visit<ScatterAddKernel<T>, IndexArgs<T>>();
        visitor.Visit<DropoutKernel<T>, DropoutArgs<T>>();
        visitor.Visit<UpdateKernel<T, R>, UpdateArgs<T>>();
    }

    private static void VisitFolds<TSum, F>(IKernelVisitor visitor)
        where TSum : unmanaged
        where F : struct, IFold<TSum>
    {
        visitor.Visit<ReduceKernel<TSum, F>, ReduceArgs<TSum>>();
        visitor.Visit<ArgReduceKernel<TSum, F>, ArgReduceArgs>();
    }

    private static void VisitProducts<T, R, TOperands>(IKernelVisitor visitor, DeviceLimits? limits)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
        where TOperands : struct, IOperands<T, TOperands>
    {
        visitor.Visit<PlainKernel<T, R, TOperands>, ProductArgs<T>>();
        if (limits is null or { HasTiles: true }) visitor.Visit<TileKernel<T, R, TOperands>, ProductArgs<T>>();
        if ((limits is null || limits.Value.LargeTiles < int.MaxValue) && !R.IsDouble) visitor.Visit<LargeTileKernel<T, R, TOperands>, ProductArgs<T>>();
    }

    private static void VisitMoves<T>(IKernelVisitor visitor)
        where T : unmanaged
    {
        visitor.Visit<CopyKernel<T>, ElementwiseArgs<T>>();
        visitor.Visit<SelectKernel<T>, ElementwiseArgs<T>>();
        visitor.Visit<GatherKernel<T>, IndexArgs<T>>();
    }

    private static void VisitIntegers<T>(IKernelVisitor visitor)
        where T : unmanaged, INumber<T>
    {
        visitor.Visit<FillKernel<T>, ElementwiseArgs<T>>();
        visitor.Visit<IntegerKernel<T>, ElementwiseArgs<T>>();
        visitor.Visit<CompareKernel<T>, ElementwiseArgs<T>>();
    }
}
