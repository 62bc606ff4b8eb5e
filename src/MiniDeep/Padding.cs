namespace MiniDeep;

/// <summary>What happens where a window reaches over the border of an image.</summary>
public enum Padding
{
    /// <summary>Only windows that lie inside the image count.</summary>
    Valid,

    /// <summary>The image is padded so that the output has ceil(size / stride) rows and columns; an odd row or column of padding goes to the end (as in Keras).</summary>
    Same,
}

internal static class Paddings
{
    public static Padding Known(this Padding padding, string parameter) => padding is Padding.Valid or Padding.Same
        ? padding
        : throw new ArgumentOutOfRangeException(parameter, padding, "Padding is Valid or Same.");
}
