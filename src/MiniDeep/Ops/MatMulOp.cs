namespace MiniDeep;

/// <summary>
/// Matrix product over the last two axes: [.., m, k] [.., k, n] = [.., m, n], leading axes broadcast as NumPy's matmul does; a vector counts as a row (left) or a
/// column (right). da = dy b^T, db = a^T dy.
/// </summary>
internal sealed class MatMulOp : GradNode
{
    private Saved _a, _b;

    private MatMulOp(Tensor a, Tensor b, Tensor y) : base(y, a.Node, b.Node)
    {
        _a = new Saved(a);
        _b = new Saved(b);
    }

    public static Tensor Apply(Tensor a, Tensor b)
    {
        _ = Device.Common(a, b, "MatMul");
        if (a.DType != b.DType || !a.DType.IsFloat())
            throw new DTypeException($"MatMul takes two float tensors of one dtype, not {a.DType} ({a.Shape}) and {b.DType} ({b.Shape}).");
        if (a.Rank == 0 || b.Rank == 0) throw new ShapeException($"MatMul: a scalar has no axis to sum over ({a.Shape} and {b.Shape}). Use * instead.");
        if (a.Rank == 1) return DropAxis(Apply(a.Reshape(1, a.Shape[0]), b), b.Rank == 1 ? -1 : -2);
        if (b.Rank == 1) return DropAxis(Apply(a, b.Reshape(b.Shape[0], 1)), -1);
        if (a.Shape[^1] != b.Shape[^2])
            throw new ShapeException($"MatMul: shapes {a.Shape} and {b.Shape} don't fit together: the last axis of the first ({a.Shape[^1]}) meets the last but one of the second ({b.Shape[^2]}).");

        if (a.Rank > 2 && b.Rank == 2)
        {
            int count = Shape.Create(a.Shape.Sizes[..^1]).ElementCount;
            Tensor rows = Product(a.Reshape(count, a.Shape[^1]), b);
            return rows.Reshape([.. a.Shape.Sizes[..^1], b.Shape[^1]]);
        }
        Shape batchA = Shape.Create(a.Shape.Sizes[..^2]), batchB = Shape.Create(b.Shape.Sizes[..^2]);
        if (batchA != batchB)
        {
            Shape batch = Broadcasting.Result(batchA, batchB, "MatMul");
            a = ContiguousOp.Broadcast(a, Shape.Create([.. batch.Sizes, .. a.Shape.Sizes[^2..]]));
            b = ContiguousOp.Broadcast(b, Shape.Create([.. batch.Sizes, .. b.Shape.Sizes[^2..]]));
        }
        return Product(a, b);
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        if (_a.Node is { } inputA)
        {
            TensorView b = Matrix(_b.View(this), out bool transposed);
            TensorView da = walk.Target(inputA, out bool accumulate);
            Backend.MatMul(dy, false, b, !transposed, da, accumulate);
        }
        if (_b.Node is { } inputB)
        {
            TensorView a = Matrix(_a.View(this), out bool transposed);
            TensorView db = walk.Target(inputB, out bool accumulate);
            Backend.MatMul(a, !transposed, dy, false, db, accumulate);
        }
    }

    protected override void Release() => _a = _b = default;

    private static Tensor Product(Tensor a, Tensor b)
    {
        a = AsMatrix(a);
        b = AsMatrix(b);
        Tensor y = Tensor.Empty(Shape.Create([.. a.Shape.Sizes[..^1], b.Shape[^1]]), a.DType, Device.Common(a, b, "MatMul"));
        TensorView viewA = Matrix(a.View, out bool transposeA), viewB = Matrix(b.View, out bool transposeB);
        y.Device.Backend.MatMul(viewA, transposeA, viewB, transposeB, y.View, accumulate: false);
        if (GradMode.Records(a, b)) y.Node = new MatMulOp(a, b, y);
        return y;
    }

    private static Tensor DropAxis(Tensor y, int axis)
    {
        int[] sizes = y.Shape.ToArray();
        int at = sizes.Length + axis;
        return y.Reshape([.. sizes[..at], .. sizes[(at + 1)..]]);
    }

    /// <summary>The tensor itself if its matrices are stored row by row or column by column, otherwise a copy.</summary>
    private static Tensor AsMatrix(Tensor t) => t.IsContiguous || IsTransposed(t.View, out _) ? t : t.Contiguous();

    /// <summary>The matrices as they are stored, and whether that is the transpose of what they mean.</summary>
    private static TensorView Matrix(in TensorView view, out bool transposed)
    {
        transposed = IsTransposed(view, out Shape stored);
        return transposed ? view.Reshaped(stored) : view;
    }

    private static bool IsTransposed(in TensorView view, out Shape stored)
    {
        stored = default;
        if (view.IsContiguous) return false;
        int[] sizes = view.Shape.ToArray();
        int[] strides = view.Strides.ToArray();
        (sizes[^1], sizes[^2]) = (sizes[^2], sizes[^1]);
        (strides[^1], strides[^2]) = (strides[^2], strides[^1]);
        stored = Shape.Adopt(sizes);
        return Strides.Normalize(stored, strides) is null;
    }
}
