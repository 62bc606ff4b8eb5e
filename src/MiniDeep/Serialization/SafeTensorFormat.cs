using System.Numerics;
using System.Runtime.InteropServices;

namespace MiniDeep;

/// <summary>A type of elements in safetensors files, and what becomes of it in a tensor.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="DType">The tensor's type, which holds every value exactly; null for a type that no tensor's holds.</param>
/// <param name="Widen">Turns elements of this machine's byte order into the tensor's; null where they are the same.</param>
internal sealed record SafeTensorFormat(string Name, int Size, DType? DType, SafeTensorFormat.Widening? Widen = null)
{
    private static readonly SafeTensorFormat[] s_all =
    [
        new("F32", 4, MiniDeep.DType.Float32),
        new("F64", 8, MiniDeep.DType.Float64),
        new("I32", 4, MiniDeep.DType.Int32),
        new("I64", 8, MiniDeep.DType.Int64),
        new("U8", 1, MiniDeep.DType.UInt8),
        new("BOOL", 1, MiniDeep.DType.Bool),
        new("F16", 2, MiniDeep.DType.Float32, Convert<Half, float>),
        new("BF16", 2, MiniDeep.DType.Float32, FromBrainFloats),
        new("I8", 1, MiniDeep.DType.Int32, Convert<sbyte, int>),
        new("I16", 2, MiniDeep.DType.Int32, Convert<short, int>),
        new("U16", 2, MiniDeep.DType.Int32, Convert<ushort, int>),
        new("U32", 4, MiniDeep.DType.Int64, Convert<uint, long>),
        new("U64", 8, null),
        new("C64", 8, null),
        new("F8_E4M3", 1, null),
        new("F8_E5M2", 1, null),
        new("F8_E8M0", 1, null),
        new("F8_E4M3FNUZ", 1, null),
        new("F8_E5M2FNUZ", 1, null),
    ];

    /// <summary>Reads elements and writes as many of the tensor's type.</summary>
    public delegate void Widening(ReadOnlySpan<byte> from, Span<byte> to);

    /// <summary>The type of a name; null if the format has none.</summary>
    public static SafeTensorFormat? Named(string name) => Array.Find(s_all, format => format.Name == name);

    /// <summary>How tensors of a type are written.</summary>
    public static SafeTensorFormat Of(DType dtype) => Array.Find(s_all, format => format.DType == dtype && format.Widen is null)!;

    private static void Convert<TFrom, TTo>(ReadOnlySpan<byte> from, Span<byte> to)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        ReadOnlySpan<TFrom> source = MemoryMarshal.Cast<byte, TFrom>(from);
        Span<TTo> destination = MemoryMarshal.Cast<byte, TTo>(to);
        for (int i = 0; i < source.Length; i++) destination[i] = TTo.CreateTruncating(source[i]);
    }

    /// <summary>A bfloat16 is the upper half of a float.</summary>
    private static void FromBrainFloats(ReadOnlySpan<byte> from, Span<byte> to)
    {
        ReadOnlySpan<ushort> source = MemoryMarshal.Cast<byte, ushort>(from);
        Span<uint> destination = MemoryMarshal.Cast<byte, uint>(to);
        for (int i = 0; i < source.Length; i++) destination[i] = (uint)source[i] << 16;
    }
}
