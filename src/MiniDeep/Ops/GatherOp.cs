namespace MiniDeep;

/// <summary>Slices along an axis, picked by number. dx[index] gathers the dy of every place that picked it, in order.</summary>
internal sealed class GatherOp : GradNode
{
    private readonly GatherPlan _plan;
    private GradNode? _input;
    private Saved _indices;

    private GatherOp(GatherPlan plan, Tensor x, Tensor indices, Tensor y) : base(y, x.Node)
    {
        _plan = plan;
        _input = x.Node;
        _indices = new Saved(indices);
    }

    /// <summary>x [.., n, ..] and indices of any shape I give [.., I, ..].</summary>
    public static Tensor Apply(Tensor x, Tensor indices, int axis)
    {
        GatherPlan? none = null;
        return Apply(x, indices, axis, ref none);
    }

    /// <param name="x">The tensor.</param>
    /// <param name="indices">What to pick.</param>
    /// <param name="axis">Along which axis.</param>
    /// <param name="recent">The last plan in the caller's hands, used again where it fits.</param>
    public static Tensor Apply(Tensor x, Tensor indices, int axis, ref GatherPlan? recent)
    {
        Device device = Device.Common(x, indices, "Gather");
        axis = Axes.Resolve(x.Shape, axis, "Gather");
        if (indices.DType is not (DType.Int32 or DType.Int64))
            throw new DTypeException($"Gather: indices are Int32 or Int64, not {indices.DType}.");
        Tensor source = x.Contiguous();
        indices = indices.Contiguous();
        GatherPlan? plan = recent;
        if (plan is null || !plan.Fits(x.Shape, indices.Shape, axis)) recent = plan = new GatherPlan(x.Shape, indices.Shape, axis);
        Tensor y = Tensor.Empty(plan.Result, x.DType, device);
        try
        {
            device.Backend.Gather(source.View.Reshaped(plan.From), indices.View.Reshaped(plan.Indices), y.View.Reshaped(plan.To));
        }
        catch (IndexOutOfRangeException error)
        {
            throw new ShapeException($"Gather: {error.Message} (axis {axis} of shape {x.Shape})", error);
        }
        if (GradMode.Records(source)) y.Node = new GatherOp(plan, source, indices, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView dx = walk.TargetToAddTo(_input!);
        TensorView indices = _indices.View(this);
        Backend.ScatterAdd(dy.Reshaped(_plan.To), indices.Reshaped(_plan.Indices), dx.Reshaped(_plan.From));
    }

    protected override void Release()
    {
        _input = null;
        _indices = default;
    }
}

/// <summary>The shapes of a gathering. A data set keeps the last one: it is the same for every batch.</summary>
internal sealed class GatherPlan
{
    private readonly Shape _x, _indices;
    private readonly int _axis;

    public GatherPlan(Shape x, Shape indices, int axis)
    {
        (_x, _indices, _axis) = (x, indices, axis);
        ReadOnlySpan<int> sizes = x.Sizes;
        int outer = 1, inner = 1;
        foreach (int size in sizes[..axis]) outer *= size;
        foreach (int size in sizes[(axis + 1)..]) inner *= size;
        Indices = indices.Rank == 1 ? indices : [indices.ElementCount];
        From = [outer, sizes[axis], inner];
        To = [outer, Indices[0], inner];
        Result = Shape.Adopt([.. sizes[..axis], .. indices.Sizes, .. sizes[(axis + 1)..]]);
    }

    /// <summary>The tensor as [outer, n, inner], and the result as [outer, count, inner].</summary>
    public Shape From { get; }

    /// <inheritdoc cref="From"/>
    public Shape To { get; }

    /// <summary>The indices as [count].</summary>
    public Shape Indices { get; }

    /// <summary>The result's shape.</summary>
    public Shape Result { get; }

    public bool Fits(Shape x, Shape indices, int axis) => axis == _axis && x == _x && indices == _indices;
}
