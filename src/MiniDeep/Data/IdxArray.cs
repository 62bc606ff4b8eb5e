using System.Runtime.InteropServices;

namespace MiniDeep.Data;

/// <summary>The element types of the IDX format; the values are the format's own codes.</summary>
public enum IdxElementType
{
    /// <summary>Unsigned bytes, as in MNIST.</summary>
    UInt8 = 0x08,

    /// <summary>Signed bytes.</summary>
    Int8 = 0x09,

    /// <summary>16-bit integers.</summary>
    Int16 = 0x0B,

    /// <summary>32-bit integers.</summary>
    Int32 = 0x0C,

    /// <summary>32-bit floating-point numbers.</summary>
    Float32 = 0x0D,

    /// <summary>64-bit floating-point numbers.</summary>
    Float64 = 0x0E,
}

/// <summary>What an IDX file holds: a row-major array of numbers.</summary>
public sealed class IdxArray
{
    internal IdxArray(IdxElementType elementType, int[] dimensions, byte[] data) => (ElementType, Dimensions, Data) = (elementType, dimensions, data);

    /// <summary>The type of the elements.</summary>
    public IdxElementType ElementType { get; }

    /// <summary>The dimensions, outermost first: [60000, 28, 28] for MNIST's training images. There are 1 to 8; a dimension may be 0.</summary>
    public int[] Dimensions { get; }

    /// <summary>The elements one after the other, in this machine's byte order. The array is the caller's to keep and to change.</summary>
    public byte[] Data { get; }

    /// <summary>The elements as numbers, without a copy.</summary>
    /// <typeparam name="T">byte, sbyte, short, int, float or double, as <see cref="ElementType"/> says.</typeparam>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public ReadOnlySpan<T> Elements<T>() where T : unmanaged
    {
        bool fits = ElementType switch
        {
            IdxElementType.UInt8 => typeof(T) == typeof(byte),
            IdxElementType.Int8 => typeof(T) == typeof(sbyte),
            IdxElementType.Int16 => typeof(T) == typeof(short),
            IdxElementType.Int32 => typeof(T) == typeof(int),
            IdxElementType.Float32 => typeof(T) == typeof(float),
            _ => typeof(T) == typeof(double),
        };
        return fits
            ? MemoryMarshal.Cast<byte, T>(Data)
            : throw new InvalidOperationException($"This IDX array holds {ElementType} elements, they cannot be read as {typeof(T).Name}.");
    }
}
