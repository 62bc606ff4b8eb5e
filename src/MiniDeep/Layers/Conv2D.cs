namespace MiniDeep;

/// <summary>
/// A 2-D convolution (cross-correlation) over images [batch, height, width, channels]: y = activation(x * kernel + bias). Weights: <c>kernel</c> [kh, kw, in, filters] and
/// <c>bias</c> [filters], as in Keras.
/// </summary>
public sealed class Conv2D : Layer
{
    private readonly ConvSettings _settings;
    private readonly bool _useBias;
    private readonly Initializer _kernelInitializer, _biasInitializer;
    private Parameter _kernel = null!;
    private Parameter? _bias;
    private ConvPoolPlan? _recent;

    /// <summary>A convolution.</summary>
    /// <param name="filters">Channels of the output.</param>
    /// <param name="kernelSize">Rows and columns of the kernel.</param>
    /// <param name="padding">What happens at the borders: by default <see cref="Padding.Valid"/>.</param>
    /// <param name="activation">Applied to the result; none by default.</param>
    /// <param name="strides">Rows and columns between two outputs.</param>
    /// <param name="useBias">Whether there is a bias.</param>
    /// <param name="kernelInitializer">What the kernel starts with: by default <see cref="Initializer.GlorotUniform"/>, as in Keras.</param>
    /// <param name="biasInitializer">What the bias starts with: by default zeros.</param>
    public Conv2D(
        int filters, Size2D kernelSize, Padding padding = Padding.Valid, Activation? activation = null, Size2D? strides = null, bool useBias = true,
        Initializer? kernelInitializer = null, Initializer? biasInitializer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filters, 1);
        Filters = filters;
        KernelSize = kernelSize.Positive(nameof(kernelSize));
        Strides = (strides ?? 1).Positive(nameof(strides));
        Padding = padding.Known(nameof(padding));
        Activation = activation ?? Activation.Linear;
        _useBias = useBias;
        _kernelInitializer = kernelInitializer ?? Initializer.GlorotUniform;
        _biasInitializer = biasInitializer ?? Initializer.Zeros;
        _settings = new ConvSettings(Strides.Height, Strides.Width, padding);
    }

    /// <summary>Channels of the output.</summary>
    public int Filters { get; }

    /// <summary>Rows and columns of the kernel.</summary>
    public Size2D KernelSize { get; }

    /// <summary>Rows and columns between two outputs.</summary>
    public Size2D Strides { get; }

    /// <summary>What happens at the borders.</summary>
    public Padding Padding { get; }

    /// <summary>Applied to the result.</summary>
    public Activation Activation { get; }

    internal static Conv2D From(LayerConfig config) => new(
        config.GetInt32("filters"), config.GetSize2D("kernel_size"), config.GetPadding("padding"), config.GetActivation("activation"), config.GetSize2D("strides"),
        config.GetBoolean("use_bias"), config.GetInitializer("kernel_initializer"), config.GetInitializer("bias_initializer"));

    /// <inheritdoc/>
    protected internal override void Describe(LayerConfig config) => config
        .Set("filters", Filters).Set("kernel_size", KernelSize).Set("padding", Padding).Set("activation", Activation).Set("strides", Strides)
        .Set("use_bias", _useBias).Set("kernel_initializer", _kernelInitializer).Set("bias_initializer", _biasInitializer);

    /// <summary>PyTorch's kernel is [out, in, kh, kw].</summary>
    internal override PyTorchWeight InPyTorch(Parameter weight, Shape? flattened) => weight != _kernel
        ? PyTorchWeight.Same(weight)
        : new PyTorchWeight("weight", [weight.Shape[3], weight.Shape[2], weight.Shape[0], weight.Shape[1]], static values => values.Transpose(2, 3, 1, 0));

    /// <inheritdoc/>
    protected override Shape Build(Shape input)
    {
        if (input.Rank != 3)
        {
            throw LayerError.Input(this, "images [batch, height, width, channels]", $"samples of shape {input}",
                "For images without a channel axis, reshape to [height, width, 1].");
        }
        _kernel = AddWeight("kernel", [KernelSize.Height, KernelSize.Width, input[2], Filters], _kernelInitializer);
        _bias = _useBias ? AddWeight("bias", [Filters], _biasInitializer) : null;
        WindowAxis rows = WindowAxis.Of(input[0], KernelSize.Height, Strides.Height, 1, Padding);
        WindowAxis columns = WindowAxis.Of(input[1], KernelSize.Width, Strides.Width, 1, Padding);
        if (rows.Out == 0 || columns.Out == 0)
        {
            throw LayerError.Input(this, $"images of at least {KernelSize.Height} x {KernelSize.Width} (its kernel)", $"samples of shape {input}",
                "Use Padding.Same, a smaller kernel, or fewer poolings before it.");
        }
        return [rows.Out, columns.Out, Filters];
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, bool training) => Activation.Fused is { } fused
        ? Convolve(x, fused)
        : Activation.Apply(Convolve(x, FusedActivation.None));

    /// <summary>The layer with an activation, as one operation.</summary>
    internal Tensor Convolve(Tensor x, FusedActivation fused)
    {
        Check(x);
        return Conv2DOp.Apply(x, _kernel, _bias, _settings, fused);
    }

    /// <summary>The layer with an activation and the max-pool that follows, as one operation.</summary>
    internal Tensor ConvolveAndPool(Tensor x, FusedActivation fused, in PoolSettings pool)
    {
        Check(x);
        return ConvPoolOp.Apply(x, _kernel, _bias, new ConvPoolSettings(_settings, fused, pool), ref _recent);
    }

    private void Check(Tensor x)
    {
        if (x.Rank == 4 && x.Shape[3] == _kernel.Shape[2]) return;
        throw LayerError.Input(this, $"images [batch, height, width, {_kernel.Shape[2]}]", $"shape {x.Shape}",
            "The channels come last (NHWC); for images with channels first, use Transpose(0, 2, 3, 1).");
    }
}
