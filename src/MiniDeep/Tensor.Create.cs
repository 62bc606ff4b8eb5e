using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace MiniDeep;

public partial class Tensor
{
    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape, DType dtype = DType.Float32, Device? device = null) => Full(shape, 0, dtype, device);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(Shape shape, DType dtype = DType.Float32, Device? device = null) => Full(shape, 1, dtype, device);

    /// <summary>A tensor with the same number everywhere.</summary>
    public static Tensor Full(Shape shape, double value, DType dtype = DType.Float32, Device? device = null)
    {
        Tensor y = Empty(shape, dtype, device ?? Device.Cpu);
        y.Device.Backend.Fill(y.View, value);
        return y;
    }

    /// <summary>A scalar.</summary>
    public static Tensor Scalar(double value, DType dtype = DType.Float32, Device? device = null) => Full([], value, dtype, device);

    /// <summary>0, 1, …, count - 1.</summary>
    public static Tensor Range(int count, DType dtype = DType.Float32, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var values = new long[count];
        for (int i = 0; i < count; i++) values[i] = i;
        return From<long>(values, [count], device).To(dtype);
    }

    /// <summary>A copy of the values, one axis.</summary>
    public static Tensor From<T>(T[] values, Device? device = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From((ReadOnlySpan<T>)values, [values.Length], device);
    }

    /// <summary>A copy of the values in row-major order under a shape.</summary>
    /// <exception cref="ShapeException">The shape needs another number of values.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, Shape shape, Device? device = null)
        where T : unmanaged
    {
        DType dtype = DTypes.Of<T>();
        if (values.Length != shape.ElementCount)
            throw new ShapeException($"A tensor of shape {shape} has {shape.ElementCount} elements, but {values.Length} values were given.");
        Tensor y = Empty(shape, dtype, device ?? Device.Cpu);
        y.Device.Backend.Upload(MemoryMarshal.AsBytes(values), y.View.Storage, 0);
        return y;
    }

    /// <summary>A copy of the values, one axis, that outlives the step in which it is made.</summary>
    internal static Tensor Lasting<T>(T[] values, Device device)
        where T : unmanaged
    {
        using (MemoryScope.Plain.Enter()) return From(values, device);
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, Shape, Device?)"/>
    public static Tensor From<T>(T[] values, Shape shape, Device? device = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From((ReadOnlySpan<T>)values, shape, device);
    }

    /// <summary>A copy of an array of any rank, such as <c>double[,]</c> or <c>byte[,,,]</c>.</summary>
    /// <exception cref="ArgumentException">A tensor can't hold the array's element type, or the array doesn't start at 0.</exception>
    public static Tensor From(Array values, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        (DType dtype, Shape shape) = DescribeArray(values);
        Tensor y = Empty(shape, dtype, device ?? Device.Cpu);
        y.Device.Backend.Upload(BytesOf(values, dtype), y.View.Storage, 0);
        return y;
    }

    /// <summary>A copy of a <see cref="System.Numerics.Tensors.Tensor{T}"/> or a span of one, of any layout.</summary>
    public static Tensor From<T>(in ReadOnlyTensorSpan<T> values, Device? device = null)
        where T : unmanaged
    {
        var sizes = new int[values.Rank];
        for (int i = 0; i < sizes.Length; i++) sizes[i] = checked((int)values.Lengths[i]);
        var flat = new T[checked((int)values.FlattenedLength)];
        values.FlattenTo(flat);
        return From((ReadOnlySpan<T>)flat, Shape.Create(sizes), device);
    }

    /// <summary>A copy of a <see cref="System.Numerics.Tensors.Tensor{T}"/>.</summary>
    public static Tensor From<T>(System.Numerics.Tensors.Tensor<T> values, Device? device = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From(values.AsReadOnlyTensorSpan(), device);
    }

    private static (DType DType, Shape Shape) DescribeArray(Array array)
    {
        DType dtype = array switch
        {
            _ when array.GetType().GetElementType() == typeof(float) => DType.Float32,
            _ when array.GetType().GetElementType() == typeof(double) => DType.Float64,
            _ when array.GetType().GetElementType() == typeof(int) => DType.Int32,
            _ when array.GetType().GetElementType() == typeof(long) => DType.Int64,
            _ when array.GetType().GetElementType() == typeof(byte) => DType.UInt8,
            _ when array.GetType().GetElementType() == typeof(bool) => DType.Bool,
            _ => throw new ArgumentException($"A tensor can't hold {array.GetType().GetElementType()?.Name}; it holds float, double, int, long, byte or bool."),
        };
        var sizes = new int[array.Rank];
        for (int axis = 0; axis < sizes.Length; axis++)
        {
            if (array.GetLowerBound(axis) != 0) throw new ArgumentException("The array's indices don't start at 0.");
            sizes[axis] = array.GetLength(axis);
        }
        return (dtype, Shape.Create(sizes));
    }

    private static Span<byte> BytesOf(Array array, DType dtype) =>
        MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), checked(array.Length * dtype.Size()));
}
