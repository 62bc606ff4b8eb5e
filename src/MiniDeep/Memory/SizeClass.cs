using System.Numerics;

namespace MiniDeep;

/// <summary>Buffer sizes come in four classes per octave, so that at most a fifth of a buffer is waste and buffers can be used again.</summary>
internal static class SizeClass
{
    private const int SmallestLog2 = 6;

    /// <summary>Every class from 64 bytes up to 2^62.</summary>
    public const int Count = (62 - SmallestLog2) * 4;

    /// <summary>The smallest class that holds this many bytes.</summary>
    public static int Of(long bytes)
    {
        if (bytes <= 1L << SmallestLog2) return 0;
        ulong last = (ulong)(bytes - 1);
        int log2 = BitOperations.Log2(last);
        int quarter = (int)(last >> (log2 - 2)) & 3;
        return ((log2 - SmallestLog2) * 4) + quarter + 1;
    }

    /// <summary>The bytes of a class: (4 + quarter) / 4 of a power of two.</summary>
    public static long Bytes(int sizeClass)
    {
        long octave = 1L << (SmallestLog2 + (sizeClass / 4));
        return octave + (octave / 4 * (sizeClass % 4));
    }
}
