namespace MiniDeep.Conformance;

/// <summary>
/// How far a result may be from the reference, as a share of the largest element (or of a thousandth of the operation's natural scale, where that is larger).
/// The figures are RELIABILITY's; no suite has its own.
/// </summary>
public readonly record struct Tolerance(double Single, double Double)
{
    /// <summary>Bit for bit, any NaN for any NaN: for what IEEE rounds correctly, and for what only moves elements.</summary>
    public static Tolerance Exact => new(0, 0);

    /// <summary>Values.</summary>
    public static Tolerance Forward => new(5e-6, 1e-12);

    /// <summary>Gradients.</summary>
    public static Tolerance Backward => new(1e-5, 1e-12);

    /// <summary>The size of a typical element of the exact result, for data of size 1.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether each element is measured by its own size: for a list of special values, of which the largest says nothing about the others.</summary>
    public bool ElementByElement { get; init; }

    /// <summary>The first difference between two lists of floats that is too large; null if there is none.</summary>
    public string? FirstDifference(DType dtype, double[] actual, double[] expected)
    {
        double share = dtype == DType.Float32 ? Single : Double;
        double largest = 0;
        foreach (double value in expected)
        {
            if (double.IsFinite(value)) largest = Math.Max(largest, Math.Abs(value));
        }
        for (int i = 0; i < expected.Length; i++)
        {
            double a = actual[i], b = expected[i];
            double size = Math.Max(ElementByElement ? Math.Abs(b) : largest, 1e-3 * Scale);
            bool same = share == 0 ? BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b) || (double.IsNaN(a) && double.IsNaN(b))
                : double.IsNaN(b) ? double.IsNaN(a)
                : double.IsInfinity(b) ? a == b
                : Math.Abs(a - b) <= share * size;
            if (!same) return FormattableString.Invariant($"element {i} of {expected.Length} is {a:R}, expected {b:R} ({Math.Abs(a - b) / size:E1} of {size:G4}, allowed {share:E1})");
        }
        return null;
    }
}
