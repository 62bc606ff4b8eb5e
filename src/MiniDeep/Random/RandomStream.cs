namespace MiniDeep;

/// <summary>What a stream of random numbers is for. The values are part of every stream's key: they never change.</summary>
internal enum RandomPurpose
{
    Weights = 1,
    Shuffle = 2,
    Dropout = 3,
    Split = 4,
    Noise = 5,
    ModelSeed = 6,
}

/// <summary>
/// The <see cref="Philox"/> key and stream that belong to (seed, purpose, name or index, epoch, step). The key is a SplitMix64 hash of the first three.
/// The stream is epoch and step side by side in 64 bits: under one key two different (epoch, step) never share a number.
/// </summary>
internal readonly record struct RandomStream
{
    // told apart so that a name and an index can never give the same key
    private const ulong IndexTag = 1, NameTag = 2;

    private RandomStream(ulong key, ulong stream) => (Key, Stream) = (key, stream);

    /// <summary>The Philox key.</summary>
    public ulong Key { get; }

    /// <summary>The upper half of the Philox counter: epoch · 2^32 + step.</summary>
    public ulong Stream { get; }

    /// <summary>The stream of the <paramref name="index"/>-th consumer (a layer's position, say) at epoch 0, step 0.</summary>
    public static RandomStream Of(long seed, RandomPurpose purpose, long index = 0)
    {
        ulong key = SplitMix64.Absorb(Start(seed, purpose), IndexTag);
        return new RandomStream(SplitMix64.Absorb(key, (ulong)index), 0);
    }

    /// <summary>A consumer's stream by its key, at epoch 0, step 0.</summary>
    public static RandomStream FromKey(ulong key) => new(key, 0);

    /// <summary>The stream of a named consumer (a parameter, say) at epoch 0, step 0.</summary>
    public static RandomStream Of(long seed, RandomPurpose purpose, string name)
    {
        ulong key = SplitMix64.Absorb(Start(seed, purpose), NameTag);
        foreach (char c in name)
            key = SplitMix64.Absorb(key, c);
        return new RandomStream(SplitMix64.Absorb(key, (ulong)name.Length), 0);
    }

    /// <summary>The same consumer's stream at <paramref name="epoch"/> and <paramref name="step"/> (each 0 to 2^32 - 1).</summary>
    public RandomStream At(long epoch, long step = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epoch, uint.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, uint.MaxValue);
        return new RandomStream(Key, ((ulong)epoch << 32) | (ulong)step);
    }

    private static ulong Start(long seed, RandomPurpose purpose) => SplitMix64.Absorb(SplitMix64.Absorb(0, (ulong)seed), (ulong)purpose);
}
