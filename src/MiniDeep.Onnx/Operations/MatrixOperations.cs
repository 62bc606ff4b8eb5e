namespace MiniDeep;

/// <summary>A matrix product.</summary>
internal sealed record MatMulOperation(bool TransposeA, bool TransposeB) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        Form a = graph.Whole(inputs[0]!), b = graph.Whole(inputs[1]!);
        if (TransposeA) a = Transposed(graph, a);
        if (TransposeB) b = Transposed(graph, b);
        (a, b) = FlattenedRows.Of(graph, a, b);
        return new Form(a.DType, shape, Layout.Plain(shape.Length)) { Name = graph.Node("MatMul", [graph.NameOf(a), graph.NameOf(b)]) };
    }

    private static Form Transposed(Lowering graph, Form stored)
    {
        if (stored.Layout.Image is not null) stored = graph.Plain(stored);
        Extent[] shape = [.. stored.Shape[..^2], stored.Shape[^1], stored.Shape[^2]];
        if (stored.Known is { } known)
        {
            int[] order = [.. Enumerable.Range(0, shape.Length - 2), shape.Length - 1, shape.Length - 2];
            return stored with { Shape = shape, Known = known.Transpose(order), Layout = Layout.Plain(shape.Length) };
        }
        int last = shape.Length - 1;
        return stored with { Shape = shape, Layout = new Layout([.. stored.Layout.Order.Select(axis => axis == last ? last - 1 : axis == last - 1 ? last : axis)]) };
    }
}

/// <summary>A product with weights, bias and activation.</summary>
internal sealed record LinearOperation(FusedActivation Activation) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        (Form x, Form w) = FlattenedRows.Of(graph, graph.Whole(inputs[0]!), graph.Whole(inputs[1]!));
        string name = inputs[2] is { } bias
            ? graph.Node("Gemm", [graph.NameOf(x), graph.NameOf(w), graph.NameOf(graph.Plain(graph.Whole(bias)))])
            : graph.Node("MatMul", [graph.NameOf(x), graph.NameOf(w)]);
        return UnaryOperation.Apply(graph, Activation, new Form(x.DType, shape, Layout.Plain(2)) { Name = name });
    }
}

/// <summary>The operands of a product in the model's order, but for flattened images, whose matrix takes its rows in the file's order instead.</summary>
internal static class FlattenedRows
{
    public static (Form X, Form W) Of(Lowering graph, Form x, Form w)
    {
        if (x.Layout.Image is not { } image || w is not { Known: { } known, Rank: 2 }) return (graph.Plain(x), graph.Plain(w));
        Tensor rows = known.Reshape(image.Height, image.Width, image.Channels, known.Shape[1]).Transpose(2, 0, 1, 3).Reshape(known.Shape[0], known.Shape[1]);
        return (x, w with { Known = rows, Layout = Layout.Plain(2) });
    }
}
