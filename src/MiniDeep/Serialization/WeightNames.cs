namespace MiniDeep;

/// <summary>What a file calls the weights of a model.</summary>
internal sealed class WeightNames
{
    private readonly Model _model;
    private readonly bool _isPyTorch;
    private readonly IReadOnlyDictionary<string, string> _names;
    private readonly HashSet<string> _unused;
    private readonly Dictionary<Parameter, Layer> _owners = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Layer, Shape> _flattened = new(ReferenceEqualityComparer.Instance);

    public WeightNames(Model model, WeightLayout layout, IReadOnlyDictionary<string, string>? names)
    {
        _model = model;
        _isPyTorch = layout switch
        {
            WeightLayout.MiniDeep => false,
            WeightLayout.PyTorch => true,
            _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "There is no such layout."),
        };
        _names = names ?? new Dictionary<string, string>();
        _unused = [.. _names.Keys];
        foreach (Layer layer in LayerFields.LayersOf(model))
        {
            foreach (Parameter weight in layer.OwnWeights) _owners[weight] = layer;
        }
        Shape? flattened = null;
        FindFlattened(model, ref flattened);
    }

    /// <summary>The file's name of a weight and, in PyTorch's layout, how it is kept there.</summary>
    public (string Name, PyTorchWeight? InPyTorch) Of(string name, Parameter parameter)
    {
        PyTorchWeight? inPyTorch = !_isPyTorch ? null
            : _owners.TryGetValue(parameter, out Layer? layer) ? layer.InPyTorch(parameter, _flattened.TryGetValue(layer, out Shape image) ? image : null)
            : PyTorchWeight.Same(parameter);
        if (_names.TryGetValue(name, out string? whole))
        {
            _unused.Remove(name);
            return (whole, inPyTorch);
        }
        int end = name.LastIndexOf('.');
        string local = inPyTorch?.Name ?? name[(end + 1)..];
        string layers = end < 0 ? "" : name[..end];
        return (Join(Translate(layers), local), inPyTorch);
    }

    /// <exception cref="ArgumentException">A name belongs to no weight and no layer of the model.</exception>
    public void CheckAllUsed()
    {
        if (_unused.Count > 0)
        {
            throw new ArgumentException(
                $"{LayerError.Name(_model)} has no weight and no layer '{_unused.First()}'; its weights are {string.Join(", ", _model.NamedParameters.Select(static p => p.Key))}.", "names");
        }
    }

    /// <summary>The layers' part of a name, its longest beginning that has a name of its own replaced by it.</summary>
    private string Translate(string layers)
    {
        for (string start = layers; start.Length > 0; start = start[..Math.Max(start.LastIndexOf('.'), 0)])
        {
            if (!_names.TryGetValue(start, out string? theirs)) continue;
            _unused.Remove(start);
            return Join(theirs, layers[start.Length..].TrimStart('.'));
        }
        return layers;
    }

    private static string Join(string first, string second) => first.Length == 0 ? second : second.Length == 0 ? first : $"{first}.{second}";

    /// <summary>Finds the layers that take flattened images: what lies between them and the Flatten leaves each value in its place.</summary>
    private void FindFlattened(Model model, ref Shape? flattened)
    {
        foreach (Layer layer in model.Layers)
        {
            switch (layer)
            {
                case Flatten:
                    if (layer.InputShape.Rank == 3) flattened = layer.InputShape;
                    break;
                case Model inner:
                    FindFlattened(inner, ref flattened);
                    break;
                case Dropout or ActivationLayer:
                    break;
                default:
                    if (flattened is { } image) _flattened[layer] = image;
                    flattened = null;
                    break;
            }
        }
    }
}
