using ILGPU;

namespace MiniDeep;

/// <summary>
/// What a reduction computes with: floats in 53 bits, integers and truth values in 64. The dtypes of operand and result are numbers that all threads branch on alike.
/// </summary>
internal interface IFold<TSum>
    where TSum : unmanaged
{
    /// <summary>The result over nothing.</summary>
    static abstract TSum Identity(ReduceKind kind);

    static abstract TSum Combine(ReduceKind kind, TSum a, TSum b);

    static abstract TSum Load(ArrayView<byte> x, DType dtype, int at);

    /// <summary>The sum of four elements: in the operand's own type, which spares a device without fast 64-bit floats three conversions of four.</summary>
    static abstract TSum LoadSum(ArrayView<byte> x, DType dtype, int a, int b, int c, int d);

    /// <summary>Whether b replaces a as the largest or smallest, where neither place counts; NaN is both.</summary>
    static abstract bool Beats(bool largest, TSum b, TSum a);

    static abstract TSum Scaled(TSum value, double scale, double divisor);

    static abstract void Store(ArrayView<byte> y, DType dtype, int at, TSum value, bool accumulate);
}

internal readonly struct FloatFold : IFold<double>
{
    public static double Identity(ReduceKind kind)
    {
        switch (kind)
        {
            case ReduceKind.Max: return double.NegativeInfinity;
            case ReduceKind.Min: return double.PositiveInfinity;
            default: return 0;
        }
    }

    public static double Combine(ReduceKind kind, double a, double b)
    {
        switch (kind)
        {
            case ReduceKind.Max: return double.IsNaN(a) ? a : double.IsNaN(b) || b > a ? b : a;
            case ReduceKind.Min: return double.IsNaN(a) ? a : double.IsNaN(b) || b < a ? b : a;
            default: return a + b;
        }
    }

    public static double Load(ArrayView<byte> x, DType dtype, int at) => dtype == DType.Float32 ? x.Cast<float>()[at] : x.Cast<double>()[at];

    public static double LoadSum(ArrayView<byte> x, DType dtype, int a, int b, int c, int d)
    {
        if (dtype == DType.Float32)
        {
            ArrayView<float> single = x.Cast<float>();
            return (single[a] + single[b]) + (single[c] + single[d]);
        }
        ArrayView<double> wide = x.Cast<double>();
        return (wide[a] + wide[b]) + (wide[c] + wide[d]);
    }

    public static bool Beats(bool largest, double b, double a) => !double.IsNaN(a) && (double.IsNaN(b) || (largest ? b > a : b < a));

    public static double Scaled(double value, double scale, double divisor) => value * scale / divisor;

    public static void Store(ArrayView<byte> y, DType dtype, int at, double value, bool accumulate)
    {
        if (dtype == DType.Float32)
        {
            ArrayView<float> single = y.Cast<float>();
            single[at] = accumulate ? single[at] + (float)value : (float)value;
        }
        else
        {
            ArrayView<double> wide = y.Cast<double>();
            wide[at] = accumulate ? wide[at] + value : value;
        }
    }
}

internal readonly struct IntegerFold : IFold<long>
{
    public static long Identity(ReduceKind kind)
    {
        switch (kind)
        {
            case ReduceKind.Max: return long.MinValue;
            case ReduceKind.Min: return long.MaxValue;
            default: return 0;
        }
    }

    public static long Combine(ReduceKind kind, long a, long b)
    {
        switch (kind)
        {
            case ReduceKind.Max: return a > b ? a : b;
            case ReduceKind.Min: return a < b ? a : b;
            default: return a + b;
        }
    }

    public static long Load(ArrayView<byte> x, DType dtype, int at)
    {
        switch (dtype)
        {
            case DType.Int32: return x.Cast<int>()[at];
            case DType.Int64: return x.Cast<long>()[at];
            default: return x[at];
        }
    }

    public static long LoadSum(ArrayView<byte> x, DType dtype, int a, int b, int c, int d) =>
        (Load(x, dtype, a) + Load(x, dtype, b)) + (Load(x, dtype, c) + Load(x, dtype, d));

    public static bool Beats(bool largest, long b, long a) => largest ? b > a : b < a;

    /// <summary>There are only sums: a mean of integers isn't defined.</summary>
    public static long Scaled(long value, double scale, double divisor) => value;

    public static void Store(ArrayView<byte> y, DType dtype, int at, long value, bool accumulate)
    {
        switch (dtype)
        {
            case DType.Int32: Add(y.Cast<int>(), at, (int)value, accumulate); break;
            case DType.Int64: Add(y.Cast<long>(), at, value, accumulate); break;
            case DType.Float32: Add(y.Cast<float>(), at, value, accumulate); break;
            case DType.Float64: Add(y.Cast<double>(), at, value, accumulate); break;
            default: Add(y, at, (byte)value, accumulate); break;
        }
    }

    private static void Add<T>(ArrayView<T> y, int at, T value, bool accumulate)
        where T : unmanaged, System.Numerics.INumber<T> => y[at] = accumulate ? y[at] + value : value;
}
