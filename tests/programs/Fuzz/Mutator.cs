using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MiniDeep.Fuzz;

/// <summary>Changes files at random: bits, bytes, numbers in binary and in text, blocks, words of the formats, pieces of other files.</summary>
internal sealed class Mutator(Random random, byte[][] seeds, string[] words)
{
    private static readonly long[] s_numbers =
    [
        0, 1, -1, 2, 7, 8, 9, 63, 64, 127, 128, 255, 256, 1000, 4096, 32_767, 32_768, 65_535, 65_536, int.MaxValue, int.MinValue, uint.MaxValue, uint.MaxValue + 1L,
        long.MaxValue, long.MinValue, 100_000_000, 100_000_001, 0x0102030405060708,
    ];

    /// <summary>A seed with a few changes.</summary>
    public byte[] Next()
    {
        byte[] file = seeds[random.Next(seeds.Length)];
        for (int changes = 1 + (int)(random.NextDouble() * random.NextDouble() * 8); changes > 0; changes--) file = Change(file);
        return file;
    }

    private byte[] Change(byte[] file)
    {
        if (file.Length == 0) return seeds[random.Next(seeds.Length)];
        int at = random.Next(file.Length);
        switch (random.Next(13))
        {
            case 0:
                return Replaced(file, at, [(byte)(file[at] ^ (1 << random.Next(8)))]);
            case 1:
                return Replaced(file, at, [(byte)random.Next(256)]);
            case 2:
                return Spliced(file, at, 0, [(byte)random.Next(256)]);
            case 3:
                return Spliced(file, at, random.Next(1, Math.Min(64, file.Length - at) + 1), []);
            case 4:
                return file[..at];
            case 5:
                return Replaced(file, at, Number());
            case 6:
                return Spliced(file, at, 0, file[at..Math.Min(file.Length, at + random.Next(1, 200))]);
            case 7:
                return Spliced(file, at, random.Next(Math.Min(8, file.Length - at)), Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
            case 8:
                byte[] other = seeds[random.Next(seeds.Length)];
                return [.. file[..at], .. other[Math.Min(at, other.Length)..]];
            case 9:
                return [.. file, .. file[at..]];
            case 10:
                return Replaced(file, at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 40)).ToArray());
            default:
                return NumberInText(file, at);
        }
    }

    private byte[] Number()
    {
        var bytes = new byte[8];
        long number = s_numbers[random.Next(s_numbers.Length)];
        if (random.Next(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        else BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return random.Next(4) switch
        {
            0 => bytes[..2],
            1 => bytes[..4],
            2 => bytes[4..],
            _ => bytes,
        };
    }

    /// <summary>Another number where the text has one.</summary>
    private byte[] NumberInText(byte[] file, int from)
    {
        int start = Array.FindIndex(file, from, static b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0) return file;
        int end = start;
        while (end < file.Length && file[end] is >= (byte)'0' and <= (byte)'9') end++;
        return Spliced(file, start, end - start, Encoding.ASCII.GetBytes(s_numbers[random.Next(s_numbers.Length)].ToString(CultureInfo.InvariantCulture)));
    }

    private static byte[] Replaced(byte[] file, int at, byte[] by) => Spliced(file, at, Math.Min(by.Length, file.Length - at), by);

    private static byte[] Spliced(byte[] file, int at, int removed, byte[] by) => [.. file[..at], .. by, .. file[(at + removed)..]];
}
