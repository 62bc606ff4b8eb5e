namespace MiniDeep;

/// <summary>An activation as a layer of its own; <c>.Activation(…)</c>, <c>.ReLU()</c> and the like in a chain.</summary>
/// <param name="activation">The function.</param>
public sealed class ActivationLayer(Activation activation) : Layer
{
    /// <summary>The function.</summary>
    public Activation Activation { get; } = activation ?? throw new ArgumentNullException(nameof(activation));

    internal static ActivationLayer From(LayerConfig config) => new(config.GetActivation("activation"));

    /// <inheritdoc/>
    protected internal override void Describe(LayerConfig config) => config.Set("activation", Activation);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, bool training) => Activation.Apply(x);
}
