using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniDeep;

public partial class Tensor
{
    /// <summary>The one element of the tensor, as a double. Waits for the device.</summary>
    /// <exception cref="ShapeException">The tensor doesn't have exactly one element.</exception>
    public double Item() => DType switch
    {
        DType.Float32 => Item<float>(),
        DType.Float64 => Item<double>(),
        DType.Int32 => Item<int>(),
        DType.Int64 => Item<long>(),
        DType.UInt8 => Item<byte>(),
        _ => Item<bool>() ? 1 : 0,
    };

    /// <summary>The one element of the tensor. Waits for the device.</summary>
    /// <exception cref="ShapeException">The tensor doesn't have exactly one element.</exception>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    public T Item<T>()
        where T : unmanaged
    {
        if (Count != 1) throw new ShapeException($"Item() takes a tensor of one element; this one has shape {Shape}.");
        CheckElement<T>();
        T value = default;
        Device.Backend.Download(Storage, (long)_offset * Unsafe.SizeOf<T>(), MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    /// <summary>A copy of the elements in row-major order. Waits for the device.</summary>
    /// <exception cref="DTypeException">The elements are of another type; convert them first with <see cref="To(DType)"/>.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        CheckElement<T>();
        var values = new T[Count];
        CopyTo(values.AsSpan());
        return values;
    }

    /// <summary>A copy of a matrix. Waits for the device.</summary>
    /// <exception cref="ShapeException">The tensor hasn't two axes.</exception>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    public T[,] ToArray2D<T>()
        where T : unmanaged
    {
        if (Rank != 2) throw new ShapeException($"ToArray2D takes a tensor with two axes; this one has shape {Shape}.");
        var values = new T[Shape[0], Shape[1]];
        CopyTo(values);
        return values;
    }

    /// <summary>Copies the elements in row-major order. Waits for the device.</summary>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        CheckElement<T>();
        if (destination.Length != Count) throw new ArgumentException($"The destination has {destination.Length} elements, the tensor {Count}.", nameof(destination));
        CopyBytesTo(MemoryMarshal.AsBytes(destination));
    }

    /// <summary>Copies the elements to an array of the same shape, of any rank. Waits for the device.</summary>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    /// <exception cref="ShapeException">The array has another shape.</exception>
    public void CopyTo(Array destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        (DType dtype, Shape shape) = DescribeArray(destination);
        if (dtype != DType) throw new DTypeException($"The array holds {dtype}, the tensor {DType}. Convert first with To(DType.{dtype}).");
        if (shape != Shape) throw new ShapeException($"The array has shape {shape}, the tensor {Shape}.");
        CopyBytesTo(BytesOf(destination, dtype));
    }

    /// <summary>Copies the elements to a <see cref="TensorSpan{T}"/> of the same shape. Waits for the device.</summary>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    /// <exception cref="ShapeException">The span has another shape.</exception>
    public void CopyTo<T>(in TensorSpan<T> destination)
        where T : unmanaged
    {
        bool same = destination.Rank == Rank;
        for (int i = 0; same && i < Rank; i++) same = destination.Lengths[i] == Shape[i];
        if (!same) throw new ShapeException($"The span's shape differs from the tensor's, {Shape}.");
        ReadOnlySpan<nint> lengths = destination.Lengths;
        new ReadOnlyTensorSpan<T>(ToArray<T>(), lengths).CopyTo(destination);
    }

    /// <summary>A copy as a <see cref="System.Numerics.Tensors.Tensor{T}"/>. Waits for the device.</summary>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    public System.Numerics.Tensors.Tensor<T> ToTensor<T>()
        where T : unmanaged
    {
        var lengths = new nint[Rank];
        for (int i = 0; i < Rank; i++) lengths[i] = Shape[i];
        return System.Numerics.Tensors.Tensor.Create(ToArray<T>(), lengths);
    }

    /// <summary>Replaces the elements. A backward pass that needs the old ones is an error afterwards.</summary>
    /// <exception cref="ArgumentException">The number of values differs.</exception>
    /// <exception cref="DTypeException">The values are of another type.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        CheckElement<T>();
        if (values.Length != Count) throw new ArgumentException($"{values.Length} values were given for {Count} elements.", nameof(values));
        if (!IsContiguous)
        {
            CopyFrom(From(values, Shape, Device));
            return;
        }
        NoteChange();
        Device.Backend.Upload(MemoryMarshal.AsBytes(values), Storage, (long)_offset * Unsafe.SizeOf<T>());
    }

    /// <summary>Replaces the elements by those of a tensor of the same shape, converted if need be. A backward pass that needs the old ones is an error afterwards.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public void CopyFrom(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Shape != Shape) throw new ShapeException($"Values of shape {values.Shape} can't replace those of a tensor of shape {Shape}.");
        Tensor here = values.Detach().To(Device);
        NoteChange();
        Device.Backend.Copy(here.View, View);
    }

    /// <summary>Sets every element to a number. A backward pass that needs the old ones is an error afterwards.</summary>
    public void Fill(double value)
    {
        NoteChange();
        Device.Backend.Fill(View, value);
    }

    /// <summary>Copies bytes of a contiguous tensor, from one of them on. Waits for the device.</summary>
    internal void ReadBytes(long start, Span<byte> destination) => Device.Backend.Download(Storage, ((long)_offset * DType.Size()) + start, destination);

    /// <summary>Replaces bytes of a contiguous tensor, from one of them on.</summary>
    internal void WriteBytes(long start, ReadOnlySpan<byte> bytes)
    {
        NoteChange();
        Device.Backend.Upload(bytes, Storage, ((long)_offset * DType.Size()) + start);
    }

    private void CopyBytesTo(Span<byte> destination)
    {
        if (!IsContiguous)
        {
            using (NoGrad()) Detach().Contiguous().CopyBytesTo(destination);
            return;
        }
        Device.Backend.Download(Storage, (long)_offset * DType.Size(), destination);
    }

    private void CheckElement<T>()
        where T : unmanaged
    {
        DType wanted = DTypes.Of<T>();
        if (wanted != DType) throw new DTypeException($"The tensor holds {DType}, not {wanted}. Convert it first with To(DType.{wanted}).");
    }
}
