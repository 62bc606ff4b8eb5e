namespace MiniDeep;

/// <summary>What to take along one axis: a position (<c>3</c>, <c>^1</c>), which drops the axis, or a range (<c>2..5</c>, <c>..</c>).</summary>
public readonly struct TensorIndex
{
    private readonly Range _range;

    private TensorIndex(Range range, bool dropsAxis)
    {
        _range = range;
        DropsAxis = dropsAxis;
    }

    internal bool DropsAxis { get; }

    /// <summary>One position.</summary>
    public static implicit operator TensorIndex(int position) => new(position < 0 ? new Range(new Index(-position, true), default) : new Range(position, default), true);

    /// <summary>One position, perhaps from the end.</summary>
    public static implicit operator TensorIndex(Index position) => new(new Range(position, default), true);

    /// <summary>A range of positions.</summary>
    public static implicit operator TensorIndex(Range range) => new(range, false);

    internal (int First, int Length) Resolve(Shape shape, int axis)
    {
        int size = shape[axis];
        int first = _range.Start.GetOffset(size);
        int end = DropsAxis ? first + 1 : _range.End.GetOffset(size);
        if (first < 0 || end > size || end < first)
        {
            string text = DropsAxis ? _range.Start.ToString() : _range.ToString();
            throw new ShapeException($"Slice: {text} is outside axis {axis} of shape {shape}, which has {size} positions.");
        }
        return (first, end - first);
    }
}
