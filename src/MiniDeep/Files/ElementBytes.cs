using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MiniDeep;

/// <summary>The elements of an array as files hold them.</summary>
internal static class ElementBytes
{
    /// <summary>The most axes of an array in a file.</summary>
    public const int MaxRank = 32;

    /// <summary>Turns each element's bytes round if the file's order isn't this machine's.</summary>
    public static void Arrange(Span<byte> elements, int elementSize, bool isLittleEndian)
    {
        if (isLittleEndian == BitConverter.IsLittleEndian) return;
        switch (elementSize)
        {
            case 2:
                Span<short> halves = MemoryMarshal.Cast<byte, short>(elements);
                BinaryPrimitives.ReverseEndianness(halves, halves);
                break;
            case 4:
                Span<int> words = MemoryMarshal.Cast<byte, int>(elements);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 8:
                Span<long> longs = MemoryMarshal.Cast<byte, long>(elements);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }

    /// <summary>Whether each byte is a truth value: a bool that is neither 0 nor 1 behaves like neither.</summary>
    public static bool AreBooleans(ReadOnlySpan<byte> elements) => elements.IndexOfAnyExcept((byte)0, (byte)1) < 0;

    /// <summary>The bytes of an array of some sizes, computed in 64 bits; null where the sizes are none that a tensor can have (2^31 - 1 elements, 32 axes).</summary>
    public static long? Size(ReadOnlySpan<long> sizes, int elementSize)
    {
        if (sizes.Length > MaxRank) return null;
        long count = sizes.Contains(0) ? 0 : 1;
        foreach (long size in sizes)
        {
            if (size is < 0 or > int.MaxValue) return null;
            count *= size;    // both below 2^31
            if (count > int.MaxValue) return null;
        }
        return count * elementSize;
    }

    /// <summary>Sizes that <see cref="Size"/> has found good, as a shape.</summary>
    public static Shape ShapeOf(ReadOnlySpan<long> sizes)
    {
        var shape = new int[sizes.Length];
        for (int i = 0; i < shape.Length; i++) shape[i] = (int)sizes[i];
        return Shape.Create(shape);
    }
}
