namespace MiniDeep;

/// <summary>A sum, mean, maximum or minimum along the axes that have size 1 in the result.</summary>
internal sealed record ReduceOperation(ReduceKind Kind) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        Form x = graph.Whole(inputs[0]!);
        int[] axes = [.. Enumerable.Range(0, x.Rank).Where(axis => x.Shape[axis] != shape[axis])];
        if (axes.Length == 0) return x;
        long[] places = [.. axes.Select(axis => (long)x.Layout.PlaceOf(axis)).Order()];
        string name = Kind == ReduceKind.Sum
            ? graph.Node("ReduceSum", [graph.NameOf(x), graph.Integers("axes", places)], OnnxAttribute.Of("keepdims", 1))
            : graph.Node($"Reduce{Kind}", [graph.NameOf(x)], OnnxAttribute.Of("axes", places), OnnxAttribute.Of("keepdims", 1));
        bool ordered = x.Layout.Image is null || !axes.Contains(1);
        return new Form(x.DType, shape, ordered ? x.Layout : Layout.Plain(x.Rank)) { Name = name };
    }
}

/// <summary>The position of the first largest or smallest element.</summary>
internal sealed record ArgReduceOperation(bool Largest, int Axis) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        Form x = graph.Whole(inputs[0]!);
        if (x.Layout.Image is not null) x = graph.Plain(x);
        string name = graph.Node(Largest ? "ArgMax" : "ArgMin", [graph.NameOf(x)], OnnxAttribute.Of("axis", x.Layout.PlaceOf(Axis)), OnnxAttribute.Of("keepdims", 1));
        return new Form(DType.Int64, shape, x.Layout) { Name = name };
    }
}

/// <summary>Softmax or its logarithm over the last axis.</summary>
internal sealed record SoftmaxOperation(bool Logarithm) : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        Form x = graph.Whole(inputs[0]!);
        string name = graph.Node(Logarithm ? "LogSoftmax" : "Softmax", [graph.NameOf(x)], OnnxAttribute.Of("axis", x.Layout.PlaceOf(x.Rank - 1)));
        return new Form(x.DType, shape, x.Layout) { Name = name };
    }
}

/// <summary>Slices along the middle axis of [outer, n, inner], picked by number.</summary>
internal sealed record GatherOperation : Operation
{
    public override Form Lower(Lowering graph, Form?[] inputs, Extent[] shape)
    {
        Form x = graph.Plain(graph.Whole(inputs[0]!)), indices = graph.Plain(graph.Whole(inputs[1]!));
        return new Form(x.DType, shape, Layout.Plain(3)) { Name = graph.Node("Gather", [graph.NameOf(x), graph.NameOf(indices)], OnnxAttribute.Of("axis", 1)) };
    }
}
