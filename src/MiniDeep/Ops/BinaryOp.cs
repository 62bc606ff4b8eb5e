namespace MiniDeep;

/// <summary>
/// y = f(a, b) with broadcasting. Gradients: a + b: dy, dy. a - b: dy, -dy. a b: dy b, dy a. a / b: dy / b, -dy y / b.
/// a^b: dy b a^(b-1) (0 where b is 0), dy y log a (0 where a is 0). max, min: dy where the operand was chosen, half of it each where both are equal.
/// </summary>
internal sealed class BinaryOp : GradNode
{
    private readonly BinaryKind _kind;
    private GradNode? _inputA, _inputB;
    private Saved _a, _b, _y;

    private BinaryOp(BinaryKind kind, Tensor a, Tensor b, Tensor y) : base(y, a.Node, b.Node)
    {
        _kind = kind;
        _inputA = a.Node;
        _inputB = b.Node;
        if (kind is BinaryKind.Add or BinaryKind.Subtract) return;
        _a = new Saved(a);
        _b = new Saved(b);
        if (kind is BinaryKind.Divide or BinaryKind.Pow) _y = new Saved(y);
    }

    public override string Name => _kind.ToString();

    public static Tensor Apply(BinaryKind kind, Tensor a, Tensor b)
    {
        string name = Enum.GetName(kind)!;
        Device device = Device.Common(a, b, name);
        if (a.DType != b.DType)
        {
            throw new DTypeException(
                $"{kind}: one tensor holds {a.DType} ({a.Shape}) and the other {b.DType} ({b.Shape}). Convert one first, for example with To(DType.{(a.DType.IsFloat() ? a.DType : b.DType)}).");
        }
        bool compares = kind >= BinaryKind.Equal;
        if (kind is BinaryKind.Pow && !a.DType.IsFloat() || a.DType == DType.Bool && !compares)
            throw new DTypeException($"{kind} doesn't take {a.DType}. Convert the operands first, for example with To(DType.Float32).");
        Shape shape = Broadcasting.Result(a.Shape, b.Shape, name);
        Tensor y = Tensor.Empty(shape, compares ? DType.Bool : a.DType, device);
        device.Backend.Binary(kind, Broadcasting.To(a.View, shape), Broadcasting.To(b.View, shape), y.View, accumulate: false);
        if (!compares && GradMode.Records(a, b)) y.Node = new BinaryOp(kind, a, b, y);
        return y;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
        switch (_kind)
        {
            case BinaryKind.Add:
                walk.Add(_inputB, dy);
                if (_inputA is not null && _inputA.Shape == Shape) walk.Give(_inputA, dy);
                else walk.Add(_inputA, dy);
                break;
            case BinaryKind.Subtract:
                AddNegated(walk, _inputB, dy);
                if (_inputA is not null && _inputA.Shape == Shape) walk.Give(_inputA, dy);
                else walk.Add(_inputA, dy);
                break;
            case BinaryKind.Multiply:
                if (_inputA is not null) walk.AddBinary(_inputA, BinaryKind.Multiply, dy, _b.View(this));
                if (_inputB is not null) walk.AddBinary(_inputB, BinaryKind.Multiply, dy, _a.View(this));
                break;
            case BinaryKind.Divide:
                DivideBackward(walk, dy);
                break;
            case BinaryKind.Pow:
                PowBackward(walk, dy);
                break;
            default:
                ChoiceBackward(walk, dy);
                break;
        }
    }

    protected override void Release()
    {
        _inputA = _inputB = null;
        _a = _b = _y = default;
    }

    private void AddNegated(GradientWalk walk, GradNode? input, in TensorView dy)
    {
        if (input is null) return;
        TensorView negated = Rent(Shape, DType);
        Backend.Unary(UnaryKind.Negate, 0, dy, negated, accumulate: false);
        walk.Add(input, negated);
        Return(negated);
    }

    private void DivideBackward(GradientWalk walk, in TensorView dy)
    {
        TensorView b = _b.View(this);
        walk.AddBinary(_inputA, BinaryKind.Divide, dy, b);
        if (_inputB is null) return;
        TensorView product = Rent(Shape, DType);
        Backend.Binary(BinaryKind.Multiply, dy, _y.View(this), product, accumulate: false);
        Backend.Unary(UnaryKind.Negate, 0, product, product, accumulate: false);
        walk.AddBinary(_inputB, BinaryKind.Divide, product, b);
        Return(product);
    }

    private void PowBackward(GradientWalk walk, in TensorView dy)
    {
        TensorView a = Broadcasting.To(_a.View(this), Shape);
        TensorView b = Broadcasting.To(_b.View(this), Shape);
        TensorView factor = Rent(Shape, DType);
        TensorView isZero = Rent(Shape, DType.Bool);
        TensorView zero = Rent([], DType);
        Backend.Fill(zero, 0);
        TensorView zeros = Broadcasting.To(zero, Shape);
        if (_inputA is not null)
        {
            // b a^(b-1) is 0 for b = 0, also where a^-1 is infinite
            Backend.Unary(UnaryKind.AddScalar, -1, b, factor, accumulate: false);
            Backend.Binary(BinaryKind.Pow, a, factor, factor, accumulate: false);
            Backend.Binary(BinaryKind.Multiply, b, factor, factor, accumulate: false);
            ZeroWhereZero(b);
            walk.AddBinary(_inputA, BinaryKind.Multiply, dy, factor);
        }
        if (_inputB is not null)
        {
            // y log a tends to 0 with a, where log alone would make it NaN
            Backend.Unary(UnaryKind.Log, 0, a, factor, accumulate: false);
            Backend.Binary(BinaryKind.Multiply, _y.View(this), factor, factor, accumulate: false);
            ZeroWhereZero(a);
            walk.AddBinary(_inputB, BinaryKind.Multiply, dy, factor);
        }
        Return(isZero);
        Return(zero);
        Return(factor);

        void ZeroWhereZero(in TensorView operand)
        {
            Backend.Binary(BinaryKind.Equal, operand, zeros, isZero, accumulate: false);
            Backend.Select(isZero, zeros, factor, factor);
        }
    }

    private void ChoiceBackward(GradientWalk walk, in TensorView dy)
    {
        TensorView a = Broadcasting.To(_a.View(this), Shape);
        TensorView b = Broadcasting.To(_b.View(this), Shape);
        BinaryKind wins = _kind == BinaryKind.Max ? BinaryKind.Greater : BinaryKind.Less;
        TensorView chosen = Rent(Shape, DType.Bool);
        TensorView share = Rent(Shape, DType);
        TensorView half = Rent(Shape, DType);
        Backend.Binary(BinaryKind.Equal, a, b, chosen, accumulate: false);
        Backend.Copy(chosen, half);
        Backend.Unary(UnaryKind.MultiplyScalar, 0.5, half, half, accumulate: false);
        Send(_inputA, a, b, dy);
        Send(_inputB, b, a, dy);
        Return(half);
        Return(share);
        Return(chosen);

        void Send(GradNode? input, in TensorView own, in TensorView other, in TensorView gradient)
        {
            if (input is null) return;
            Backend.Binary(wins, own, other, chosen, accumulate: false);
            Backend.Copy(chosen, share);
            Backend.Binary(BinaryKind.Add, share, half, share, accumulate: false);
            walk.AddBinary(input, BinaryKind.Multiply, gradient, share);
        }
    }
}
