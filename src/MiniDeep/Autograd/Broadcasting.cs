namespace MiniDeep;

/// <summary>NumPy's broadcasting: shapes are aligned at the last axis, and an axis of size 1 stretches.</summary>
internal static class Broadcasting
{
    /// <summary>The shape that both stretch to.</summary>
    /// <exception cref="ShapeException">Two sizes differ and neither is 1.</exception>
    public static Shape Result(Shape a, Shape b, string operation)
    {
        if (a == b) return a;
        int rank = Math.Max(a.Rank, b.Rank);
        var sizes = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int sizeA = i <= a.Rank ? a[^i] : 1;
            int sizeB = i <= b.Rank ? b[^i] : 1;
            if (sizeA != sizeB && sizeA != 1 && sizeB != 1)
            {
                throw new ShapeException(
                    $"{operation}: shapes {a} and {b} don't fit together: aligned at the last axis, sizes must be equal or one of them 1, but {sizeA} meets {sizeB}.");
            }
            sizes[^i] = sizeA == 1 ? sizeB : sizeA;
        }
        Shape result = Shape.Adopt(sizes);
        return result == a ? a : result == b ? b : result;
    }

    /// <summary>The view stretched to a shape, by strides of 0.</summary>
    public static TensorView To(in TensorView view, Shape shape)
    {
        if (view.Shape == shape) return view;
        var strides = new int[shape.Rank];
        int missing = shape.Rank - view.Shape.Rank;
        ReadOnlySpan<int> own = view.IsContiguous ? Strides.Contiguous(view.Shape) : view.Strides;
        for (int i = missing; i < shape.Rank; i++)
        {
            strides[i] = view.Shape[i - missing] == shape[i] ? own[i - missing] : 0;
        }
        return new TensorView(view.Storage, view.Offset, shape, strides);
    }

    /// <summary>The shape with axes of size 1 put in front.</summary>
    public static Shape Aligned(Shape shape, int rank)
    {
        if (shape.Rank == rank) return shape;
        var sizes = new int[rank];
        sizes.AsSpan().Fill(1);
        shape.Sizes.CopyTo(sizes.AsSpan(rank - shape.Rank));
        return Shape.Adopt(sizes);
    }
}

/// <summary>Elements between neighbours along each axis.</summary>
internal static class Strides
{
    public static int[] Contiguous(Shape shape)
    {
        var strides = new int[shape.Rank];
        int next = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = next;
            next *= Math.Max(shape[i], 1);
        }
        return strides;
    }

    /// <summary>Null where the strides say no more than row-major order (axes of size 1 don't matter).</summary>
    public static int[]? Normalize(Shape shape, int[] strides)
    {
        int next = 1;
        for (int i = shape.Rank - 1; i >= 0; i--)
        {
            if (shape[i] == 0) return null;
            if (shape[i] != 1 && strides[i] != next) return strides;
            next *= shape[i];
        }
        return null;
    }
}
