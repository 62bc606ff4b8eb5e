namespace MiniDeep.Conformance;

/// <summary>The convolutions and pools of the image suite.</summary>
public static class Geometries
{
    /// <summary>Empty, single, odd, strided, dilated, grouped, padded on one side only, larger than a tile, and the exercise's two.</summary>
    public static IReadOnlyList<ConvGeometry> Convolutions { get; } =
    [
        Conv(1, 1, 1, 1, 1, 1, 1),
        Conv(0, 4, 4, 2, 3, 3, 3),
        Conv(2, 4, 4, 0, 3, 3, 3),
        Conv(2, 4, 4, 3, 0, 3, 3),
        Conv(2, 2, 5, 3, 4, 3, 3),
        Conv(1, 3, 3, 1, 1, 3, 3),
        Conv(1, 1, 2, 2, 3, 3, 3, same: true),
        Conv(2, 28, 28, 1, 16, 3, 3, same: true),
        Conv(3, 14, 14, 16, 32, 3, 3, same: true),
        Conv(2, 7, 9, 3, 5, 3, 3),
        Conv(2, 7, 7, 3, 17, 3, 3, same: true),
        Conv(2, 6, 6, 4, 8, 3, 3, same: true, stride: (2, 2)),
        Conv(2, 7, 5, 4, 8, 3, 3, same: true, stride: (2, 2)),
        Conv(1, 9, 8, 2, 6, 4, 4, same: true),
        Conv(2, 9, 4, 3, 4, 5, 1),
        Conv(2, 4, 9, 3, 4, 1, 5, same: true),
        Conv(2, 5, 6, 64, 33, 1, 1),
        Conv(1, 8, 8, 3, 4, 1, 1, stride: (2, 3)),
        Conv(2, 9, 11, 2, 5, 2, 2, stride: (3, 3)),
        Conv(2, 9, 10, 2, 5, 3, 2, stride: (2, 1), dilation: (1, 3)),
        Conv(2, 11, 9, 3, 16, 3, 3, same: true, dilation: (2, 2)),
        Conv(2, 6, 7, 4, 6, 3, 3, same: true, groups: 2),
        Conv(2, 6, 7, 32, 64, 3, 3, same: true, groups: 2),
        Conv(2, 7, 6, 5, 5, 3, 3, same: true, groups: 5),
        Conv(2, 7, 6, 16, 16, 3, 3, same: true, stride: (2, 2), groups: 16),
        Conv(1, 5, 5, 3, 6, 3, 3, groups: 3),
        Conv(2, 9, 19, 20, 20, 3, 3, same: true, groups: 20),
        Conv(2, 13, 12, 33, 33, 5, 4, stride: (2, 3), dilation: (2, 1), groups: 33),
        Conv(1, 11, 21, 16, 16, 3, 3, groups: 16),
        Conv(2, 11, 12, 16, 32, 3, 3, same: true, stride: (2, 2), dilation: (2, 2)),
        Conv(2, 13, 11, 16, 20, 5, 4, stride: (3, 2)),
        Conv(1, 9, 9, 3, 16, 2, 3, stride: (4, 3), dilation: (3, 2)),
        Conv(1, 5, 40, 8, 70, 3, 3, same: true),
        Conv(1, 4, 4, 40, 130, 3, 3, same: true),
        Conv(1, 3, 33, 31, 31, 3, 3, same: true),
        Conv(1, 12, 12, 2, 32, 7, 7, same: true),
        Conv(2, 3, 4, 2, 5, 3, 3) with { PadTop = 4, PadLeft = 0, OutHeight = 7, OutWidth = 3 },
        Conv(1, 6, 6, 16, 16, 3, 3) with { PadTop = 0, PadLeft = 2, OutHeight = 5, OutWidth = 7 },
        Conv(33, 3, 3, 2, 3, 2, 2),
    ];

    /// <summary>The pools, overlapping and not, with windows over the border and pixels that no window sees.</summary>
    public static IReadOnlyList<PoolGeometry> Pools { get; } =
    [
        Pool(1, 1, 1, 1, 1, 1, 1, 1),
        Pool(0, 4, 4, 3, 2, 2, 2, 2),
        Pool(2, 4, 4, 0, 2, 2, 2, 2),
        Pool(2, 1, 4, 3, 2, 2, 2, 2),
        Pool(2, 28, 28, 16, 2, 2, 2, 2),
        Pool(3, 14, 14, 32, 2, 2, 2, 2),
        Pool(2, 7, 9, 3, 2, 2, 2, 2),
        Pool(2, 7, 9, 17, 2, 2, 2, 2, same: true),
        Pool(2, 6, 7, 5, 3, 3, 2, 2, same: true),
        Pool(2, 6, 7, 33, 3, 3, 1, 1, same: true),
        Pool(2, 8, 8, 4, 3, 3, 2, 2),
        Pool(1, 5, 5, 8, 1, 1, 2, 2),
        Pool(1, 9, 9, 7, 2, 2, 3, 4),
        Pool(2, 5, 7, 2, 2, 3, 1, 2),
        Pool(2, 7, 7, 65, 7, 7, 7, 7),
        Pool(1, 16, 16, 2, 16, 16, 1, 1),
        Pool(1, 17, 18, 1, 16, 16, 1, 1),
        Pool(1, 3, 4, 6, 5, 5, 1, 1, same: true),
        Pool(2, 5, 5, 3, 2, 2, 2, 2) with { PadTop = 1, PadLeft = 0, OutHeight = 3, OutWidth = 2 },
        Pool(9, 20, 20, 16, 2, 2, 2, 2),
    ];

    /// <summary>Convolutions with a pool behind them.</summary>
    public static IReadOnlyList<(ConvGeometry Conv, PoolGeometry Pool)> Blocks { get; } =
    [
        Block(Conv(1, 2, 2, 1, 1, 1, 1), 2, 2),
        Block(Conv(0, 4, 4, 2, 3, 3, 3, same: true), 2, 2),
        Block(Conv(2, 28, 28, 1, 16, 3, 3, same: true), 2, 2),
        Block(Conv(2, 14, 14, 16, 32, 3, 3, same: true), 2, 2),
        Block(Conv(1, 6, 6, 3, 5, 3, 3), 2, 2),
        Block(Conv(2, 7, 9, 3, 16, 3, 3, same: true), 2, 2),
        Block(Conv(2, 7, 9, 3, 17, 3, 3, same: true), 2, 2, samePool: true),
        Block(Conv(2, 8, 8, 4, 8, 3, 3, same: true, stride: (2, 2)), 2, 2),
        Block(Conv(2, 9, 9, 4, 8, 3, 3, same: true), 3, 2),
        Block(Conv(1, 9, 8, 2, 33, 4, 4, same: true), 3, 1, samePool: true),
        Block(Conv(2, 8, 8, 6, 6, 3, 3, same: true, groups: 3), 2, 2),
        Block(Conv(2, 10, 8, 16, 16, 3, 3, same: true, dilation: (2, 2)), 2, 2),
        Block(Conv(1, 12, 12, 1, 32, 5, 5), 2, 2),
        Block(Conv(1, 6, 34, 8, 70, 3, 3, same: true), 2, 2),
        Block(Conv(2, 7, 7, 8, 16, 1, 1), 2, 3),
        Block(Conv(1, 4, 4, 40, 130, 3, 3, same: true), 4, 4),
        Block(Conv(17, 6, 6, 2, 16, 3, 3, same: true), 2, 2),
        Block(Conv(2, 11, 18, 13, 20, 3, 3, same: true), 2, 2),
    ];

    /// <summary>Activations for which small integers stay exact.</summary>
    public static IReadOnlyList<FusedActivation> ExactActivations { get; } =
        [FusedActivation.None, new(UnaryKind.Relu), new(UnaryKind.LeakyRelu, 0.25), new(UnaryKind.LeakyRelu, -0.5)];

    /// <summary>The others: two keep the result for the backward pass, one the slope, and that one isn't monotone.</summary>
    public static IReadOnlyList<FusedActivation> SmoothActivations { get; } = [new(UnaryKind.Swish), new(UnaryKind.Tanh), new(UnaryKind.Sigmoid)];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FusedActivation> Activations { get; } = [.. ExactActivations, .. SmoothActivations];

    /// <summary>A convolution with Keras's padding: Valid, or Same with the odd row and column at the end.</summary>
    public static ConvGeometry Conv(
        int batch, int height, int width, int inChannels, int outChannels, int kernelHeight, int kernelWidth,
        bool same = false, (int, int)? stride = null, (int, int)? dilation = null, int groups = 1)
    {
        (int strideHeight, int strideWidth) = stride ?? (1, 1);
        (int dilationHeight, int dilationWidth) = dilation ?? (1, 1);
        (int outHeight, int padTop) = Extent(height, dilationHeight * (kernelHeight - 1) + 1, strideHeight, same);
        (int outWidth, int padLeft) = Extent(width, dilationWidth * (kernelWidth - 1) + 1, strideWidth, same);
        return new ConvGeometry
        {
            Batch = batch,
            InHeight = height,
            InWidth = width,
            InChannels = inChannels,
            OutHeight = outHeight,
            OutWidth = outWidth,
            OutChannels = outChannels,
            KernelHeight = kernelHeight,
            KernelWidth = kernelWidth,
            StrideHeight = strideHeight,
            StrideWidth = strideWidth,
            PadTop = padTop,
            PadLeft = padLeft,
            DilationHeight = dilationHeight,
            DilationWidth = dilationWidth,
            Groups = groups,
        };
    }

    public static PoolGeometry Pool(int batch, int height, int width, int channels, int windowHeight, int windowWidth, int strideHeight, int strideWidth, bool same = false)
    {
        (int outHeight, int padTop) = Extent(height, windowHeight, strideHeight, same);
        (int outWidth, int padLeft) = Extent(width, windowWidth, strideWidth, same);
        return new PoolGeometry
        {
            Batch = batch,
            InHeight = height,
            InWidth = width,
            Channels = channels,
            OutHeight = outHeight,
            OutWidth = outWidth,
            WindowHeight = windowHeight,
            WindowWidth = windowWidth,
            StrideHeight = strideHeight,
            StrideWidth = strideWidth,
            PadTop = padTop,
            PadLeft = padLeft,
        };
    }

    private static (ConvGeometry, PoolGeometry) Block(ConvGeometry conv, int window, int stride, bool samePool = false) =>
        (conv, Pool(conv.Batch, conv.OutHeight, conv.OutWidth, conv.OutChannels, window, window, stride, stride, samePool));

    private static (int Out, int Before) Extent(int size, int window, int stride, bool same)
    {
        if (!same) return (size < window ? 0 : (size - window) / stride + 1, 0);
        int outputs = (size + stride - 1) / stride;
        return (outputs, Math.Max((outputs - 1) * stride + window - size, 0) / 2);
    }
}
