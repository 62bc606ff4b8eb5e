namespace MiniDeep;

/// <summary>What happens where a window reaches over the border of an image.</summary>
public enum Padding
{
    /// <summary>Only windows that lie inside the image count.</summary>
    Valid,

    /// <summary>The image is padded so that the output has ceil(size / stride) rows and columns; an odd row or column of padding goes to the end (as in Keras).</summary>
    Same,
}
