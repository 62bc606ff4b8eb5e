namespace MiniDeep;

/// <summary>The largest element of each window of an image [batch, height, width, channels], channel by channel.</summary>
/// <param name="poolSize">Rows and columns of a window, at most 256 elements.</param>
/// <param name="strides">Rows and columns between two windows: by default the window's own size.</param>
/// <param name="padding">What happens at the borders: by default <see cref="Padding.Valid"/>; padding never wins.</param>
public sealed class MaxPool2D(Size2D poolSize, Size2D? strides = null, Padding padding = Padding.Valid) : Layer
{
    /// <summary>Rows and columns of a window.</summary>
    public Size2D PoolSize { get; } = poolSize.Height * (long)poolSize.Width <= 256
        ? poolSize.Positive(nameof(poolSize))
        : throw new ArgumentOutOfRangeException(nameof(poolSize), poolSize, "A pooling window has at most 256 elements.");

    /// <summary>Rows and columns between two windows.</summary>
    public Size2D Strides { get; } = (strides ?? poolSize).Positive(nameof(strides));

    /// <summary>What happens at the borders.</summary>
    public Padding Padding { get; } = padding.Known(nameof(padding));

    internal PoolSettings Settings => new(PoolSize.Height, PoolSize.Width, Strides.Height, Strides.Width, Padding);

    internal static MaxPool2D From(LayerConfig config) => new(config.GetSize2D("pool_size"), config.GetSize2D("strides"), config.GetPadding("padding"));

    /// <inheritdoc/>
    protected internal override void Describe(LayerConfig config) => config.Set("pool_size", PoolSize).Set("strides", Strides).Set("padding", Padding);

    /// <inheritdoc/>
    protected override Shape Build(Shape input)
    {
        if (input.Rank != 3) throw LayerError.Input(this, "images [batch, height, width, channels]", $"samples of shape {input}", "Pool before flattening.");
        WindowAxis rows = WindowAxis.Of(input[0], PoolSize.Height, Strides.Height, 1, Padding);
        WindowAxis columns = WindowAxis.Of(input[1], PoolSize.Width, Strides.Width, 1, Padding);
        if (rows.Out == 0 || columns.Out == 0)
        {
            throw LayerError.Input(this, $"images of at least {PoolSize} (its window)", $"samples of shape {input}",
                "Use Padding.Same, a smaller window, or fewer poolings before it.");
        }
        return [rows.Out, columns.Out, input[2]];
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, bool training) => MaxPool2DOp.Apply(x, Settings);
}
