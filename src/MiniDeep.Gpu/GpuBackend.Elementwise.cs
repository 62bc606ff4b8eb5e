using System.Numerics;


namespace MiniDeep;

internal sealed partial class GpuBackend
{
    public void Fill(in TensorView y, double value)
    {
        switch (y.DType)
        {
            case DType.Float32: FillWith(y, (float)value); break;
            case DType.Float64: FillWith(y, value); break;
            case DType.Int32: FillWith(y, int.CreateSaturating(value)); break;
            case DType.Int64: FillWith(y, long.CreateSaturating(value)); break;
            case DType.UInt8: FillWith(y, byte.CreateSaturating(value)); break;
            default: FillWith(y, value != 0 ? (byte)1 : (byte)0); break;
        }
    }

    public void Copy(in TensorView x, in TensorView y)
    {
        if (x.DType != y.DType) Convert(x, y);
        else if (y.DType.Size() == 8) Elementwise<CopyKernel<long>, long>(0, 0, x, default, default, y, false);
        else if (y.DType.Size() == 4) Elementwise<CopyKernel<int>, int>(0, 0, x, default, default, y, false);
        else Elementwise<CopyKernel<byte>, byte>(0, 0, x, default, default, y, false);
    }

    public void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate)
    {
        switch (x.DType)
        {
            case DType.Float32: Elementwise<UnaryKernel<float, Real32>, float>((int)kind, (float)alpha, x, default, default, y, accumulate); break;
            case DType.Float64: Elementwise<UnaryKernel<double, Real64>, double>((int)kind, alpha, x, default, default, y, accumulate); break;
            case DType.Int32: Elementwise<IntegerKernel<int>, int>((int)kind, int.CreateTruncating((long)alpha), x, default, default, y, accumulate); break;
            case DType.Int64: Elementwise<IntegerKernel<long>, long>((int)kind, (long)alpha, x, default, default, y, accumulate); break;
            default: Elementwise<IntegerKernel<byte>, byte>((int)kind, byte.CreateTruncating((long)alpha), x, default, default, y, accumulate); break;
        }
    }

    public void UnaryGrad(UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate)
    {
        if (dx.DType == DType.Float32) Elementwise<UnaryGradKernel<float, Real32>, float>((int)kind, (float)alpha, saved, dy, default, dx, accumulate);
        else Elementwise<UnaryGradKernel<double, Real64>, double>((int)kind, alpha, saved, dy, default, dx, accumulate);
    }

    public void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate)
    {
        switch (a.DType)
        {
            case DType.Float32: Binary<BinaryKernel<float, Real32>, float>(kind, (int)kind, a, b, y, accumulate); break;
            case DType.Float64: Binary<BinaryKernel<double, Real64>, double>(kind, (int)kind, a, b, y, accumulate); break;
            case DType.Int32: Binary<IntegerKernel<int>, int>(kind, IntegerKernel<int>.Binary + (int)kind, a, b, y, accumulate); break;
            case DType.Int64: Binary<IntegerKernel<long>, long>(kind, IntegerKernel<long>.Binary + (int)kind, a, b, y, accumulate); break;
            default: Binary<IntegerKernel<byte>, byte>(kind, IntegerKernel<byte>.Binary + (int)kind, a, b, y, accumulate); break;
        }
    }

    public void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y)
    {
        switch (y.DType.Size())
        {
            case 8: Elementwise<SelectKernel<long>, long>(0, 0, a, b, condition, y, false); break;
            case 4: Elementwise<SelectKernel<int>, int>(0, 0, a, b, condition, y, false); break;
            default: Elementwise<SelectKernel<byte>, byte>(0, 0, a, b, condition, y, false); break;
        }
    }

    private void FillWith<T>(in TensorView y, T value)
        where T : unmanaged => Elementwise<FillKernel<T>, T>(0, value, default, default, default, y, false);

    private void Binary<TKernel, T>(BinaryKind kind, int number, in TensorView a, in TensorView b, in TensorView y, bool accumulate)
        where TKernel : struct, IKernel<ElementwiseArgs<T>>
        where T : unmanaged, INumber<T>
    {
        if (kind < BinaryKind.Equal) Elementwise<TKernel, T>(number, default, a, b, default, y, accumulate);
        else Elementwise<CompareKernel<T>, T>((int)kind, default, a, b, default, y, accumulate, flags: true);
    }

    // flags: the result is truth values, not elements
    private void Elementwise<TKernel, T>(int kind, T alpha, in TensorView a, in TensorView b, in TensorView condition, in TensorView y, bool accumulate, bool flags = false)
        where TKernel : struct, IKernel<ElementwiseArgs<T>>
        where T : unmanaged
    {
        lock (_lock)
        {
            foreach (LayoutPart part in LayoutPlan.Of(y, a, b, condition))
            {
                ElementwiseArgs<T> args = new()
                {
                    A = View<T>(a, part.Start.A),
                    B = View<T>(b, part.Start.B),
                    Y = flags ? View<T>(default) : View<T>(y, part.Start.Y),
                    Flags = flags ? View<byte>(y, part.Start.Y) : View<byte>(condition, part.Start.C),
                    Layout = part.Layout,
                    Kind = kind,
                    Alpha = alpha,
                    Accumulate = accumulate ? 1 : 0,
                };
                _kernels.Map<TKernel, ElementwiseArgs<T>>(part.Layout.Count, args);
            }
        }
    }

    private void Convert(in TensorView x, in TensorView y)
    {
        lock (_lock)
        {
            foreach (LayoutPart part in LayoutPlan.Of(y, x))
            {
                ConvertArgs args = new()
                {
                    X = View<byte>(x, part.Start.A),
                    Y = View<byte>(y, part.Start.Y),
                    Layout = part.Layout,
                    From = (int)x.DType,
                    To = (int)y.DType,
                };
                _kernels.Map<ConvertKernel, ConvertArgs>(part.Layout.Count, args);
            }
        }
    }
}
