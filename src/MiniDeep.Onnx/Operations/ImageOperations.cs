namespace MiniDeep;

/// <summary>A convolution with bias and activation.</summary>
internal sealed record ConvOperation(ConvGeometry Geometry, FusedActivation Activation) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        ConvGeometry g = Geometry;
        Form x = graph.Convert(graph.Whole(inputs[0]!), Layout.ChannelsFirst), w = graph.Convert(graph.Whole(inputs[1]!), Layout.Kernel);
        List<string> operands = [graph.NameOf(x), graph.NameOf(w)];
        if (inputs[2] is { } bias) operands.Add(graph.NameOf(graph.Plain(graph.Whole(bias))));
        List<OnnxAttribute> attributes =
        [
            OnnxAttribute.Of("kernel_shape", g.KernelHeight, g.KernelWidth),
            OnnxAttribute.Of("strides", g.StrideHeight, g.StrideWidth),
            WindowPads.Of(
                new WindowPads(g.InHeight, g.OutHeight, ((g.KernelHeight - 1) * g.DilationHeight) + 1, g.StrideHeight, g.PadTop),
                new WindowPads(g.InWidth, g.OutWidth, ((g.KernelWidth - 1) * g.DilationWidth) + 1, g.StrideWidth, g.PadLeft)),
        ];
        if ((g.DilationHeight, g.DilationWidth) != (1, 1)) attributes.Add(OnnxAttribute.Of("dilations", g.DilationHeight, g.DilationWidth));
        if (g.Groups != 1) attributes.Add(OnnxAttribute.Of("group", g.Groups));
        string y = graph.Node("Conv", [.. operands], [.. attributes]);
        return UnaryOperation.Apply(graph, Activation, new Form(x.DType, shape, Layout.ChannelsFirst) { Name = y });
    }
}

/// <summary>The largest element of each window.</summary>
internal sealed record MaxPoolOperation(PoolGeometry Geometry) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        PoolGeometry g = Geometry;
        Form x = graph.Convert(graph.Whole(inputs[0]!), Layout.ChannelsFirst);
        string y = graph.Node("MaxPool", [graph.NameOf(x)],
            OnnxAttribute.Of("kernel_shape", g.WindowHeight, g.WindowWidth),
            OnnxAttribute.Of("strides", g.StrideHeight, g.StrideWidth),
            WindowPads.Of(
                new WindowPads(g.InHeight, g.OutHeight, g.WindowHeight, g.StrideHeight, g.PadTop),
                new WindowPads(g.InWidth, g.OutWidth, g.WindowWidth, g.StrideWidth, g.PadLeft)));
        return new Form(x.DType, shape, Layout.ChannelsFirst) { Name = y };
    }
}

/// <summary>Windows along one axis of an image.</summary>
internal readonly record struct WindowPads(int In, int Out, int Window, int Stride, int Before)
{
    /// <summary>What the last window reaches over the border; what it leaves of the image doesn't count.</summary>
    private int After => Math.Max(((Out - 1) * Stride) + Window - In - Before, 0);

    public static OnnxAttribute Of(WindowPads rows, WindowPads columns) => OnnxAttribute.Of("pads", rows.Before, columns.Before, rows.After, columns.After);
}
