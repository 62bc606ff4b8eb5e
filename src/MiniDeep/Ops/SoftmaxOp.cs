namespace MiniDeep;

/// <summary>
/// Softmax over an axis, p = exp(x - max) / sum, or its logarithm. Gradients: dx = p (dy - sum(dy p)); of the logarithm: dx = dy - p sum(dy).
/// </summary>
internal sealed class SoftmaxOp : GradNode
{
    private readonly bool _logarithm;
    private GradNode? _input;
    private Saved _y;

    private SoftmaxOp(bool logarithm, Tensor x, Tensor y) : base(y, x.Node)
    {
        _logarithm = logarithm;
        _input = x.Node;
        _y = new Saved(y);
    }

    public override string Name => _logarithm ? "LogSoftmax" : "Softmax";

    public static Tensor Apply(Tensor x, int axis, bool logarithm)
    {
        string name = logarithm ? "LogSoftmax" : "Softmax";
        if (!x.DType.IsFloat()) throw new DTypeException($"{name} takes floats, not {x.DType}.");
        axis = Axes.Resolve(x.Shape, axis, name);
        if (axis != x.Rank - 1)
        {
            int[] order = [.. Enumerable.Range(0, x.Rank)];
            (order[axis], order[^1]) = (order[^1], order[axis]);
            return TransposeOp.Apply(Apply(TransposeOp.Apply(x, order), -1, logarithm), order);
        }
        x = x.Contiguous();
        Tensor y = logarithm
            ? Tensor.Empty(x.Shape, x.DType, x.Device)
            : new ProbabilityTensor(x, ProbabilityKind.Softmax);
        if (logarithm) x.Device.Backend.Softmax(logarithm: true, x.View, y.View);
        if (GradMode.Records(x)) y.Node = new SoftmaxOp(logarithm, x, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView dx = walk.Target(_input!, out bool accumulate);
        Backend.SoftmaxGrad(_logarithm, _y.View(this), dy, dx, accumulate);
    }

    protected override void Release()
    {
        _input = null;
        _y = default;
    }
}

/// <summary>Which function made probabilities of logits.</summary>
internal enum ProbabilityKind
{
    Softmax,
    Sigmoid,
}

/// <summary>
/// Probabilities that remember their logits, so that a cross-entropy on them is computed as one stable operation. They themselves are computed when somebody looks at them, which
/// a training step without metrics never does.
/// </summary>
internal sealed class ProbabilityTensor : Tensor, IDelayed
{
    // made under NoGrad, no gradient may reach what is behind the logits
    private readonly Tensor _logits;
    private readonly int _version;

    public ProbabilityTensor(Tensor logits, ProbabilityKind kind) : base(logits.View.Storage, 0, logits.Shape, null)
    {
        _logits = GradMode.Records(logits) ? logits : logits.Detach();
        _version = Version;
        Kind = kind;
        Delay(this);
    }

    public ProbabilityKind Kind { get; }

    /// <summary>What the probabilities were computed from; null once one of the two was changed in place, or where the probabilities are a leaf themselves.</summary>
    public Tensor? Logits => Node is LeafNode || _version != Version || _version != _logits.Version ? null : _logits;

    void IDelayed.Settle() => SettleNow();

    private protected override void WriteDelayed(in TensorView destination)
    {
        if (Kind == ProbabilityKind.Softmax) Device.Backend.Softmax(logarithm: false, _logits.View, destination);
        else Device.Backend.Unary(UnaryKind.Sigmoid, 0, _logits.View, destination, accumulate: false);
    }
}
