namespace MiniDeep;

/// <summary>
/// A convolution as the tiles see it: a source plane, padded and spread out, under a kernel. The forward pass and the gradient to the input are both one of these.
/// </summary>
internal struct ConvShape
{
    public int Batch, SourceHeight, SourceWidth, SourceChannels;
    public int OutHeight, OutWidth, OutChannels;
    public int KernelHeight, KernelWidth;
    public int StrideHeight, StrideWidth;
    public int DilationHeight, DilationWidth;
    public int Groups;

    /// <summary>Where the source's first row and column lie in the padded plane; negative where they are cut off.</summary>
    public int Top, Left;

    /// <summary>Rows and columns of the padded plane from one row or column of the source to the next: more than 1 for the gradient of a strided convolution.</summary>
    public int SpreadHeight, SpreadWidth;

    public readonly int GroupSource => SourceChannels / Groups;
    public readonly int GroupOut => OutChannels / Groups;

    /// <summary>Rows of the kernel as a matrix: [kernelHeight * kernelWidth * sourceChannels / groups, outChannels].</summary>
    public readonly nint KernelRows => (nint)KernelHeight * KernelWidth * GroupSource;

    public readonly nint PlaneWidth => (nint)(OutWidth - 1) * StrideWidth + (nint)(KernelWidth - 1) * DilationWidth + 1;

    /// <summary>Rows of the padded plane that so many rows of the result need.</summary>
    public readonly nint PlaneRows(int rows) => (nint)(rows - 1) * StrideHeight + (nint)(KernelHeight - 1) * DilationHeight + 1;

    public readonly nint SourceSize => (nint)SourceHeight * SourceWidth * SourceChannels;
    public readonly nint OutSize => (nint)OutHeight * OutWidth * OutChannels;

    /// <summary>Multiply-adds for one image.</summary>
    public readonly long ImageWork => (long)OutHeight * OutWidth * KernelRows * OutChannels;

    /// <summary>Whether the source can serve as the plane: nothing is padded, spread out or cut off.</summary>
    public readonly bool NeedsNoPlane => Top == 0 && Left == 0 && SpreadHeight == 1 && SpreadWidth == 1
        && PlaneWidth <= SourceWidth && PlaneRows(OutHeight) <= SourceHeight;

    /// <summary>The forward pass; with <paramref name="flatten"/> the image of a 1 x 1 convolution becomes one row.</summary>
    public static ConvShape Forward(in ConvGeometry g, bool flatten = true)
    {
        ConvShape shape = new()
        {
            Batch = g.Batch,
            SourceHeight = g.InHeight,
            SourceWidth = g.InWidth,
            SourceChannels = g.InChannels,
            OutHeight = g.OutHeight,
            OutWidth = g.OutWidth,
            OutChannels = g.OutChannels,
            KernelHeight = g.KernelHeight,
            KernelWidth = g.KernelWidth,
            StrideHeight = g.StrideHeight,
            StrideWidth = g.StrideWidth,
            DilationHeight = g.DilationHeight,
            DilationWidth = g.DilationWidth,
            Groups = g.Groups,
            Top = g.PadTop,
            Left = g.PadLeft,
            SpreadHeight = 1,
            SpreadWidth = 1,
        };
        if (flatten && shape.KernelHeight == 1 && shape.KernelWidth == 1 && shape.StrideHeight == 1 && shape.StrideWidth == 1 && shape.NeedsNoPlane
            && shape.OutWidth == shape.SourceWidth && shape.OutHeight == shape.SourceHeight)
        {
            shape.SourceWidth = shape.OutWidth *= shape.OutHeight;
            shape.SourceHeight = shape.OutHeight = 1;
        }
        return shape;
    }

    /// <summary>The gradient to the input: dz, spread out by the strides, under the kernel turned by half a turn.</summary>
    public static ConvShape InputGrad(in ConvGeometry g) => new()
    {
        Batch = g.Batch,
        SourceHeight = g.OutHeight,
        SourceWidth = g.OutWidth,
        SourceChannels = g.OutChannels,
        OutHeight = g.InHeight,
        OutWidth = g.InWidth,
        OutChannels = g.InChannels,
        KernelHeight = g.KernelHeight,
        KernelWidth = g.KernelWidth,
        StrideHeight = 1,
        StrideWidth = 1,
        DilationHeight = g.DilationHeight,
        DilationWidth = g.DilationWidth,
        Groups = g.Groups,
        Top = (g.KernelHeight - 1) * g.DilationHeight - g.PadTop,
        Left = (g.KernelWidth - 1) * g.DilationWidth - g.PadLeft,
        SpreadHeight = g.StrideHeight,
        SpreadWidth = g.StrideWidth,
    };
}
