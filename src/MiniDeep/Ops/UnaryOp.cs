namespace MiniDeep;

/// <summary>y = f(x), element by element; the functions and their sources of gradients are listed in <see cref="UnaryKind"/>. dx = dy f'(x).</summary>
internal sealed class UnaryOp : GradNode
{
    private readonly UnaryKind _kind;
    private readonly double _alpha;
    private GradNode? _input;
    private Saved _saved;

    private UnaryOp(UnaryKind kind, double alpha, Tensor x, Tensor y, Tensor saved) : base(y, x.Node)
    {
        _kind = kind;
        _alpha = alpha;
        _input = x.Node;
        _saved = new Saved(saved);
    }

    public override string Name => _kind.ToString();

    public static Tensor Apply(UnaryKind kind, Tensor x, double alpha = 0)
    {
        Check(kind, x, alpha);
        bool records = GradMode.Records(x);
        if (records && !UnaryKinds.GradientFromOutput(kind, alpha)) x = x.Contiguous();
        Tensor y;
        if (kind == UnaryKind.Sigmoid)
        {
            y = new ProbabilityTensor(x, ProbabilityKind.Sigmoid);
        }
        else
        {
            y = Tensor.Empty(x.Shape, x.DType, x.Device);
            x.Device.Backend.Unary(kind, alpha, x.View, y.View, accumulate: false);
        }
        if (records) y.Node = new UnaryOp(kind, alpha, x, y, UnaryKinds.GradientFromOutput(kind, alpha) ? y : x);
        return y;
    }

    /// <summary>x = f(x), for a tensor that nobody else has seen yet.</summary>
    public static void ApplyInPlace(UnaryKind kind, Tensor x, double alpha)
    {
        Check(kind, x, alpha);
        x.Device.Backend.Unary(kind, alpha, x.View, x.View, accumulate: false);
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView saved = _saved.View(this);
        TensorView dx = walk.Target(_input!, out bool accumulate);
        Backend.UnaryGrad(_kind, _alpha, saved, dy, dx, accumulate);
    }

    protected override void Release()
    {
        _input = null;
        _saved = default;
    }

    private static void Check(UnaryKind kind, Tensor x, double alpha)
    {
        bool fits = kind switch
        {
            UnaryKind.Not => x.DType == DType.Bool,
            UnaryKind.Identity or UnaryKind.Negate or UnaryKind.Abs or UnaryKind.Sign or UnaryKind.Square or UnaryKind.AddScalar or UnaryKind.MultiplyScalar
                => x.DType.IsFloat() || x.DType is DType.Int32 or DType.Int64,
            _ => x.DType.IsFloat(),
        };
        if (!fits) throw new DTypeException($"{kind} doesn't take {x.DType} (a tensor of shape {x.Shape}). Convert it first, for example with To(DType.Float32).");
        if (!x.DType.IsFloat() && alpha != Math.Floor(alpha))
            throw new DTypeException($"{kind}: {alpha} can't be combined with {x.DType} (a tensor of shape {x.Shape}). Convert the tensor first, for example with To(DType.Float32).");
    }
}
