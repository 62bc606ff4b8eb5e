namespace MiniDeep;

/// <summary>
/// In training sets a random part of the elements to 0 and scales the others by 1 / (1 - rate); at inference passes everything on. The mask is a function of (seed, layer, step), the same
/// on every device.
/// </summary>
/// <param name="rate">The part that is dropped, from 0 up to but not including 1; masks round it to a multiple of 2^-16.</param>
public sealed class Dropout(double rate) : Layer
{
    private readonly Cell _draws = new();
    private RandomStream _stream;

    /// <summary>The part that is dropped.</summary>
    public double Rate { get; } = rate is >= 0 and < 1 ? rate : throw new ArgumentOutOfRangeException(nameof(rate), rate, "The rate goes from 0 up to but not including 1.");

    /// <summary>How many masks have been drawn: with the seed, the whole random state of the layer.</summary>
    internal Cell Draws => _draws;

    /// <summary>What the masks follow from.</summary>
    internal ulong Key
    {
        get => _stream.Key;
        set => _stream = RandomStream.FromKey(value);
    }

    internal static Dropout From(LayerConfig config) => new(config.GetDouble("rate"));

    /// <inheritdoc/>
    protected internal override void Describe(LayerConfig config) => config.Set("rate", Rate);

    /// <inheritdoc/>
    protected override Shape Build(Shape input)
    {
        _stream = NewRandomStream();
        return input;
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, bool training)
    {
        if (!training || Rate == 0) return x;
        RandomStream mask = _stream.At(0, (long)_draws.Value);
        _draws.Value++;
        return DropoutOp.Apply(x, Rate, mask.Key, mask.Stream);
    }
}
