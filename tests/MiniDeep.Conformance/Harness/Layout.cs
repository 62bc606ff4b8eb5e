namespace MiniDeep.Conformance;

/// <summary>How the elements of a view lie in its buffer.</summary>
public abstract record Layout
{
    /// <summary>Side by side.</summary>
    public static Layout Dense { get; } = new DenseLayout();

    /// <summary>Side by side, and the view says so by its strides.</summary>
    public static Layout Spelled { get; } = new PermutedLayout([]);

    /// <summary>As the transpose of a dense tensor: all axes in reversed order.</summary>
    public static Layout Reversed { get; } = new PermutedLayout(null);

    /// <summary>A slice of a wider tensor: the innermost axis is dense, the next one has a gap.</summary>
    public static Layout Padded { get; } = new SteppedLayout(1, 3);

    /// <summary>Every second element of a tensor along its innermost axis, with a gap behind each row.</summary>
    public static Layout Stepped { get; } = new SteppedLayout(2, 1);

    /// <summary>A dense tensor with its axes in another order: <c>order[0]</c> is the outermost in memory.</summary>
    public static Layout Permuted(params int[] order) => new PermutedLayout(order);

    /// <summary>One element or row repeated along the given axes, by strides of 0.</summary>
    public static Layout Broadcast(params int[] axes) => new BroadcastLayout(axes);

    /// <summary>The strides for a shape; null for a contiguous view.</summary>
    public abstract int[]? Strides(Shape shape);

    private static int[] RowMajor(Shape shape, IEnumerable<int> innermostFirst, int step = 1)
    {
        var strides = new int[shape.Rank];
        foreach (int axis in innermostFirst)
        {
            strides[axis] = step;
            step *= Math.Max(shape[axis], 1);
        }
        return strides;
    }

    private sealed record DenseLayout : Layout
    {
        public override int[]? Strides(Shape shape) => null;

        public override string ToString() => "dense";
    }

    private sealed record PermutedLayout(int[]? Order) : Layout
    {
        public override int[] Strides(Shape shape) => Order switch
        {
            null => RowMajor(shape, Enumerable.Range(0, shape.Rank)),
            [] => RowMajor(shape, Enumerable.Range(0, shape.Rank).Reverse()),
            _ => RowMajor(shape, Order.Reverse()),
        };

        public override string ToString() => Order is null ? "reversed" : Order is [] ? "spelled" : $"permuted({string.Join(' ', Order)})";
    }

    private sealed record SteppedLayout(int Step, int Gap) : Layout
    {
        public override int[] Strides(Shape shape)
        {
            var strides = new int[shape.Rank];
            int step = Step;
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                strides[axis] = step;
                step = step * Math.Max(shape[axis], 1) + (axis == shape.Rank - 1 ? Gap : 0);
            }
            return strides;
        }

        public override string ToString() => $"stepped({Step}, gap {Gap})";
    }

    private sealed record BroadcastLayout(int[] Axes) : Layout
    {
        public override int[] Strides(Shape shape) =>
            RowMajor(shape, Enumerable.Range(0, shape.Rank).Reverse().Where(axis => !Axes.Contains(axis)));

        public override string ToString() => $"broadcast({string.Join(' ', Axes)})";
    }
}
