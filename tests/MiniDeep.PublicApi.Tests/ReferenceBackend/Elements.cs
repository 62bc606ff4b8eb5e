using System.Runtime.InteropServices;

namespace MiniDeep.Reference;

/// <summary>A view's elements as plain arrays in row-major order, and back.</summary>
internal static class Elements
{
    public static byte[] Memory(Storage storage) => ((ReferenceBlock)storage.Block).Data;

    /// <summary>Where in the buffer each element lies, counted in elements.</summary>
    public static int[] Positions(in TensorView view)
    {
        var positions = new int[view.Shape.ElementCount];
        if (view.IsContiguous)
        {
            for (int i = 0; i < positions.Length; i++) positions[i] = view.Offset + i;
            return positions;
        }
        for (int i = 0; i < positions.Length; i++)
        {
            int position = view.Offset, rest = i;
            for (int axis = view.Shape.Rank - 1; axis >= 0; axis--)
            {
                position += rest % view.Shape[axis] * view.Strides[axis];
                rest /= view.Shape[axis];
            }
            positions[i] = position;
        }
        return positions;
    }

    /// <summary>The elements of any dtype as doubles.</summary>
    public static double[] Read(in TensorView view)
    {
        int[] positions = Positions(view);
        var values = new double[positions.Length];
        byte[] memory = Memory(view.Storage);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = view.DType switch
            {
                DType.Float32 => Cells<float>(memory)[positions[i]],
                DType.Float64 => Cells<double>(memory)[positions[i]],
                _ => Integer(memory, view.DType, positions[i]),
            };
        }
        return values;
    }

    /// <summary>The elements of an integer dtype, or Bool, exactly.</summary>
    public static long[] ReadIntegers(in TensorView view)
    {
        int[] positions = Positions(view);
        var values = new long[positions.Length];
        for (int i = 0; i < values.Length; i++) values[i] = Integer(Memory(view.Storage), view.DType, positions[i]);
        return values;
    }

    /// <summary>Stores doubles, converted to the dtype: integers by truncation, Bool by "is not 0".</summary>
    public static void Write(in TensorView view, double[] values, bool accumulate = false)
    {
        if (accumulate) values = [.. Read(view).Zip(values, (old, value) => old + value)];
        int[] positions = Positions(view);
        byte[] memory = Memory(view.Storage);
        for (int i = 0; i < values.Length; i++)
        {
            switch (view.DType)
            {
                case DType.Float32: Cells<float>(memory)[positions[i]] = (float)values[i]; break;
                case DType.Float64: Cells<double>(memory)[positions[i]] = values[i]; break;
                case DType.Bool: memory[positions[i]] = values[i] != 0 ? (byte)1 : (byte)0; break;
                default: SetInteger(memory, view.DType, positions[i], (long)values[i]); break;
            }
        }
    }

    /// <summary>Stores integers, converted to the dtype: floats by rounding, smaller integers by their low bits, Bool by "is not 0".</summary>
    public static void WriteIntegers(in TensorView view, long[] values, bool accumulate = false)
    {
        if (accumulate) values = [.. ReadIntegers(view).Zip(values, (old, value) => old + value)];
        int[] positions = Positions(view);
        byte[] memory = Memory(view.Storage);
        for (int i = 0; i < values.Length; i++)
        {
            switch (view.DType)
            {
                case DType.Float32: Cells<float>(memory)[positions[i]] = values[i]; break;
                case DType.Float64: Cells<double>(memory)[positions[i]] = values[i]; break;
                case DType.Bool: memory[positions[i]] = values[i] != 0 ? (byte)1 : (byte)0; break;
                default: SetInteger(memory, view.DType, positions[i], values[i]); break;
            }
        }
    }

    /// <summary>The elements' bytes, one array each: for operations that only move elements.</summary>
    public static byte[][] ReadBytes(in TensorView view)
    {
        int size = view.DType.Size();
        byte[] memory = Memory(view.Storage);
        return [.. Positions(view).Select(position => memory.AsSpan(position * size, size).ToArray())];
    }

    /// <summary>Stores the elements' bytes.</summary>
    public static void WriteBytes(in TensorView view, byte[][] elements)
    {
        int size = view.DType.Size();
        byte[] memory = Memory(view.Storage);
        int[] positions = Positions(view);
        for (int i = 0; i < elements.Length; i++) elements[i].CopyTo(memory, positions[i] * size);
    }

    private static Span<T> Cells<T>(byte[] memory)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(memory.AsSpan());

    private static long Integer(byte[] memory, DType dtype, int position) => dtype switch
    {
        DType.Int32 => Cells<int>(memory)[position],
        DType.Int64 => Cells<long>(memory)[position],
        _ => memory[position],
    };

    private static void SetInteger(byte[] memory, DType dtype, int position, long value)
    {
        switch (dtype)
        {
            case DType.Int32: Cells<int>(memory)[position] = unchecked((int)value); break;
            case DType.Int64: Cells<long>(memory)[position] = value; break;
            default: memory[position] = unchecked((byte)value); break;
        }
    }
}
