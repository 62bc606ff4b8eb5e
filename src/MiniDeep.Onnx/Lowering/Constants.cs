namespace MiniDeep;

/// <summary>The known values of a graph, each once, and their names: a weight's is the model's.</summary>
internal sealed class Constants
{
    private readonly OnnxGraph _graph;
    private readonly HashSet<string> _names;
    private readonly Dictionary<Storage, (string Name, Shape Shape)> _weights = [];

    public Constants(Model model, OnnxGraph graph, HashSet<string> names)
    {
        _graph = graph;
        _names = names;
        foreach ((string name, Parameter weight) in model.NamedParameters) _weights[weight.View.Storage] = (name, weight.Shape);
    }

    /// <summary>An operand that is known; null where it isn't the same in both traces. What only repeats along the batch is held once.</summary>
    public Form? Read(Operand first, Operand second)
    {
        Known source = (Known)first.Source, other = (Known)second.Source;
        if (source.HasChanged || other.HasChanged) return null;
        Extent[] shape = Extent.Of(first.Shape, second.Shape);
        bool[] stretched = [.. shape.Select((extent, axis) => !extent.IsOne && first.Strides is { } strides && strides[axis] == 0)];
        Tensor values = Held(source, first, stretched), others = Held(other, second, stretched);
        if (values.Shape != others.Shape)
        {
            TensorIndex[] once = [.. shape.Select((extent, axis) => (TensorIndex)(extent.IsFixed || stretched[axis] ? Range.All : 0..1))];
            Tensor part = values[once];
            if (!AreSame(part.BroadcastTo(values.Shape), values) || !AreSame(part.BroadcastTo(others.Shape), others)) return null;
            values = part;
            stretched = [.. shape.Select((extent, axis) => stretched[axis] || !extent.IsFixed)];
        }
        else if (!(ReferenceEquals(source.Storage, other.Storage) && first.Offset == second.Offset) && !AreSame(values, others))
        {
            return null;
        }
        return new Form(values.DType, shape, Layout.Plain(shape.Length))
        {
            Known = values,
            KnownName = _weights.TryGetValue(source.Storage, out (string Name, Shape Shape) weight) ? weight.Name : null,
            Stretched = Form.AnyOf(stretched),
        };
    }

    /// <summary>The name of a known value in its layout.</summary>
    /// <param name="value">The value.</param>
    /// <param name="scope">Which layer uses it.</param>
    /// <param name="trimmed">Whether axes of size 1 in front may go.</param>
    public string NameOf(Form value, string scope, bool trimmed)
    {
        Tensor values = value.Known!;
        if (value.Layout.Image is { } image && values.Shape[1] > 1)
            values = values.Reshape(values.Shape[0], image.Height, image.Width, image.Channels).Transpose(0, 3, 1, 2).Reshape(values.Shape[0], values.Shape[1]);
        values = values.Transpose(value.Layout.Order);
        int ones = 0;
        while (trimmed && ones < values.Rank && values.Shape[ones] == 1) ones++;
        if (ones > 0) values = values.Reshape(values.Shape.From(ones).Sizes);
        return NameOf(values, value.KnownName ?? $"{scope}/constant");
    }

    /// <summary>The name of some values: the one proposed, with a number where other values have it.</summary>
    public string NameOf(Tensor values, string proposed)
    {
        values = values.Contiguous();
        string name = proposed;
        for (int number = 1; !_names.Add(name); number++)
        {
            if (_graph.Initializers.TryGetValue(name, out Tensor? there) && AreSame(there, values)) return name;
            name = $"{proposed}_{number}";
        }
        _graph.Add(name, values);
        return name;
    }

    /// <summary>An operand's elements on the host, each stretched axis with size 1.</summary>
    private static Tensor Held(Known source, Operand operand, bool[] stretched)
    {
        Shape shape = Shape.Create([.. operand.Shape.Select((size, axis) => stretched[axis] ? 1 : size)]);
        return new Tensor(source.Storage, operand.Offset, shape, operand.Strides is null ? null : Strides.Normalize(shape, operand.Strides)).To(Device.Cpu);
    }

    private static bool AreSame(Tensor a, Tensor b)
    {
        if (a.DType != b.DType || a.Shape != b.Shape) return false;
        TensorView one = a.View, other = b.View;
        if (ReferenceEquals(one.Storage, other.Storage) && one.Offset == other.Offset && one.IsContiguous && other.IsContiguous) return true;
        return BytesOf(a).AsSpan().SequenceEqual(BytesOf(b));
    }

    private static byte[] BytesOf(Tensor tensor)
    {
        var bytes = new byte[(long)tensor.Count * tensor.DType.Size()];
        tensor.Contiguous().ReadBytes(0, bytes);
        return bytes;
    }
}
