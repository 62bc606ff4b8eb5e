using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>What a backend sees of a tensor: a buffer, where in it to start, the shape, and the strides where the elements aren't side by side.</summary>
[Experimental(Experiments.Backends)]
public readonly struct TensorView
{
    private readonly int[]? _strides;

    /// <summary>A view of contiguous elements.</summary>
    public TensorView(Storage storage, int offset, Shape shape)
        : this(storage, offset, shape, null)
    {
    }

    internal TensorView(Storage storage, int offset, Shape shape, int[]? strides)
    {
        Storage = storage;
        Offset = offset;
        Shape = shape;
        _strides = strides;
    }

    /// <summary>The buffer.</summary>
    public Storage Storage { get; }

    /// <summary>The first element's position in the buffer, in elements.</summary>
    public int Offset { get; }

    /// <summary>The sizes of the axes.</summary>
    public Shape Shape { get; }

    /// <summary>Elements between neighbours along each axis, 0 along a broadcast axis; empty when the view is contiguous.</summary>
    public ReadOnlySpan<int> Strides => _strides;

    /// <summary>Whether the elements lie side by side in row-major order.</summary>
    public bool IsContiguous => _strides is null;

    /// <summary>Whether there is no tensor here: an optional argument left out.</summary>
    public bool IsNone => Storage is null;

    /// <summary>The type of the elements.</summary>
    public DType DType => Storage.DType;

    /// <summary>The same elements under another shape of as many elements; for contiguous views.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TensorView Reshaped(Shape shape) => new(Storage, Offset, shape);

    internal int[]? StrideArray => _strides;
}
