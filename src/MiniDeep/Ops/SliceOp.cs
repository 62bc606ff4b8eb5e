namespace MiniDeep;

/// <summary>Part of a tensor, as a view: along each axis a range, or one position (which drops the axis). dx = dy there and 0 elsewhere.</summary>
internal sealed class SliceOp : GradNode
{
    private readonly int _start;
    private readonly int[] _strides;
    private GradNode? _input;

    private SliceOp(int start, int[] strides, Tensor x, Tensor y) : base(y, x.Node)
    {
        _start = start;
        _strides = strides;
        _input = x.Node;
    }

    public static Tensor Apply(Tensor x, ReadOnlySpan<TensorIndex> indices)
    {
        if (indices.Length > x.Rank) throw new ShapeException($"Slice: {indices.Length} indices for a tensor of shape {x.Shape}.");
        TensorView view = x.View;
        ReadOnlySpan<int> own = view.IsContiguous ? Strides.Contiguous(x.Shape) : view.Strides;
        int[] rowMajor = Strides.Contiguous(x.Shape);
        int offset = view.Offset;
        int start = 0;
        List<int> sizes = [];
        List<int> strides = [];
        List<int> gradientStrides = [];
        for (int axis = 0; axis < x.Rank; axis++)
        {
            TensorIndex index = axis < indices.Length ? indices[axis] : Range.All;
            (int first, int length) = index.Resolve(x.Shape, axis);
            offset += first * own[axis];
            start += first * rowMajor[axis];
            if (index.DropsAxis) continue;
            sizes.Add(length);
            strides.Add(own[axis]);
            gradientStrides.Add(rowMajor[axis]);
        }
        Shape shape = Shape.Create(sizes.ToArray());
        Tensor y = x.Alias(offset, shape, Strides.Normalize(shape, strides.ToArray()));
        if (GradMode.Records(x)) y.Node = new SliceOp(start, gradientStrides.ToArray(), x, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView whole = walk.TargetToAddTo(_input!);
        var part = new TensorView(whole.Storage, whole.Offset + _start, Shape, Strides.Normalize(Shape, _strides));
        Backend.Unary(UnaryKind.Identity, 0, dy, part, accumulate: true);
    }

    protected override void Release() => _input = null;
}
