using System.Numerics;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The four words that one call of <see cref="Philox.Block"/> gives.</summary>
internal readonly record struct PhiloxBlock(uint X0, uint X1, uint X2, uint X3)
{
    /// <summary>Word <paramref name="lane"/> (0 to 3).</summary>
    public uint this[int lane] => lane switch { 0 => X0, 1 => X1, 2 => X2, _ => X3 };
}

/// <summary>
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a block of four words is a pure function of a
/// 64-bit key and a 128-bit counter. Element i of a fill depends on (key, stream, i) alone, so a fill may be cut in any way, over any number of
/// threads or devices, and gives the same numbers.
/// </summary>
internal static class Philox
{
    internal const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    internal const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
    internal const int Rounds = 10;
    private const int WordBuffer = 256;

    /// <summary>An element of a truncated normal counts its attempts in the bits of the counter above its index.</summary>
    private const int AttemptShift = 48;

    /// <summary>Keras cuts its truncated normals at two standard deviations.</summary>
    private const double TruncationBound = 2;

    /// <summary>The block at counter (<paramref name="counterHigh"/>, <paramref name="counterLow"/>); the low words come first, as in Random123.</summary>
    public static PhiloxBlock Block(ulong key, ulong counterHigh, ulong counterLow)
    {
        uint x0 = (uint)counterLow, x1 = (uint)(counterLow >> 32), x2 = (uint)counterHigh, x3 = (uint)(counterHigh >> 32);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)Multiplier0 * x0, p1 = (ulong)Multiplier1 * x2;
            x0 = (uint)(p1 >> 32) ^ x1 ^ k0;
            x2 = (uint)(p0 >> 32) ^ x3 ^ k1;
            x1 = (uint)p1;
            x3 = (uint)p0;
            k0 += Weyl0;
            k1 += Weyl1;
        }
        return new PhiloxBlock(x0, x1, x2, x3);
    }

    /// <summary>The words <paramref name="start"/>, <paramref name="start"/> + 1, … of a stream: word i is word i mod 4 of block i / 4.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void FillWords(Span<uint> destination, ulong key, ulong stream, long start = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        for (int i = 0; i < destination.Length;)
        {
            PhiloxBlock block = Block(key, stream, (ulong)(start + i) / 4);
            for (int lane = (int)((start + i) % 4); lane < 4 && i < destination.Length; lane++) destination[i++] = block[lane];
        }
    }

    /// <summary>
    /// Uniform numbers in [<paramref name="low"/>, <paramref name="high"/>) as elements <paramref name="start"/>, <paramref name="start"/> + 1, …
    /// of the stream. A float takes the top 24 bits of one word, a double 53 bits of two. <paramref name="low"/> = <paramref name="high"/> gives that value.
    /// </summary>
    public static void FillUniform<T>(Span<T> destination, ulong key, ulong stream, double low, double high, long start = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double range = high - low;
        if (!(range >= 0) || !double.IsFinite(range))
            throw new ArgumentOutOfRangeException(nameof(high), high, $"A uniform range needs finite bounds in order; low is {low}, high is {high}.");
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        CheckType<T>();
        bool single = typeof(T) == typeof(float);
        int perElement = single ? 1 : 2;
        T lowest = T.CreateTruncating(low);
        // rounding to T can reach the open end of a narrow range
        T highest = range == 0 ? lowest : T.Max(lowest, T.BitDecrement(T.CreateTruncating(high)));
        Span<uint> words = stackalloc uint[WordBuffer];
        int step = WordBuffer / perElement;
        for (int done = 0; done < destination.Length; done += step)
        {
            Span<T> part = destination.Slice(done, Math.Min(step, destination.Length - done));
            FillWords(words[..(part.Length * perElement)], key, stream, (start + done) * perElement);
            for (int i = 0; i < part.Length; i++)
            {
                double unit = single ? Unit24(words[i]) : Unit53(words[2 * i], words[2 * i + 1]);
                T value = T.CreateTruncating(low + range * unit);
                part[i] = value < highest ? value : highest;
            }
        }
    }

    /// <summary>
    /// Normal numbers by Box-Muller, computed in double for both types, so that a float is the rounded double: elements 2k and 2k + 1 are the cosine
    /// and the sine branch of block k. The last bit may differ between mathematics libraries.
    /// </summary>
    public static void FillNormal<T>(Span<T> destination, ulong key, ulong stream, double mean, double stddev, long start = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckNormal<T>(mean, stddev, start);
        int i = 0;
        while (i < destination.Length)
        {
            (long block, long lane) = Math.DivRem(start + i, 2);
            (double first, double second) = NormalPair(Block(key, stream, (ulong)block));
            if (lane == 0)
                destination[i++] = T.CreateTruncating(mean + stddev * first);
            if (i < destination.Length)
                destination[i++] = T.CreateTruncating(mean + stddev * second);
        }
    }

    /// <summary>
    /// Normal numbers no further than two standard deviations from the mean, as Keras's TruncatedNormal: an element draws from its own sub-counter until
    /// a value falls inside, so it never depends on its neighbours. (Their standard deviation is 0.8796 <paramref name="stddev"/>; an initializer corrects for it.)
    /// </summary>
    public static void FillTruncatedNormal<T>(Span<T> destination, ulong key, ulong stream, double mean, double stddev, long start = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckNormal<T>(mean, stddev, start);
        for (int i = 0; i < destination.Length; i++)
            destination[i] = T.CreateTruncating(mean + stddev * TruncatedNormal(key, stream, (ulong)(start + i)));
    }

    /// <summary>The numbers 0 to <paramref name="n"/> - 1 in random order (Fisher-Yates from the end; every order equally likely).</summary>
    public static int[] Permutation(int n, ulong key, ulong stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var order = new int[n];
        Permutation(order, key, stream);
        return order;
    }

    /// <summary>The same in an array that is there already.</summary>
    public static void Permutation(Span<int> order, ulong key, ulong stream)
    {
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        var words = new WordReader(key, stream);
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = (int)words.Below((uint)i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }

    /// <summary>The top 24 bits of a word as a number in [0, 1), exact in float.</summary>
    private static double Unit24(uint word) => (word >> 8) * (1.0 / (1 << 24));

    /// <summary>53 bits of two words as a number in [0, 1), the first word on top.</summary>
    private static double Unit53(uint high, uint low) => ((((ulong)high << 32) | low) >> 11) * (1.0 / (1UL << 53));

    private static void CheckType<T>()
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
            throw new NotSupportedException($"Philox fills float and double, not {typeof(T).Name}.");
    }

    private static void CheckNormal<T>(double mean, double stddev, long start)
    {
        CheckType<T>();
        if (!double.IsFinite(mean))
            throw new ArgumentOutOfRangeException(nameof(mean), mean, "The mean must be finite.");
        if (!(stddev >= 0) || !double.IsFinite(stddev))
            throw new ArgumentOutOfRangeException(nameof(stddev), stddev, "The standard deviation must be finite and not negative.");
        ArgumentOutOfRangeException.ThrowIfNegative(start);
    }

    private static (double First, double Second) NormalPair(PhiloxBlock words)
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - Unit53(words.X0, words.X1)));    // 1 - u is in (0, 1]: the logarithm is finite
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * Unit53(words.X2, words.X3));
        return (radius * cosine, radius * sine);
    }

    private static double TruncatedNormal(ulong key, ulong stream, ulong index)
    {
        for (ulong attempt = 0; ; attempt++)
        {
            (double first, double second) = NormalPair(Block(key, stream, (attempt << AttemptShift) | index));
            if (Math.Abs(first) <= TruncationBound)
                return first;
            if (Math.Abs(second) <= TruncationBound)
                return second;
        }
    }

    /// <summary>Reads a stream word by word, for draws whose number is not known beforehand.</summary>
    private struct WordReader(ulong key, ulong stream)
    {
        private PhiloxBlock _block;
        private ulong _position;

        /// <summary>A number below <paramref name="bound"/> without bias (Lemire, "Fast random integer generation in an interval", 2019).</summary>
        public uint Below(uint bound)
        {
            ulong product = (ulong)Next() * bound;
            if ((uint)product < bound)
            {
                uint threshold = (0 - bound) % bound;
                while ((uint)product < threshold)
                    product = (ulong)Next() * bound;
            }
            return (uint)(product >> 32);
        }

        private uint Next()
        {
            int lane = (int)(_position % 4);
            if (lane == 0)
                _block = Block(key, stream, _position / 4);
            _position++;
            return _block[lane];
        }
    }
}
