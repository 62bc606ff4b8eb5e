namespace MiniDeep.Conformance;

/// <summary>Operands filled with random numbers from a seed.</summary>
public sealed class Draw(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>The seed that belongs to a text, the same in each process.</summary>
    public static Draw For(string text)
    {
        uint hash = 2166136261;
        foreach (char c in text) hash = unchecked((hash ^ c) * 16777619);
        return new Draw((int)(hash & int.MaxValue));
    }

    public int Integer(int low, int high) => _random.Next(low, high);

    public bool Bool() => _random.Next(2) == 1;

    public double Uniform(double low = 0, double high = 1) => low + (high - low) * _random.NextDouble();

    /// <summary>A number of mean 0 and standard deviation 1, near enough to normal (Irwin and Hall: a sum of uniform ones).</summary>
    public double Normal() =>
        Math.Sqrt(3) * (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 2);

    /// <summary>A small number of which sums and products are exact in every float type: ties are ties everywhere.</summary>
    public double Exact() => _random.Next(-4, 5);

    /// <summary>An operand that is only read, of normal numbers (or small integers, or truth values).</summary>
    public Operand Input(DType dtype, Shape shape, Layout? layout = null) => Input(dtype, shape, Sampler(dtype), layout);

    /// <summary>An operand that is only read, with values of one's own.</summary>
    public Operand Input(DType dtype, Shape shape, Func<double> sample, Layout? layout = null) => Filled(dtype, shape, sample, layout, Role.Input);

    /// <summary>An operand that a kernel may overwrite with anything.</summary>
    public Operand Scratch(DType dtype, Shape shape) => Filled(dtype, shape, Sampler(dtype), null, Role.Scratch);

    /// <summary>An operand that is read and then written.</summary>
    public Operand InPlace(DType dtype, Shape shape, Func<double>? sample = null, Layout? layout = null) =>
        Filled(dtype, shape, sample ?? Sampler(dtype), layout, Role.Result);

    /// <summary>
    /// A result: NaN before it is overwritten, numbers before it is added to. These are about 10: a sum that happened to be near 0 would be asked for digits that
    /// its terms don't have.
    /// </summary>
    public Operand Result(DType dtype, Shape shape, bool accumulate = false, Layout? layout = null) =>
        accumulate ? Filled(dtype, shape, dtype.IsFloat() ? () => 10 + Normal() : Sampler(dtype), layout, Role.Result) : new Operand(dtype, shape, layout ?? Layout.Dense, Role.Result);

    private Func<double> Sampler(DType dtype) => dtype switch
    {
        DType.Float32 or DType.Float64 => Normal,
        DType.UInt8 => () => Integer(0, 12),
        DType.Bool => () => Integer(0, 2),
        _ => () => Integer(-9, 10),
    };

    private static Operand Filled(DType dtype, Shape shape, Func<double> sample, Layout? layout, Role role)
    {
        var operand = new Operand(dtype, shape, layout ?? Layout.Dense, role);
        for (int i = 0; i < operand.Positions.Length; i++) operand.Set(i, sample());
        return operand;
    }
}
