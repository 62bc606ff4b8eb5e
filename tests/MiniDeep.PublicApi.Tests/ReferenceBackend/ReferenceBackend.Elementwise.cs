namespace MiniDeep.Reference;

internal sealed partial class ReferenceBackend
{
    public void Fill(in TensorView y, double value)
    {
        var values = new double[y.Shape.ElementCount];
        Array.Fill(values, value);
        Elements.Write(y, values);
    }

    public void Copy(in TensorView x, in TensorView y)
    {
        if (x.DType == y.DType) Elements.WriteBytes(y, Elements.ReadBytes(x));
        else if (x.DType.IsFloat()) Elements.Write(y, Elements.Read(x));
        else Elements.WriteIntegers(y, Elements.ReadIntegers(x));
    }

    public void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate)
    {
        if (x.DType.IsFloat())
        {
            // The kernels take the constant in the dtype of the elements.
            if (x.DType == DType.Float32) alpha = (float)alpha;
            Elements.Write(y, [.. Elements.Read(x).Select(value => Functions.Apply(kind, alpha, value))], accumulate);
        }
        else
        {
            Elements.WriteIntegers(y, [.. Elements.ReadIntegers(x).Select(value => Functions.Apply(kind, alpha, value))], accumulate);
        }
    }

    public void UnaryGrad(UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate)
    {
        double[] slopes = [.. Elements.Read(saved).Select(value => Functions.Derivative(kind, alpha, value))];
        Elements.Write(dx, [.. Elements.Read(dy).Zip(slopes, (gradient, slope) => gradient * slope)], accumulate);
    }

    public void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate)
    {
        if (a.DType.IsFloat())
            Elements.Write(y, [.. Elements.Read(a).Zip(Elements.Read(b), (left, right) => Functions.Apply(kind, left, right))], accumulate);
        else
            Elements.WriteIntegers(y, [.. Elements.ReadIntegers(a).Zip(Elements.ReadIntegers(b), (left, right) => Functions.Apply(kind, left, right))], accumulate);
    }

    public void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y)
    {
        long[] chosen = Elements.ReadIntegers(condition);
        byte[][] left = Elements.ReadBytes(a), right = Elements.ReadBytes(b);
        Elements.WriteBytes(y, [.. chosen.Select((flag, i) => flag != 0 ? left[i] : right[i])]);
    }
}
