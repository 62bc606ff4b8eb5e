namespace MiniDeep;

/// <summary>Builds the messages about layers: which layer, what was expected, what came, what to do.</summary>
internal static class LayerError
{
    /// <summary>How messages name a layer: <c>Layer 'dense_1' (Dense)</c>.</summary>
    public static string Name(Layer layer) => $"Layer '{layer.Name}' ({layer.GetType().Name})";

    /// <summary>An input whose shape doesn't fit.</summary>
    public static ShapeException Input(Layer layer, string expected, string got, string fix) =>
        new($"{Name(layer)} expected {expected}, but got {got}. {fix}");

    /// <summary>The same error with the layer's name in front, unless an inner layer has put its own there.</summary>
    public static MiniDeepException In(Layer layer, MiniDeepException error)
    {
        if (error.Message.StartsWith("Layer '", StringComparison.Ordinal)) return error;
        string message = $"{Name(layer)}: {error.Message}";
        return error switch
        {
            ShapeException => new ShapeException(message, error),
            DTypeException => new DTypeException(message),
            DeviceException => new DeviceException(message, error.InnerException),
            LabelException => new LabelException(message),
            _ => error,
        };
    }
}
