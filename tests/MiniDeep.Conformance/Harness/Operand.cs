using System.Runtime.InteropServices;

namespace MiniDeep.Conformance;

/// <summary>What an operation may do to an operand.</summary>
public enum Role
{
    /// <summary>Only read.</summary>
    Input,

    /// <summary>Written, and compared with the reference.</summary>
    Result,

    /// <summary>Read, and perhaps overwritten with anything.</summary>
    Scratch,
}

/// <summary>
/// One argument of an operation, as the host sees it: a view and the bytes of its whole buffer. Around the view, and in its gaps, the buffer holds
/// canaries: NaN, so that a kernel that reads one shows it in its result, and of a certain bit pattern, so that one that writes there is seen too.
/// </summary>
public sealed class Operand
{
    /// <summary>Elements in front of the view and behind it: more than the widest vector.</summary>
    private const int Margin = 67;

    private const byte Canary = 0xFB;

    public Operand(DType dtype, Shape shape, Layout layout, Role role)
    {
        (DType, Shape, Role) = (dtype, shape, role);
        Strides = layout.Strides(shape);
        Description = $"{dtype} {shape}{(Strides is null ? "" : " " + layout)}";
        Offset = Margin;
        Positions = FindPositions();
        Length = (Positions.Length == 0 ? Margin : Positions.Max()) + Margin;
        Image = new byte[Length * dtype.Size()];
        switch (dtype)
        {
            case DType.Float32: MemoryMarshal.Cast<byte, uint>(Image.AsSpan()).Fill(0xFFFA_DEADu); break;
            case DType.Float64: MemoryMarshal.Cast<byte, ulong>(Image.AsSpan()).Fill(0xFFFA_DEAD_DEAD_DEADul); break;
            default: Image.AsSpan().Fill(Canary); break;
        }
    }

    public DType DType { get; }

    public Shape Shape { get; }

    public int Offset { get; }

    public int[]? Strides { get; }

    public Role Role { get; }

    /// <summary>Where each element lies, in elements, in row-major order of the view.</summary>
    public int[] Positions { get; }

    /// <summary>Elements in the buffer.</summary>
    public int Length { get; }

    /// <summary>The buffer's bytes before the operation.</summary>
    public byte[] Image { get; }

    public string Description { get; }

    /// <summary>A copy of the buffer in a device's memory.</summary>
    internal TensorView Upload(Device device)
    {
        var storage = new Storage(device, device.Backend.Allocate(Image.Length), DType, Length);
        device.Backend.Upload(Image, storage, 0);
        return new TensorView(storage, Offset, Shape, Strides);
    }

    /// <summary>The buffer's bytes in a backend's memory.</summary>
    internal byte[] Download(IBackend backend, in TensorView view)
    {
        var bytes = new byte[Image.Length];
        backend.Download(view.Storage, 0, bytes);
        return bytes;
    }

    /// <summary>The elements of a float view in the bytes of its buffer.</summary>
    public double[] Floats(byte[] image)
    {
        var values = new double[Positions.Length];
        ReadOnlySpan<float> singles = MemoryMarshal.Cast<byte, float>(image);
        ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(image);
        for (int i = 0; i < values.Length; i++) values[i] = DType == DType.Float32 ? singles[Positions[i]] : doubles[Positions[i]];
        return values;
    }

    /// <summary>The elements of an integer view in the bytes of its buffer.</summary>
    public long[] Integers(byte[] image) => [.. Positions.Select(position => DType switch
    {
        DType.Int32 => MemoryMarshal.Cast<byte, int>(image.AsSpan())[position],
        DType.Int64 => MemoryMarshal.Cast<byte, long>(image.AsSpan())[position],
        _ => image[position],
    })];

    /// <summary>Puts a value, converted to the dtype, where an element lies.</summary>
    public void Set(int element, double value)
    {
        int position = Positions[element];
        switch (DType)
        {
            case DType.Float32: MemoryMarshal.Cast<byte, float>(Image.AsSpan())[position] = (float)value; break;
            case DType.Float64: MemoryMarshal.Cast<byte, double>(Image.AsSpan())[position] = value; break;
            case DType.Int32: MemoryMarshal.Cast<byte, int>(Image.AsSpan())[position] = (int)value; break;
            case DType.Int64: MemoryMarshal.Cast<byte, long>(Image.AsSpan())[position] = (long)value; break;
            default: Image[position] = (byte)value; break;
        }
    }

    /// <summary>The first byte of the buffer that differs from what it was and that the operation had no right to touch; -1 if there is none.</summary>
    public int FirstIntrusion(byte[] after)
    {
        if (Role == Role.Input) return FirstDifference(Image, after);
        byte[] before = (byte[])Image.Clone(), others = (byte[])after.Clone();
        int size = DType.Size();
        foreach (int position in Positions)
        {
            before.AsSpan(position * size, size).Clear();
            others.AsSpan(position * size, size).Clear();
        }
        return FirstDifference(before, others);
    }

    internal static int FirstDifference(byte[] a, byte[] b)
    {
        int common = a.AsSpan().CommonPrefixLength(b);
        return common == a.Length ? -1 : common;
    }

    private int[] FindPositions()
    {
        var positions = new int[Shape.ElementCount];
        var index = new int[Shape.Rank];
        for (int i = 0; i < positions.Length; i++)
        {
            int position = Offset;
            if (Strides is null) position += i;
            else for (int axis = 0; axis < index.Length; axis++) position += index[axis] * Strides[axis];
            positions[i] = position;
            for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == Shape[axis]; axis--) index[axis] = 0;
        }
        return positions;
    }
}
