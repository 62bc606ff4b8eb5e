namespace MiniDeep;

/// <summary>Writes the nodes that a view of a value needs: as few as possible, and none for a transpose or a stretched axis.</summary>
internal sealed class Views(Lowering graph)
{
    private readonly Dictionary<string, Form> _known = [];

    /// <summary>A value as an operand sees it.</summary>
    public Form Of(Form value, Operand first, Operand second)
    {
        Extent[] shape = Extent.Of(first.Shape, second.Shape);
        bool isWhole = first is { Strides: null, Offset: 0 } && second is { Strides: null, Offset: 0 } && Extent.Product(shape) == Extent.Product(value.Shape);
        if (isWhole && shape.AsSpan().SequenceEqual(value.Shape)) return value;
        string key = $"{((Computed)first.Source).Number}: {first.Offset} {first.Shape} {string.Join(',', first.Strides ?? [])}";
        if (!_known.TryGetValue(key, out Form? view)) _known.Add(key, view = isWhole ? Reshaped(value, shape) : Part(value, first, second, shape));
        return view;
    }

    /// <summary>The same elements under another shape.</summary>
    public Form Reshaped(Form value, Extent[] shape)
    {
        if (Ones(value.Shape, shape) is { } sources) return Arranged(value, shape, sources);
        value = graph.Whole(value);
        if (value.Known is { } known)
        {
            if (!shape.All(static extent => extent.IsFixed)) throw graph.Refused("its Forward reshapes a tensor of its own to the size of the batch.");
            return value with { Known = known.Reshape([.. shape.Select(static extent => extent.First)]), Shape = shape, Layout = Layout.Plain(shape.Length) };
        }
        if (IsFlattening(value, shape))
        {
            // a Dense after it takes the rows in this order; anything else turns them back
            Layout layout = value.IsRowMajor ? Layout.Plain(2) : Layout.Flattened(value.Shape[1].First, value.Shape[2].First, value.Shape[3].First);
            return new Form(value.DType, shape, layout) { Name = graph.Node("Flatten", [value.Name], OnnxAttribute.Of("axis", 1)) };
        }
        if (!value.IsRowMajor) value = graph.Plain(value);
        string name = shape.Length == 2 && value.Layout.PlaceOf(0) == 0 && value.Rank > 1 && shape[0] == value.Shape[0]
            ? graph.Node("Flatten", [value.Name], OnnxAttribute.Of("axis", 1))
            : graph.Reshape(value.Name, shape);
        return new Form(value.DType, shape, Layout.Plain(shape.Length)) { Name = name };
    }

    private static bool IsFlattening(Form value, Extent[] shape) =>
        value.Layout.Equals(Layout.ChannelsFirst) && shape.Length == 2 && shape[0] == value.Shape[0] && value.Shape.Skip(1).All(static extent => extent.IsFixed);

    private Form Part(Form value, Operand first, Operand second, Extent[] shape)
    {
        ViewPlan plan = ViewPlan.Of(first, second, value.Shape) ?? throw graph.Refused("its Forward takes a part of a tensor that depends on the size of the batch.");
        if (plan.Reshapes) value = Reshaped(value, plan.Sizes);
        return Arranged(Slice(value, plan), shape, plan.Sources);
    }

    private Form Slice(Form value, ViewPlan plan)
    {
        int[] cut = [.. Enumerable.Range(0, value.Rank).Where(axis => plan.Lengths[axis] != plan.Sizes[axis])];
        if (cut.Length == 0) return value;
        value = graph.Whole(value);
        if (value.Layout.Image is not null) value = graph.Plain(value);
        long[] starts = [.. cut.Select(axis => Start(plan, axis))], ends = [.. cut.Select(axis => End(plan, axis))];
        if (value.Known is { } known)
        {
            TensorIndex[] parts = [.. plan.Starts.Zip(plan.Lengths, static (start, length) => (TensorIndex)(start.First..(start.First + length.First)))];
            return value with { Known = known[parts], Shape = plan.Lengths };
        }
        string name = graph.Node("Slice",
            [value.Name, graph.Integers("starts", starts), graph.Integers("ends", ends), graph.Integers("axes", [.. cut.Select(axis => (long)value.Layout.PlaceOf(axis))])]);
        return new Form(value.DType, plan.Lengths, value.Layout) { Name = name };
    }

    /// <summary>Counted from the end where that is what stays the same.</summary>
    private long Start(ViewPlan plan, int axis)
    {
        (Extent start, Extent size) = (plan.Starts[axis], plan.Sizes[axis]);
        if (start.IsFixed) return start.First;
        return start.First - size.First == start.Second - size.Second ? start.First - size.First : throw DependsOnBatch();
    }

    private long End(ViewPlan plan, int axis)
    {
        (Extent start, Extent length, Extent size) = (plan.Starts[axis], plan.Lengths[axis], plan.Sizes[axis]);
        var end = new Extent(start.First + length.First, start.Second + length.Second);
        if (end.IsFixed) return end.First;
        if (end == size) return long.MaxValue;
        return end.First - size.First == end.Second - size.Second ? end.First - size.First : throw DependsOnBatch();
    }

    private OnnxExportException DependsOnBatch() => graph.Refused("its Forward takes a part of a tensor that depends on the size of the batch.");

    /// <summary>Axes in another order, and axes of size 1 put in and left out.</summary>
    private Form Arranged(Form value, Extent[] shape, int[] sources)
    {
        if (value.Layout.Image is not null) value = graph.Plain(value);
        bool[] stretched = [.. sources.Select((source, axis) => source >= 0 ? value.IsStretched(source) : !shape[axis].IsOne)];
        if (shape.Length == value.Rank) return Permuted(value, shape, Completed(sources), stretched);

        // the axes that count stay in the file's order
        int[] counting = [.. value.Layout.Order.Where(sources.Contains).Select(source => Array.IndexOf(sources, source))];
        Layout layout = counting.SequenceEqual(counting.Order()) ? Layout.Plain(shape.Length) : new Layout([.. counting, .. Enumerable.Range(0, shape.Length).Except(counting)]);
        var result = new Form(value.DType, shape, layout) { KnownName = value.KnownName, Stretched = Form.AnyOf(stretched) };
        if (value.Known is { } known)
        {
            int[] order = [.. sources.Where(static source => source >= 0), .. Enumerable.Range(0, value.Rank).Except(sources)];
            return result with { Known = known.Transpose(order).Reshape([.. result.Held.Select(static extent => extent.First)]), Layout = Layout.Plain(shape.Length) };
        }
        Extent[] held = result.Held;
        return result with { Name = graph.Reshape(value.Name, [.. layout.Order.Select(axis => held[axis])]) };
    }

    private static Form Permuted(Form value, Extent[] shape, int[] sources, bool[] stretched) => new(
        value.DType, shape, value.Known is null ? new Layout([.. value.Layout.Order.Select(source => Array.IndexOf(sources, source))]) : Layout.Plain(shape.Length))
    {
        Name = value.Name,
        Known = value.Known?.Transpose(sources),
        KnownName = value.KnownName,
        Stretched = Form.AnyOf(stretched),
    };

    /// <summary>Axes of size 1 that show nothing take the places of those that aren't shown, in order.</summary>
    private static int[] Completed(int[] sources)
    {
        var free = new Queue<int>(Enumerable.Range(0, sources.Length).Except(sources));
        return [.. sources.Select(source => source >= 0 ? source : free.Dequeue())];
    }

    /// <summary>For each axis of a shape the axis of another that it is, where they differ in axes of size 1 alone; otherwise null.</summary>
    private static int[]? Ones(Extent[] from, Extent[] to)
    {
        if (!from.Where(static extent => !extent.IsOne).SequenceEqual(to.Where(static extent => !extent.IsOne))) return null;
        var counting = new Queue<int>(Enumerable.Range(0, from.Length).Where(axis => !from[axis].IsOne));
        return [.. to.Select(extent => extent.IsOne ? -1 : counting.Dequeue())];
    }
}
