namespace MiniDeep;

/// <summary>
/// The global seed. A program that calls <see cref="Seed"/> before it builds its models gets the same initial weights, shuffles and dropout
/// masks in each run. Without it the seed comes from the operating system. A seed given to a model or to a call of Fit counts before this one.
/// </summary>
public static class MiniDeepRandom
{
    private static readonly Lock _gate = new();
    private static long _globalSeed = Entropy();
    private static long _modelsMade;

    /// <summary>Sets the global seed and starts the count of models again, so the first model made after it is always the same. Safe to call from any thread.</summary>
    /// <param name="seed">Any number.</param>
    public static void Seed(long seed)
    {
        lock (_gate)
        {
            _globalSeed = seed;
            _modelsMade = 0;
        }
    }

    /// <summary>The seed of the next model that was given none: a function of the global seed and of how many came before.</summary>
    internal static long NextModelSeed()
    {
        lock (_gate)
            return (long)RandomStream.Of(_globalSeed, RandomPurpose.ModelSeed, _modelsMade++).Key;
    }

    /// <summary>From the system, by way of .NET's own generator: the cryptographic one loads a library first.</summary>
    private static long Entropy() => new Random().NextInt64(long.MinValue, long.MaxValue);
}
