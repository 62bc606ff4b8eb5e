namespace MiniDeep;

/// <summary>
/// y = x / (1 - rate) where a random number of the stream is at least rate, otherwise 0 (Srivastava et al. 2014, "inverted"). A random number has 16 bits, since with more
/// they would take longer than the memory, and the rate is rounded to as many. The mask is a function of (key, stream), so backward draws it again: dx = the same operation on dy.
/// </summary>
internal sealed class DropoutOp : GradNode
{
    private readonly double _rate;
    private readonly ulong _key, _stream;
    private GradNode? _input;

    private DropoutOp(double rate, ulong key, ulong stream, Tensor x, Tensor y) : base(y, x.Node)
    {
        (_rate, _key, _stream) = (rate, key, stream);
        _input = x.Node;
    }

    public static Tensor Apply(Tensor x, double rate, ulong key, ulong stream)
    {
        if (!x.DType.IsFloat()) throw new DTypeException($"Dropout takes floats, not {x.DType}.");
        rate = Math.Round(rate * (1 << 16)) / (1 << 16);
        x = x.Contiguous();
        Tensor y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.Dropout(x.View, rate, key, stream, y.View, accumulate: false);
        if (GradMode.Records(x)) y.Node = new DropoutOp(rate, key, stream, x, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        TensorView dx = walk.Target(_input!, out bool accumulate);
        Backend.Dropout(dy, _rate, _key, _stream, dx, accumulate);
    }

    protected override void Release() => _input = null;
}
