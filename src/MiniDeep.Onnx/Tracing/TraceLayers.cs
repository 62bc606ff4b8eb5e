namespace MiniDeep;

/// <summary>Knows which layer of the model runs.</summary>
/// <param name="model">The model.</param>
/// <param name="ended">Sees what a layer has given, while it is still the innermost.</param>
internal sealed class TraceLayers(Model model, Action<TensorView> ended) : LayerWatch
{
    private readonly List<Layer> _running = [];

    /// <summary>The innermost layer.</summary>
    public Layer Innermost => _running.Count > 0 ? _running[^1] : model;

    /// <summary>Its name with those of the layers around it, without the model's.</summary>
    public string Path => string.Join('.', _running.Skip(1).Select(static layer => layer.Name));

    public override void Starts(Layer layer) => _running.Add(layer);

    public override void Ends(Layer layer, Tensor output)
    {
        // probabilities are computed when they are looked at: that is to be in the layer that they belong to
        ended(output.View);
        _running.RemoveAt(_running.Count - 1);
    }
}
