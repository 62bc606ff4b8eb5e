namespace MiniDeep;

/// <summary>
/// An ONNX model, as the messages of <c>onnx.proto3</c> (https://github.com/onnx/onnx, IR version 8): ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto and
/// OperatorSetIdProto. The numbers are those of their fields.
/// </summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 8;
    private const int Opset = 17;
    private const string BatchName = "batch";

    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, Tensor> _initializers = [];

    public required OnnxValue Input { get; init; }

    public OnnxValue? Output { get; set; }

    public IReadOnlyList<OnnxNode> Nodes => _nodes;

    public IReadOnlyDictionary<string, Tensor> Initializers => _initializers;

    public void Add(OnnxNode node) => _nodes.Add(node);

    public void Add(string initializer, Tensor values) => _initializers.Add(initializer, values);

    /// <summary>Gives a node's result another name.</summary>
    public void Rename(string from, string to)
    {
        for (int i = 0; i < _nodes.Count; i++)
        {
            OnnxNode node = _nodes[i];
            _nodes[i] = node with { Inputs = [.. node.Inputs.Select(Renamed)], Output = Renamed(node.Output) };
        }

        string Renamed(string name) => name == from ? to : name;
    }

    /// <summary>Takes out what the output doesn't need.</summary>
    public void Prune()
    {
        var needed = new HashSet<string> { Output!.Name };
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            if (needed.Contains(_nodes[i].Output)) needed.UnionWith(_nodes[i].Inputs);
            else _nodes.RemoveAt(i);
        }
        foreach (string name in _initializers.Keys.Where(name => !needed.Contains(name)).ToArray()) _initializers.Remove(name);
    }

    /// <summary>The ModelProto.</summary>
    public ProtoMessage ToMessage(string name)
    {
        var graph = new ProtoMessage();
        foreach (OnnxNode node in _nodes) graph.Message(1, Message(node));
        graph.Text(2, name);
        foreach ((string initializer, Tensor values) in _initializers) graph.Message(5, Message(initializer, values));
        graph.Message(11, Message(Input)).Message(12, Message(Output!));
        string version = typeof(OnnxGraph).Assembly.GetName().Version!.ToString(fieldCount: 3);
        return new ProtoMessage().Integer(1, IrVersion).Text(2, "MiniDeep").Text(3, version).Message(7, graph)
            .Message(8, new ProtoMessage().Text(1, "").Integer(2, Opset));
    }

    /// <summary>A TensorProto.DataType.</summary>
    public static int TypeOf(DType dtype) => dtype switch
    {
        DType.Float32 => 1,
        DType.UInt8 => 2,
        DType.Int32 => 6,
        DType.Int64 => 7,
        DType.Bool => 9,
        _ => 11,
    };

    private static ProtoMessage Message(OnnxNode node)
    {
        var message = new ProtoMessage();
        foreach (string input in node.Inputs) message.Text(1, input);
        message.Text(2, node.Output).Text(3, node.Name).Text(4, node.Type);
        foreach (OnnxAttribute attribute in node.Attributes) message.Message(5, Message(attribute));
        return message;
    }

    private static ProtoMessage Message(OnnxAttribute attribute)
    {
        ProtoMessage message = new ProtoMessage().Text(1, attribute.Name);
        switch (attribute.Value)
        {
            case float number:
                return message.Float(2, number).Integer(20, 1);
            case long number:
                return message.Integer(3, number).Integer(20, 2);
            default:
                foreach (long number in (long[])attribute.Value) message.Integer(8, number);
                return message.Integer(20, 7);
        }
    }

    private static ProtoMessage Message(string name, Tensor values)
    {
        var message = new ProtoMessage();
        foreach (int size in values.Shape) message.Integer(1, size);
        return message.Integer(2, TypeOf(values.DType)).Text(8, name).Elements(9, values);
    }

    private static ProtoMessage Message(OnnxValue value)
    {
        var shape = new ProtoMessage();
        for (int axis = 0; axis < value.Shape.Length; axis++)
        {
            var dimension = new ProtoMessage();
            if (value.Shape[axis].IsFixed) dimension.Integer(1, value.Shape[axis].First);
            else if (axis == 0) dimension.Text(2, BatchName);
            shape.Message(1, dimension);
        }
        ProtoMessage tensor = new ProtoMessage().Integer(1, TypeOf(value.DType)).Message(2, shape);
        return new ProtoMessage().Text(1, value.Name).Message(2, new ProtoMessage().Message(1, tensor));
    }
}

/// <summary>One operation.</summary>
internal sealed record OnnxNode(string Type, string Name, IReadOnlyList<string> Inputs, string Output, IReadOnlyList<OnnxAttribute> Attributes);

/// <summary>A setting of an operation: a float, a long or several longs.</summary>
internal readonly record struct OnnxAttribute(string Name, object Value)
{
    public static OnnxAttribute Of(string name, float value) => new(name, value);

    public static OnnxAttribute Of(string name, long value) => new(name, value);

    public static OnnxAttribute Of(string name, params long[] values) => new(name, values);
}

/// <summary>An input or output of the graph.</summary>
internal sealed record OnnxValue(string Name, DType DType, Extent[] Shape);
