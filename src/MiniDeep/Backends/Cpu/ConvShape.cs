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

    /// <summary>Where the results go: every so many rows and columns of a larger image, from a first one on.</summary>
    public int ResultHeight, ResultWidth, ResultTop, ResultLeft, ResultStepHeight, ResultStepWidth;

    public readonly int GroupSource => SourceChannels / Groups;
    public readonly int GroupOut => OutChannels / Groups;

    /// <summary>Whether every channel has a kernel of its own (one channel is a plain convolution too).</summary>
    public readonly bool Depthwise => Groups > 1 && Groups == SourceChannels && Groups == OutChannels;

    /// <summary>Rows of the kernel as a matrix: [kernelHeight * kernelWidth * sourceChannels / groups, outChannels].</summary>
    public readonly nint KernelRows => (nint)KernelHeight * KernelWidth * GroupSource;

    public readonly nint PlaneWidth => (nint)(OutWidth - 1) * StrideWidth + (nint)(KernelWidth - 1) * DilationWidth + 1;

    /// <summary>Rows of the padded plane that so many rows of the result need.</summary>
    public readonly nint PlaneRows(int rows) => (nint)(rows - 1) * StrideHeight + (nint)(KernelHeight - 1) * DilationHeight + 1;

    public readonly nint SourceSize => (nint)SourceHeight * SourceWidth * SourceChannels;
    public readonly nint OutSize => (nint)OutHeight * OutWidth * OutChannels;

    /// <summary>Elements of the image that the results go to; from one row, and from one pixel, of the results to the next; and the first one.</summary>
    public readonly nint ResultSize => (nint)ResultHeight * ResultWidth * OutChannels;
    public readonly nint ResultRow => (nint)ResultStepHeight * ResultWidth * OutChannels;
    public readonly nint ResultPixel => (nint)ResultStepWidth * OutChannels;
    public readonly nint ResultStart => ((nint)ResultTop * ResultWidth + ResultLeft) * OutChannels;

    /// <summary>Multiply-adds for one image.</summary>
    public readonly long ImageWork => (long)OutHeight * OutWidth * KernelRows * OutChannels;

    /// <summary>Whether the source can serve as the plane: nothing is padded, spread out or cut off, or read beyond its end.</summary>
    public readonly bool NeedsNoPlane => !Depthwise && Top == 0 && Left == 0 && SpreadHeight == 1 && SpreadWidth == 1
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
        return shape.Dense();
    }

    /// <summary>With the results side by side.</summary>
    private readonly ConvShape Dense()
    {
        ConvShape shape = this;
        (shape.ResultHeight, shape.ResultWidth, shape.ResultTop, shape.ResultLeft, shape.ResultStepHeight, shape.ResultStepWidth) = (OutHeight, OutWidth, 0, 0, 1, 1);
        return shape;
    }

    /// <summary>The gradient to the input: dz, spread out by the strides, under the kernel turned by half a turn.</summary>
    public static ConvShape InputGrad(in ConvGeometry g) => new ConvShape
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
    }.Dense();

    /// <summary>
    /// The results whose row and column leave these remainders when divided by the spread: between the spread out elements lie zeros, so each of them sees some of the
    /// kernel's taps only, <paramref name="rows"/> and <paramref name="columns"/>, and these as a convolution that isn't spread out.
    /// </summary>
    public readonly ConvShape Phase(int row, int column, out Taps rows, out Taps columns)
    {
        ConvShape shape = this;
        rows = Taps.Of(row, Top, KernelHeight, DilationHeight, SpreadHeight);
        columns = Taps.Of(column, Left, KernelWidth, DilationWidth, SpreadWidth);
        shape.OutHeight = (OutHeight - row + SpreadHeight - 1) / SpreadHeight;
        shape.OutWidth = (OutWidth - column + SpreadWidth - 1) / SpreadWidth;
        (shape.ResultTop, shape.ResultLeft, shape.ResultStepHeight, shape.ResultStepWidth) = (row, column, SpreadHeight, SpreadWidth);
        (shape.SpreadHeight, shape.SpreadWidth) = (1, 1);
        (shape.KernelHeight, shape.DilationHeight, shape.Top) = (rows.Count, rows.Dilation, rows.Start);
        (shape.KernelWidth, shape.DilationWidth, shape.Left) = (columns.Count, columns.Dilation, columns.Start);
        return shape;
    }

    /// <summary>Taps of a kernel: the first, from one to the next, how many; and the convolution that they make: its dilation, and where its source starts.</summary>
    public readonly record struct Taps(int First, int Step, int Count, int Dilation, int Start)
    {
        public static Taps Of(int phase, int start, int kernel, int dilation, int spread)
        {
            // tap k sees the source's row (result + k dilation - start) / spread, where that is whole
            int step = 1;
            while (step * dilation % spread != 0) step++;
            for (int first = 0; first < Math.Min(kernel, step); first++)
            {
                int at = phase + first * dilation - start;
                if (at % spread == 0) return new Taps(first, step, (kernel - first + step - 1) / step, step * dilation / spread, -at / spread);
            }
            return new Taps(0, 1, 0, 1, 0);
        }
    }
}
