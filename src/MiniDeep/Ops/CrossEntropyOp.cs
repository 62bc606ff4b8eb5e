namespace MiniDeep;

/// <summary>
/// Cross-entropy on logits, summed and scaled. Softmax: -sum t log softmax(x) = log-sum-exp(x) sum t - sum t x; sigmoid: softplus(x) - t x. dx = scale (p - t), computed with the loss.
/// Targets have no gradient.
/// </summary>
internal sealed class CrossEntropyOp : GradNode
{
    private GradNode? _input;
    private Storage? _gradient;

    private CrossEntropyOp(Tensor logits, Tensor y, Storage gradient) : base(y, logits.Node)
    {
        _input = logits.Node;
        _gradient = gradient;
    }

    /// <param name="kind">Which cross-entropy.</param>
    /// <param name="logits">[.., classes], or any shape for sigmoid.</param>
    /// <param name="target">Int32 class numbers, one a row, or probabilities of the logits' shape.</param>
    /// <param name="scale">What the sum is multiplied by.</param>
    public static Tensor Apply(CrossEntropyKind kind, Tensor logits, Tensor target, double scale)
    {
        Device device = Device.Common(logits, target, "Cross-entropy");
        logits = logits.Contiguous();
        target = target.Contiguous();
        Tensor y = Tensor.Empty([], logits.DType, device);
        bool records = GradMode.Records(logits);
        TensorView gradient = records ? MemoryScope.RentPrivate(device, logits.DType, logits.Shape) : default;
        device.Backend.CrossEntropy(kind, logits.View, target.View, scale, y.View, gradient);
        if (records) y.Node = new CrossEntropyOp(logits, y, gradient.Storage);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView gradient = Private(_gradient!, _input!.Shape);
        if (!walk.IsSeed) Backend.Binary(BinaryKind.Multiply, gradient, Broadcasting.To(dy, gradient.Shape), gradient, accumulate: false);
        walk.GiveOwned(_input, gradient);
        _gradient = null;
    }

    protected override void Release()
    {
        Return(_gradient);
        _input = null;
        _gradient = null;
    }
}
