namespace MiniDeep;

/// <summary>How windows step over one axis of an image.</summary>
internal readonly record struct WindowAxis(int Out, int PadBefore)
{
    /// <summary>
    /// Valid: only whole windows, out = floor((in - extent) / stride) + 1. Same: out = ceil(in / stride), with the smaller half of the padding before
    /// and the larger after (Keras's rule; ONNX's SAME_UPPER).
    /// </summary>
    public static WindowAxis Of(int size, int window, int stride, int dilation, Padding padding)
    {
        int extent = ((window - 1) * dilation) + 1;
        if (padding == Padding.Valid) return new WindowAxis(size < extent ? 0 : ((size - extent) / stride) + 1, 0);
        int count = (size + stride - 1) / stride;
        int total = Math.Max(((count - 1) * stride) + extent - size, 0);
        return new WindowAxis(count, total / 2);
    }
}

/// <summary>What a convolution needs to know beside its tensors.</summary>
internal readonly record struct ConvSettings(int StrideHeight, int StrideWidth, Padding Padding, int DilationHeight = 1, int DilationWidth = 1, int Groups = 1)
{
    /// <exception cref="ShapeException">The image has not four axes, the channels don't fit the kernel, or the kernel is larger than the image.</exception>
    public ConvGeometry Geometry(Tensor x, Tensor w)
    {
        if (x.DType != w.DType) throw new DTypeException($"Conv2D: the images hold {x.DType} and the kernel {w.DType}.");
        if (x.Rank != 4) throw new ShapeException($"Conv2D takes images [batch, height, width, channels]; it got shape {x.Shape}.");
        if (w.Rank != 4) throw new ShapeException($"Conv2D takes a kernel [height, width, in, out]; it got shape {w.Shape}.");
        if (w.Shape[2] * Groups != x.Shape[3])
            throw new ShapeException($"Conv2D: images of shape {x.Shape} have {x.Shape[3]} channels, but the kernel {w.Shape} takes {w.Shape[2] * Groups}.");
        WindowAxis rows = WindowAxis.Of(x.Shape[1], w.Shape[0], StrideHeight, DilationHeight, Padding);
        WindowAxis columns = WindowAxis.Of(x.Shape[2], w.Shape[1], StrideWidth, DilationWidth, Padding);
        if (rows.Out == 0 || columns.Out == 0)
            throw new ShapeException($"Conv2D: a kernel of {w.Shape[0]} x {w.Shape[1]} doesn't fit into images of shape {x.Shape}. Use Padding.Same or a smaller kernel.");
        return new ConvGeometry
        {
            Batch = x.Shape[0],
            InHeight = x.Shape[1],
            InWidth = x.Shape[2],
            InChannels = x.Shape[3],
            OutHeight = rows.Out,
            OutWidth = columns.Out,
            OutChannels = w.Shape[3],
            KernelHeight = w.Shape[0],
            KernelWidth = w.Shape[1],
            StrideHeight = StrideHeight,
            StrideWidth = StrideWidth,
            PadTop = rows.PadBefore,
            PadLeft = columns.PadBefore,
            DilationHeight = DilationHeight,
            DilationWidth = DilationWidth,
            Groups = Groups,
        };
    }
}

/// <summary>What a pooling needs to know beside its images.</summary>
internal readonly record struct PoolSettings(int WindowHeight, int WindowWidth, int StrideHeight, int StrideWidth, Padding Padding)
{
    /// <exception cref="ShapeException">The image has not four axes, or the window is larger than the image.</exception>
    public PoolGeometry Geometry(Shape x, string operation)
    {
        if (x.Rank != 4) throw new ShapeException($"{operation} takes images [batch, height, width, channels]; it got shape {x}.");
        WindowAxis rows = WindowAxis.Of(x[1], WindowHeight, StrideHeight, 1, Padding);
        WindowAxis columns = WindowAxis.Of(x[2], WindowWidth, StrideWidth, 1, Padding);
        if (rows.Out == 0 || columns.Out == 0)
            throw new ShapeException($"{operation}: a window of {WindowHeight} x {WindowWidth} doesn't fit into images of shape {x}. Use Padding.Same or a smaller window.");
        return new PoolGeometry
        {
            Batch = x[0],
            InHeight = x[1],
            InWidth = x[2],
            Channels = x[3],
            OutHeight = rows.Out,
            OutWidth = columns.Out,
            WindowHeight = WindowHeight,
            WindowWidth = WindowWidth,
            StrideHeight = StrideHeight,
            StrideWidth = StrideWidth,
            PadTop = rows.PadBefore,
            PadLeft = columns.PadBefore,
        };
    }
}
