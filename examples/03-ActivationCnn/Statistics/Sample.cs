namespace ActivationCnn;

/// <summary>Mean and spread of some measurements.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their standard deviation, with n - 1; 0 for a single one.</param>
internal readonly record struct Sample(int Count, double Mean, double Deviation)
{
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static Sample Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0) throw new ArgumentException("A mean takes at least one value.", nameof(values));
        double mean = values.Average();
        double squares = values.Sum(value => (value - mean) * (value - mean));
        return new Sample(values.Count, mean, values.Count > 1 ? Math.Sqrt(squares / (values.Count - 1)) : 0);
    }
}
