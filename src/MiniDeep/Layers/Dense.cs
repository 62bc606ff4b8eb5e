namespace MiniDeep;

/// <summary>
/// A fully connected layer: y = activation(x kernel + bias), over the last axis. Weights: <c>kernel</c> [in, units] and <c>bias</c> [units].
/// </summary>
/// <param name="units">Size of the output.</param>
/// <param name="activation">Applied to the result; none by default.</param>
/// <param name="useBias">Whether there is a bias.</param>
/// <param name="kernelInitializer">What the kernel starts with: by default <see cref="Initializer.GlorotUniform"/>, as in Keras.</param>
/// <param name="biasInitializer">What the bias starts with: by default zeros.</param>
public sealed class Dense(
    int units, Activation? activation = null, bool useBias = true, Initializer? kernelInitializer = null, Initializer? biasInitializer = null) : Layer
{
    private readonly Initializer _kernelInitializer = kernelInitializer ?? Initializer.GlorotUniform, _biasInitializer = biasInitializer ?? Initializer.Zeros;
    private Parameter _kernel = null!;
    private Parameter? _bias;
    private Shape _recent;

    /// <summary>Size of the output.</summary>
    public int Units { get; } = units > 0 ? units : throw new ArgumentOutOfRangeException(nameof(units), units, "A Dense layer needs at least one unit.");

    /// <summary>Applied to the result.</summary>
    public Activation Activation { get; } = activation ?? Activation.Linear;

    internal static Dense From(LayerConfig config) => new(
        config.GetInt32("units"), config.GetActivation("activation"), config.GetBoolean("use_bias"), config.GetInitializer("kernel_initializer"), config.GetInitializer("bias_initializer"));

    /// <inheritdoc/>
    protected internal override void Describe(LayerConfig config) => config
        .Set("units", Units).Set("activation", Activation).Set("use_bias", useBias)
        .Set("kernel_initializer", _kernelInitializer).Set("bias_initializer", _biasInitializer);

    /// <summary>PyTorch's kernel is [out, in], and what it flattens has the channels first: there the rows come in another order.</summary>
    internal override PyTorchWeight InPyTorch(Parameter weight, Shape? flattened)
    {
        if (weight != _kernel) return PyTorchWeight.Same(weight);
        (int inputs, int units) = (weight.Shape[0], weight.Shape[1]);
        return new PyTorchWeight("weight", [units, inputs], values => flattened is { } image
            ? values.Reshape(units, image[2], image[0], image[1]).Transpose(2, 3, 1, 0).Reshape(inputs, units)
            : values.Transpose(1, 0));
    }

    /// <inheritdoc/>
    protected override Shape Build(Shape input)
    {
        if (input.Rank == 0) throw LayerError.Input(this, "an input [batch, features]", "[batch]", "Give each sample at least one feature, for example with Reshape(-1, 1).");
        _kernel = AddWeight("kernel", [input[^1], Units], _kernelInitializer);
        _bias = useBias ? AddWeight("bias", [Units], _biasInitializer) : null;
        return input.WithLast(Units);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, bool training) => Activation.Fused is { } fused
        ? Linear(x, fused)
        : Activation.Apply(Linear(x, FusedActivation.None));

    /// <summary>The layer with the activation of the layer that follows, as one operation.</summary>
    internal Tensor Linear(Tensor x, FusedActivation fused)
    {
        if (x.Rank < 2 || x.Shape[^1] != _kernel.Shape[0])
        {
            throw LayerError.Input(
                this, $"an input whose last axis is {_kernel.Shape[0]}", $"shape {x.Shape} (the batch first)",
                x.Rank > 2 ? "Put a Flatten before it, or build the layer for the new size." : "Build the layer for the new size, or check the data's features.");
        }
        return LinearOp.Apply(x, _kernel, _bias, fused, ref _recent);
    }
}
