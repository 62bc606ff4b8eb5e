namespace MiniDeep;

/// <summary>The mixer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014), used to hash words into keys.</summary>
internal static class SplitMix64
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    /// <summary>Takes one more <paramref name="word"/> into <paramref name="state"/>: mix((state xor word) + golden gamma). For a given state a bijection of the word.</summary>
    public static ulong Absorb(ulong state, ulong word)
    {
        ulong z = (state ^ word) + GoldenGamma;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
