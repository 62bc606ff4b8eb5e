namespace MiniDeep.Data;

/// <summary>
/// Two interleaving half circles, point for point those of scikit-learn's <c>make_moons</c>: a small data set that no straight line separates.
/// </summary>
public static class MakeMoons
{
    /// <summary>
    /// The points of <c>make_moons(n_samples=samples, noise=noise, random_state=randomState, shuffle=shuffle)</c>: upper moon (label 0) of
    /// <paramref name="samples"/> / 2 points on the unit circle, lower moon (label 1) of the rest.
    /// </summary>
    /// <remarks>
    /// Equal to the bit where sine, cosine and logarithm are glibc's, otherwise within a few ulp. On a processor with AVX-512, NumPy 1.22 and later take
    /// vector sines that differ from glibc's by up to 3 ulp; <c>NPY_DISABLE_CPU_FEATURES</c> switches them off.
    /// </remarks>
    /// <param name="samples">The number of points, at least 1.</param>
    /// <param name="noise">The standard deviation of the normal noise added to both coordinates; 0 adds none, like Python's <c>None</c>.</param>
    /// <param name="randomState">The seed, from 0 to 2^32 - 1.</param>
    /// <param name="shuffle">Whether the points come in random order (the default) or moon after moon.</param>
    /// <returns>The points, [samples, 2], and their labels, 0 or 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No samples, a negative or infinite noise, or a seed outside its range.</exception>
    public static (double[,] Points, int[] Labels) Generate(int samples, double noise, long randomState, bool shuffle = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        if (!(noise >= 0) || !double.IsFinite(noise))
            throw new ArgumentOutOfRangeException(nameof(noise), noise, "The noise must be finite and not negative.");
        ArgumentOutOfRangeException.ThrowIfNegative(randomState);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(randomState, uint.MaxValue);
        var random = new NumPyRandom(randomState);

        int upper = samples / 2;
        int[]? order = shuffle ? random.Permutation(samples) : null;
        var points = new double[samples, 2];
        var labels = new int[samples];
        for (int i = 0; i < samples; i++)
        {
            int source = order is null ? i : order[i];
            int label = source < upper ? 0 : 1;
            double angle = label == 0 ? Angle(source, upper) : Angle(source - upper, samples - upper);
            (double sine, double cosine) = (Math.Sin(angle), Math.Cos(angle));
            (points[i, 0], points[i, 1]) = label == 0 ? (cosine, sine) : (1 - cosine, 1 - sine - 0.5);
            labels[i] = label;
        }
        for (int i = 0; i < samples; i++)    // the noise is drawn after the order, in row-major order
            for (int j = 0; j < 2; j++)
                points[i, j] += noise * random.Randn();
        return (points, labels);
    }

    /// <summary>The same points as a data set: samples [2] (Float64), labels Int32.</summary>
    /// <inheritdoc cref="Generate"/>
    public static Dataset Load(int samples = 200, double noise = 0.2, long randomState = 0, bool shuffle = true)
    {
        (double[,] points, int[] labels) = Generate(samples, noise, randomState, shuffle);
        return new Dataset(points, labels);
    }

    /// <summary>Element <paramref name="i"/> of <c>np.linspace(0, π, count)</c>, rounded as NumPy rounds it.</summary>
    private static double Angle(int i, int count)
    {
        if (i == 0)
            return 0;
        return i == count - 1 ? Math.PI : i * (Math.PI / (count - 1));
    }
}
