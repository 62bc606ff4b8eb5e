namespace MiniDeep;

/// <summary>The type of a tensor's elements.</summary>
public enum DType : byte
{
    /// <summary>32-bit IEEE float; the default of models and of every function that makes floats.</summary>
    Float32,

    /// <summary>64-bit IEEE float.</summary>
    Float64,

    /// <summary>32-bit signed integer; the type of class labels.</summary>
    Int32,

    /// <summary>64-bit signed integer; the type of positions (argmax).</summary>
    Int64,

    /// <summary>8-bit unsigned integer; the type of image pixels.</summary>
    UInt8,

    /// <summary>A truth value in a byte: 0 or 1.</summary>
    Bool,
}

/// <summary>Facts about the element types.</summary>
public static class DTypes
{
    /// <summary>Bytes that an element takes.</summary>
    public static int Size(this DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 or DType.Int64 => 8,
        _ => 1,
    };

    /// <summary>Whether the type is a float; only floats have gradients.</summary>
    public static bool IsFloat(this DType dtype) => dtype is DType.Float32 or DType.Float64;

    /// <summary>The <see cref="DType"/> of a .NET element type.</summary>
    /// <exception cref="ArgumentException">A tensor can't hold <typeparamref name="T"/>.</exception>
    public static DType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return DType.Float32;
        if (typeof(T) == typeof(double)) return DType.Float64;
        if (typeof(T) == typeof(int)) return DType.Int32;
        if (typeof(T) == typeof(long)) return DType.Int64;
        if (typeof(T) == typeof(byte)) return DType.UInt8;
        if (typeof(T) == typeof(bool)) return DType.Bool;
        throw new ArgumentException($"A tensor can't hold {typeof(T).Name}; it holds float, double, int, long, byte or bool.");
    }
}
