namespace MiniDeep;

/// <summary>Rows and columns of a window. A single number is both: <c>kernelSize: 3</c>; two are a pair: <c>kernelSize: (3, 5)</c>.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size2D(int Height, int Width)
{
    /// <summary>A square.</summary>
    public static implicit operator Size2D(int size) => new(size, size);

    /// <summary>Rows and columns.</summary>
    public static implicit operator Size2D((int Height, int Width) size) => new(size.Height, size.Width);

    internal Size2D Positive(string parameter) => Height > 0 && Width > 0
        ? this
        : throw new ArgumentOutOfRangeException(parameter, this, "Rows and columns must be at least 1.");

    /// <summary>"3 x 5".</summary>
    public override string ToString() => $"{Height} x {Width}";
}
