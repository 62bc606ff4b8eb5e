namespace MiniDeep;

/// <summary>
/// While a model is made from a file its weights are left blank, and take no more elements than the file holds: an architecture that promises more is refused before memory is taken for it.
/// </summary>
internal sealed class WeightRestoring(string file, long elements)
{
    [ThreadStatic] private static WeightRestoring? t_current;

    private long _left = elements;

    /// <summary>The restoring that this thread is in the middle of.</summary>
    public static WeightRestoring? Current => t_current;

    /// <summary>Enters the restoring on this thread; dispose of the result to leave it.</summary>
    public Scope Enter() => new(this);

    /// <summary>A weight whose values are still to come.</summary>
    /// <exception cref="InvalidDataFileException">The file hasn't so many.</exception>
    public Tensor Blank(Shape shape, DType dtype)
    {
        int count = shape.ElementCount;
        if (count > _left) throw new InvalidDataFileException(file, "the weights of every layer of its architecture", $"too few for one of shape {shape}");
        _left -= count;
        return Tensor.Zeros(shape, dtype);
    }

    internal readonly ref struct Scope
    {
        private readonly WeightRestoring? _outer;

        public Scope(WeightRestoring restoring)
        {
            _outer = t_current;
            t_current = restoring;
        }

        public void Dispose() => t_current = _outer;
    }
}
