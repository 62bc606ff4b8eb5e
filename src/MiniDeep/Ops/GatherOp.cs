namespace MiniDeep;

/// <summary>Slices along an axis, picked by number. dx[index] gathers the dy of every place that picked it, in order.</summary>
internal sealed class GatherOp : GradNode
{
    private readonly Shape _from;
    private readonly Shape _to;
    private GradNode? _input;
    private Saved _indices;

    private GatherOp(Shape from, Shape to, Tensor x, Tensor indices, Tensor y) : base(y, x.Node)
    {
        _from = from;
        _to = to;
        _input = x.Node;
        _indices = new Saved(indices);
    }

    /// <summary>x [.., n, ..] and indices of any shape I give [.., I, ..].</summary>
    public static Tensor Apply(Tensor x, Tensor indices, int axis)
    {
        Device device = Device.Common(x, indices, "Gather");
        axis = Axes.Resolve(x.Shape, axis, "Gather");
        if (indices.DType is not (DType.Int32 or DType.Int64))
            throw new DTypeException($"Gather: indices are Int32 or Int64, not {indices.DType}.");
        Tensor source = x.Contiguous();
        indices = indices.Contiguous();
        ReadOnlySpan<int> sizes = x.Shape.Sizes;
        int outer = 1, inner = 1;
        foreach (int size in sizes[..axis]) outer *= size;
        foreach (int size in sizes[(axis + 1)..]) inner *= size;
        Shape from = [outer, sizes[axis], inner];
        Shape to = [outer, indices.Count, inner];
        Tensor y = Tensor.Empty(Shape.Adopt([.. sizes[..axis], .. indices.Shape.Sizes, .. sizes[(axis + 1)..]]), x.DType, device);
        try
        {
            device.Backend.Gather(source.View.Reshaped(from), indices.View.Reshaped(indices.Rank == 1 ? indices.Shape : [indices.Count]), y.View.Reshaped(to));
        }
        catch (IndexOutOfRangeException error)
        {
            throw new ShapeException($"Gather: {error.Message} (axis {axis} of shape {x.Shape})", error);
        }
        if (GradMode.Records(source)) y.Node = new GatherOp(from, to, source, indices, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView dx = walk.TargetToAddTo(_input!);
        TensorView indices = _indices.View(this);
        Backend.ScatterAdd(dy.Reshaped(_to), indices.Reshaped([indices.Shape.ElementCount]), dx.Reshaped(_from));
    }

    protected override void Release()
    {
        _input = null;
        _indices = default;
    }
}
