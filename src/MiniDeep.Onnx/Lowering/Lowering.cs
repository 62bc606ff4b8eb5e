namespace MiniDeep;

/// <summary>Turns a model's two traces into an ONNX graph: one operation after the other, in the order in which they were called.</summary>
internal sealed class Lowering
{
    private readonly OnnxGraph _graph;
    private readonly Constants _constants;
    private readonly HashSet<string> _names = [OnnxExport.InputName, OnnxExport.OutputName];
    private readonly Dictionary<int, Form> _values = [];
    private readonly Dictionary<(string Name, Layout From, Layout To), string> _converted = [];
    private string? _batch;
    private string _scope = "";
    private Layer _layer;

    private Lowering(Model model)
    {
        Extent[] shape = Extent.Of(model.InputShape.Prepend(TracePair.Batch.First), model.InputShape.Prepend(TracePair.Batch.Second));
        _layer = model;
        _graph = new OnnxGraph { Input = new OnnxValue(OnnxExport.InputName, model.ModelDType, shape) };
        _constants = new Constants(model, _graph, _names);
        _values[0] = new Form(model.ModelDType, shape, Layout.Plain(shape.Length)) { Name = OnnxExport.InputName };
        Views = new Views(this);
    }

    /// <summary>Writes what views need.</summary>
    public Views Views { get; }

    /// <exception cref="OnnxExportException">ONNX has no word for something.</exception>
    public static OnnxGraph Lower(Model model, TracePair traces)
    {
        var lowering = new Lowering(model);
        for (int i = 0; i < traces.First.Steps.Count; i++) lowering.Lower(traces.First.Steps[i], traces.Second.Steps[i]);
        (lowering._layer, lowering._scope) = (model, "");
        lowering.Finish(lowering.Read(traces.First.Output, traces.Second.Output));
        return lowering._graph;
    }

    /// <summary>A node.</summary>
    /// <returns>The name of its result.</returns>
    public string Node(string type, string[] inputs, params OnnxAttribute[] attributes)
    {
        string name = Unique(_scope.Length == 0 ? type : $"{_scope}/{type}");
        _graph.Add(new OnnxNode(type, name, inputs, name, attributes));
        return name;
    }

    /// <summary>What nodes call a value in the layout that it has; axes along which it is stretched have size 1.</summary>
    public string NameOf(Form value, bool trimmed = false) => value.Known is null ? value.Name : _constants.NameOf(value, _scope, trimmed);

    /// <summary>A number, for a node that wants one as an operand.</summary>
    public string Scalar(double number, DType dtype) => _constants.NameOf(Tensor.Full([], number, dtype), $"{_scope}/alpha");

    /// <summary>Integers, for a node that wants them as an operand.</summary>
    public string Integers(string what, params long[] numbers) => _constants.NameOf(Tensor.From(numbers), $"{what}[{string.Join(',', numbers)}]");

    /// <summary>The value in another layout.</summary>
    public Form Convert(Form value, Layout layout)
    {
        if (value.Layout.Equals(layout)) return value;
        if (value.Known is not null) return value with { Layout = layout };
        if (!_converted.TryGetValue((value.Name, value.Layout, layout), out string? name)) _converted.Add((value.Name, value.Layout, layout), name = Arrange(value, layout));
        return value with { Name = name, Layout = layout };
    }

    /// <summary>The value in the model's own order of axes.</summary>
    public Form Plain(Form value) => Convert(value, Layout.Plain(value.Rank));

    /// <summary>The value with all its elements, where some axes were stretched.</summary>
    public Form Whole(Form value)
    {
        if (value.Stretched is not { } stretched) return value;
        if (value.Known is { } known && value.Shape.All(static extent => extent.IsFixed))
            return value with { Known = known.BroadcastTo(Shape.Create([.. value.Shape.Select(static extent => extent.First)])), Stretched = null };
        Extent[] sizes = [.. value.Layout.Order.Select(axis => stretched[axis] ? value.Shape[axis] : new Extent(1, 1))];
        return value with { Name = Node("Expand", [NameOf(value), Sizes(sizes)]), Known = null, Stretched = null };
    }

    /// <summary>The same elements under other sizes, in the order of the file.</summary>
    public string Reshape(string name, Extent[] sizes)
    {
        long[] numbers = [.. sizes.Select(static extent => extent.IsFixed ? extent.First : -1L)];
        return Node("Reshape", [name, numbers.Count(static number => number < 0) > 1 ? Sizes(sizes) : Integers("shape", numbers)]);
    }

    /// <summary>A value that a node has made of others, element by element.</summary>
    /// <param name="write">Writes the node for the operands' names.</param>
    /// <param name="operands">All of the result's shape; stretched ones are left to the node.</param>
    /// <param name="dtype">The result's.</param>
    public Form Elementwise(Func<string[], string> write, Form[] operands, DType dtype)
    {
        int rank = operands[0].Rank;
        Form[] made = [.. operands.Where(static operand => operand.Known is null)];
        Layout layout = (made.FirstOrDefault(static form => form.Stretched is null) ?? made.FirstOrDefault())?.Layout ?? Layout.Plain(rank);
        if (layout.Image is not null && made.Any(form => !form.Layout.Equals(layout))) layout = Layout.Plain(rank);
        // a known operand needs no axes of size 1 in front as long as another operand has them all
        string[] names = [.. operands.Select(operand => NameOf(Convert(operand, layout), trimmed: made.Length > 0))];
        bool[] stretched = [.. Enumerable.Range(0, rank).Select(axis => operands.All(operand => operand.IsStretched(axis)))];
        return new Form(dtype, operands[0].Shape, layout) { Name = write(names), Stretched = Form.AnyOf(stretched) };
    }

    /// <exception cref="OnnxExportException">Always.</exception>
    public OnnxExportException Refused(string why) => OnnxExportException.In(_layer, why);

    /// <summary>Writes the nodes that turn a value that isn't known.</summary>
    private string Arrange(Form value, Layout layout)
    {
        if (value.Layout.Image is { } image)
        {
            Extent rows = value.Shape[0];
            Extent[] images = [rows, new(image.Height, image.Height), new(image.Width, image.Width), new(image.Channels, image.Channels)];
            var unflattened = new Form(value.DType, images, Layout.ChannelsFirst) { Name = Reshape(value.Name, [rows, images[3], images[1], images[2]]) };
            return Reshape(Plain(unflattened).Name, value.Shape);
        }
        Extent[] held = value.Held;
        return MovesOnesAlone(value, layout)
            ? Reshape(value.Name, [.. layout.Order.Select(axis => held[axis])])
            : Node("Transpose", [value.Name], OnnxAttribute.Of("perm", [.. layout.Order.Select(axis => (long)value.Layout.PlaceOf(axis))]));
    }

    private static bool MovesOnesAlone(Form value, Layout layout)
    {
        Extent[] held = value.Held;
        return value.Layout.Order.Where(axis => !held[axis].IsOne).SequenceEqual(layout.Order.Where(axis => !held[axis].IsOne));
    }

    private void Lower(Step first, Step second)
    {
        (_layer, _scope) = (first.Layer, first.Scope);
        var inputs = new Form?[first.Inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (first.Inputs[i] is { } operand) inputs[i] = Read(operand, second.Inputs[i]!);
        }
        Extent[] shape = Extent.Of(first.Output.Shape, second.Output.Shape);
        _values[first.Output.Number] = first.Operation.Lower(this, inputs, shape);
    }

    private Form Read(Operand first, Operand second)
    {
        if (first.Source is Computed computed) return Views.Of(_values[computed.Number], first, second);
        return _constants.Read(first, second) ?? throw Refused("its Forward uses a tensor that is another one for a batch of another size, or from one call to the next.");
    }

    /// <summary>Makes a value the graph's output.</summary>
    private void Finish(Form value)
    {
        value = Plain(Whole(value));
        string name = NameOf(value);
        if (_graph.Nodes.All(node => node.Output != name)) name = Node("Identity", [name]);
        _graph.Rename(name, OnnxExport.OutputName);
        _graph.Output = new OnnxValue(OnnxExport.OutputName, value.DType, value.Shape);
        _graph.Prune();
    }

    /// <summary>Sizes as an operand, computed where they follow from the batch.</summary>
    private string Sizes(Extent[] sizes)
    {
        if (sizes.All(static extent => extent.IsFixed)) return Integers("shape", [.. sizes.Select(static extent => (long)extent.First)]);
        string[] parts = [.. sizes.Select(SizeOf)];
        return parts.Length == 1 ? parts[0] : Node("Concat", parts, OnnxAttribute.Of("axis", 0));
    }

    private string SizeOf(Extent size)
    {
        if (size.IsFixed) return Integers("shape", size.First);
        Extent batch = TracePair.Batch;
        (int factor, int rest) = Math.DivRem(size.First, batch.First);
        if (rest != 0 || size != batch * new Extent(factor, factor)) throw Refused("its Forward makes a tensor of a size that is no multiple of the batch's.");
        _batch ??= Node("Shape", [OnnxExport.InputName], OnnxAttribute.Of("start", 0), OnnxAttribute.Of("end", 1));
        return factor == 1 ? _batch : Node("Mul", [_batch, Integers("shape", factor)]);
    }

    private string Unique(string stem)
    {
        string name = stem;
        for (int number = 1; !_names.Add(name); number++) name = $"{stem}_{number}";
        return name;
    }
}
