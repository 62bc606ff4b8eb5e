namespace MiniDeep;

/// <summary>
/// The numbers of NumPy's legacy generator: after <c>new NumPyRandom(s)</c> the same calls in the same order give what
/// <c>np.random.seed(s)</c> and <c>np.random.rand/randn/randint/…</c> (or <c>np.random.RandomState(s)</c>) give, so that a notebook can be ported
/// and checked figure by figure. NumPy promises never to change these streams. They are not those of <c>np.random.default_rng</c>.
/// </summary>
/// <remarks>
/// Integers, orders and uniform numbers are equal to the bit everywhere. Normals go through the platform's logarithm: equal to the bit where the
/// mathematics library is glibc's, as NumPy's is on Linux, and within 1 ulp elsewhere. An array of any shape takes its numbers in row-major order, so
/// <c>randn(2, 3, 4)</c> is <c>Randn(24)</c>. Not safe for use by several threads at once.
/// </remarks>
/// <example><code>
/// var random = new NumPyRandom(0);
/// double[,] x = random.Randn(100, 4);          // np.random.randn(100, 4)
/// long[] y = random.RandInt(0, 3, 100);        // np.random.randint(0, 3, 100)
/// </code></example>
public sealed class NumPyRandom
{
    private readonly MersenneTwister _words;
    private double? _spareNormal;

    /// <summary>As <c>np.random.seed(seed)</c>.</summary>
    /// <param name="seed">From 0 to 2^32 - 1, as NumPy demands.</param>
    /// <exception cref="ArgumentOutOfRangeException">The seed is outside that range.</exception>
    public NumPyRandom(long seed)
    {
        if (seed is < 0 or > uint.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(seed), seed, "A NumPy seed must be between 0 and 2^32 - 1.");
        _words = new MersenneTwister((uint)seed);
    }

    /// <summary>As <c>np.random.seed([…])</c>. One word in a list is another stream than the same word as a number.</summary>
    /// <param name="key">At least one word.</param>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public NumPyRandom(ReadOnlySpan<uint> key)
    {
        if (key.IsEmpty)
            throw new ArgumentException("A NumPy seed given as a list needs at least one word.", nameof(key));
        _words = new MersenneTwister(key);
    }

    /// <summary>One number uniform in [0, 1): <c>np.random.rand()</c>.</summary>
    public double Rand() => _words.NextDouble();

    /// <summary><c>np.random.rand(count)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public double[] Rand(int count) => Uniform(0, 1, count);

    /// <summary><c>np.random.rand(rows, columns)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public double[,] Rand(int rows, int columns) => Matrix(rows, columns, Rand);

    /// <summary><c>np.random.uniform(low, high, count)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range or a bound is not finite, or the count is negative.</exception>
    public double[] Uniform(double low, double high, int count)
    {
        double range = high - low;
        if (!double.IsFinite(range))
            throw new ArgumentOutOfRangeException(nameof(high), high, $"The range high - low must be finite; low is {low}, high is {high}.");
        return Vector(count, () => low + range * Rand());
    }

    /// <summary>One standard normal number: <c>np.random.randn()</c>. They are made in pairs; the second one waits for the next call.</summary>
    public double Randn()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }
        double x, y, squares;
        do
        {
            x = 2 * _words.NextDouble() - 1;
            y = 2 * _words.NextDouble() - 1;
            squares = x * x + y * y;
        }
        while (squares >= 1 || squares == 0);
        double scale = Math.Sqrt(-2 * Math.Log(squares) / squares);    // Marsaglia's polar form of Box-Muller
        _spareNormal = scale * x;
        return scale * y;
    }

    /// <summary><c>np.random.randn(count)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public double[] Randn(int count) => Vector(count, Randn);

    /// <summary><c>np.random.randn(rows, columns)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public double[,] Randn(int rows, int columns) => Matrix(rows, columns, Randn);

    /// <summary><c>np.random.normal(mean, standardDeviation, count)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The standard deviation is negative or no number, or the count is negative.</exception>
    public double[] Normal(double mean, double standardDeviation, int count)
    {
        if (!(standardDeviation >= 0))
            throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "The standard deviation must not be negative.");
        return Vector(count, () => mean + standardDeviation * Randn());
    }

    /// <summary>One integer from <paramref name="low"/> up to, not including, <paramref name="high"/>: <c>np.random.randint(low, high)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty.</exception>
    public long RandInt(long low, long high)
    {
        if (low >= high)
            throw new ArgumentOutOfRangeException(nameof(high), high, $"RandInt needs low < high; low is {low}, high is {high}.");
        ulong span = unchecked((ulong)high - (ulong)low);
        return unchecked((long)((ulong)low + _words.NextUpTo(span - 1)));
    }

    /// <summary><c>np.random.randint(low, high, count)</c> with the default 64-bit integers of Linux and macOS.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or the count negative.</exception>
    public long[] RandInt(long low, long high, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var values = new long[count];
        for (int i = 0; i < count; i++)
            values[i] = RandInt(low, high);
        return values;
    }

    /// <summary>Puts the values in random order, in place: <c>np.random.shuffle(values)</c>.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = (int)_words.NextUpTo((ulong)i);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>Puts the values in random order, in place: <c>np.random.shuffle(values)</c>.</summary>
    /// <exception cref="ArgumentNullException">There is no array.</exception>
    public void Shuffle<T>(T[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Shuffle(values.AsSpan());
    }

    /// <summary>The numbers 0 to <paramref name="count"/> - 1 in random order: <c>np.random.permutation(count)</c>. Indexing with it shuffles the rows of anything.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public int[] Permutation(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        Shuffle(order);
        return order;
    }

    private static double[] Vector(int count, Func<double> next)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = next();
        return values;
    }

    private static double[,] Matrix(int rows, int columns, Func<double> next)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        var values = new double[rows, columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                values[i, j] = next();
        return values;
    }
}
