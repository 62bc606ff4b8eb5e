namespace MiniDeep;

/// <summary>The axes in another order, as a view. dx = dy with the order undone.</summary>
internal sealed class TransposeOp : GradNode
{
    private readonly int[] _order;
    private GradNode? _input;

    private TransposeOp(int[] order, Tensor x, Tensor y) : base(y, x.Node)
    {
        _order = order;
        _input = x.Node;
    }

    /// <param name="x">The tensor.</param>
    /// <param name="order">For each axis of the result, the axis of x that it is; empty: all reversed.</param>
    public static Tensor Apply(Tensor x, ReadOnlySpan<int> order)
    {
        int[] axes = order.IsEmpty ? Reversed(x.Rank) : Axes.Resolve(x.Shape, order, "Transpose");
        if (axes.Length != x.Rank)
            throw new ShapeException($"Transpose: the order [{string.Join(", ", axes)}] doesn't name every axis of shape {x.Shape} once.");
        TensorView view = Permuted(x.View, axes);
        Tensor y = x.Alias(view.Offset, view.Shape, view.StrideArray);
        if (GradMode.Records(x)) y.Node = new TransposeOp(axes, x, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        var back = new int[_order.Length];
        for (int i = 0; i < back.Length; i++) back[_order[i]] = i;
        walk.Add(_input, Permuted(dy, back));
    }

    protected override void Release() => _input = null;

    private static int[] Reversed(int rank)
    {
        var order = new int[rank];
        for (int i = 0; i < rank; i++) order[i] = rank - 1 - i;
        return order;
    }

    private static TensorView Permuted(in TensorView view, int[] order)
    {
        ReadOnlySpan<int> own = view.IsContiguous ? Strides.Contiguous(view.Shape) : view.Strides;
        var sizes = new int[order.Length];
        var strides = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            sizes[i] = view.Shape[order[i]];
            strides[i] = own[order[i]];
        }
        Shape shape = Shape.Create(sizes);
        return new TensorView(view.Storage, view.Offset, shape, Strides.Normalize(shape, strides));
    }
}

/// <summary>Axes as users write them: negative ones count from the end.</summary>
internal static class Axes
{
    public static int Resolve(Shape shape, int axis, string operation)
    {
        int resolved = axis < 0 ? axis + shape.Rank : axis;
        return resolved >= 0 && resolved < shape.Rank
            ? resolved
            : throw new ShapeException($"{operation}: there is no axis {axis} in shape {shape}.");
    }

    /// <exception cref="ShapeException">An axis doesn't exist or is named twice.</exception>
    public static int[] Resolve(Shape shape, ReadOnlySpan<int> axes, string operation)
    {
        var resolved = new int[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = Resolve(shape, axes[i], operation);
            if (resolved.AsSpan(0, i).Contains(axis)) throw new ShapeException($"{operation}: axis {axes[i]} of shape {shape} is named twice.");
            resolved[i] = axis;
        }
        return resolved;
    }
}
