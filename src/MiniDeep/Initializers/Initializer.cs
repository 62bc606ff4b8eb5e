namespace MiniDeep;

/// <summary>
/// What a weight starts with. Immutable, without state: the numbers are a function of the model's seed and of the weight's place in the model. "Fan in" and "fan out" are the inputs and
/// outputs that a weight connects: for a kernel [kh, kw, in, out] kh kw in and kh kw out; for [in, out] in and out; for other shapes the last but one and the last axis times the axes before.
/// </summary>
public sealed class Initializer
{
    private readonly Filler _fill;

    private Initializer(string name, Filler fill, params KeyValuePair<string, double>[] numbers)
    {
        Name = name;
        _fill = fill;
        Numbers = numbers;
    }

    private delegate void Filler(Span<double> values, Shape shape, RandomStream stream);

    /// <summary>All 0.</summary>
    public static Initializer Zeros { get; } = Constant(0);

    /// <summary>All 1.</summary>
    public static Initializer Ones { get; } = Constant(1);

    /// <summary>Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010); the default of kernels, as in Keras.</summary>
    public static Initializer GlorotUniform { get; } = Scaled("glorot_uniform", uniform: true, 1, static (fanIn, fanOut) => (fanIn + fanOut) / 2.0);

    /// <summary>Truncated normal with variance 2 / (fanIn + fanOut) (Glorot and Bengio 2010).</summary>
    public static Initializer GlorotNormal { get; } = Scaled("glorot_normal", uniform: false, 1, static (fanIn, fanOut) => (fanIn + fanOut) / 2.0);

    /// <summary>Uniform in ±sqrt(6 / fanIn) (He et al. 2015).</summary>
    public static Initializer HeUniform { get; } = Scaled("he_uniform", uniform: true, 2, static (fanIn, _) => fanIn);

    /// <summary>Truncated normal with variance 2 / fanIn (He et al. 2015).</summary>
    public static Initializer HeNormal { get; } = Scaled("he_normal", uniform: false, 2, static (fanIn, _) => fanIn);

    /// <summary>Uniform in ±sqrt(3 / fanIn) (LeCun et al. 1998).</summary>
    public static Initializer LeCunUniform { get; } = Scaled("lecun_uniform", uniform: true, 1, static (fanIn, _) => fanIn);

    /// <summary>Truncated normal with variance 1 / fanIn (LeCun et al. 1998).</summary>
    public static Initializer LeCunNormal { get; } = Scaled("lecun_normal", uniform: false, 1, static (fanIn, _) => fanIn);

    /// <summary>The name in files.</summary>
    public string Name { get; }

    /// <summary>The numbers that make it what it is, in files.</summary>
    internal IReadOnlyList<KeyValuePair<string, double>> Numbers { get; }

    /// <summary>All the same number.</summary>
    public static Initializer Constant(double value) => new("constant", (values, _, _) => values.Fill(value), KeyValuePair.Create("value", value));

    /// <summary>Normally distributed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number isn't finite, or the standard deviation is negative.</exception>
    public static Initializer Normal(double mean = 0, double standardDeviation = 0.05) =>
        Checked(mean, standardDeviation, "normal", (values, _, stream) => Philox.FillNormal(values, stream.Key, stream.Stream, mean, standardDeviation));

    /// <summary>Normally distributed, without values further than two standard deviations from the mean.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number isn't finite, or the standard deviation is negative.</exception>
    public static Initializer TruncatedNormal(double mean = 0, double standardDeviation = 0.05) =>
        Checked(mean, standardDeviation, "truncated_normal", (values, _, stream) => Philox.FillTruncatedNormal(values, stream.Key, stream.Stream, mean, standardDeviation));

    /// <summary>Uniform in [minimum, maximum).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number isn't finite, or the maximum is below the minimum.</exception>
    public static Initializer Uniform(double minimum = -0.05, double maximum = 0.05)
    {
        if (!double.IsFinite(minimum)) throw new ArgumentOutOfRangeException(nameof(minimum), minimum, "The minimum is a finite number.");
        if (!(maximum >= minimum) || !double.IsFinite(maximum)) throw new ArgumentOutOfRangeException(nameof(maximum), maximum, "The maximum is a finite number, not below the minimum.");
        return new Initializer("uniform", (values, _, stream) => Philox.FillUniform(values, stream.Key, stream.Stream, minimum, maximum),
            KeyValuePair.Create("minimum", minimum), KeyValuePair.Create("maximum", maximum));
    }

    /// <summary>The initializer that a file names; null if there is none of the name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="number">Gives its numbers.</param>
    internal static Initializer? Named(string name, Func<string, double> number) => name switch
    {
        "constant" => Constant(number("value")),
        "normal" => Normal(number("mean"), number("standard_deviation")),
        "truncated_normal" => TruncatedNormal(number("mean"), number("standard_deviation")),
        "uniform" => Uniform(number("minimum"), number("maximum")),
        "glorot_uniform" => GlorotUniform,
        "glorot_normal" => GlorotNormal,
        "he_uniform" => HeUniform,
        "he_normal" => HeNormal,
        "lecun_uniform" => LeCunUniform,
        "lecun_normal" => LeCunNormal,
        _ => null,
    };

    /// <summary>The starting values of a weight; on the CPU, so that every device starts with the same.</summary>
    internal Tensor Create(Shape shape, DType dtype, RandomStream stream)
    {
        var values = new double[shape.ElementCount];
        _fill(values, shape, stream);
        return Tensor.From((ReadOnlySpan<double>)values, shape).To(dtype);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Initializer Checked(double mean, double standardDeviation, string name, Filler fill)
    {
        if (!double.IsFinite(mean)) throw new ArgumentOutOfRangeException(nameof(mean), mean, "The mean is a finite number.");
        if (!(standardDeviation >= 0) || !double.IsFinite(standardDeviation))
            throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "A standard deviation is a finite number and not negative.");
        return new Initializer(name, fill, KeyValuePair.Create("mean", mean), KeyValuePair.Create("standard_deviation", standardDeviation));
    }

    /// <summary>Keras's VarianceScaling: variance = scale / fan. A normal cut at two standard deviations has less variance than an uncut one; it is widened to make up for it.</summary>
    private static Initializer Scaled(string name, bool uniform, double scale, Func<double, double, double> fan)
    {
        const double DeviationOfTruncatedUnitNormal = 0.87962566103423978;
        return new Initializer(name, (values, shape, stream) =>
        {
            (double fanIn, double fanOut) = Fans(shape);
            double variance = scale / Math.Max(fan(fanIn, fanOut), 1);
            if (uniform)
            {
                double limit = Math.Sqrt(3 * variance);
                Philox.FillUniform(values, stream.Key, stream.Stream, -limit, limit);
            }
            else
            {
                Philox.FillTruncatedNormal(values, stream.Key, stream.Stream, 0, Math.Sqrt(variance) / DeviationOfTruncatedUnitNormal);
            }
        });
    }

    private static (double FanIn, double FanOut) Fans(Shape shape)
    {
        if (shape.Rank == 0) return (1, 1);
        if (shape.Rank == 1) return (shape[0], shape[0]);
        double field = 1;
        foreach (int size in shape.Sizes[..^2]) field *= size;
        return (field * shape[^2], field * shape[^1]);
    }
}
