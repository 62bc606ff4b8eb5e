namespace MiniDeep;

/// <summary>
/// How the axes of a value lie in the file. Images have their channels first there, and a transpose is only noted: nodes are written when an operation needs another layout than it gets.
/// </summary>
/// <param name="order">For each axis in the file, the axis of the value that it is.</param>
/// <param name="image">For flattened images [batch, height * width * channels]: the sizes, where each row has its channels first in the file.</param>
internal sealed class Layout(int[] order, (int Height, int Width, int Channels)? image = null) : IEquatable<Layout>
{
    /// <summary>Images [batch, height, width, channels] in the file as [batch, channels, height, width].</summary>
    public static Layout ChannelsFirst { get; } = new([0, 3, 1, 2]);

    /// <summary>Kernels [height, width, in, out] in the file as [out, in, height, width].</summary>
    public static Layout Kernel { get; } = new([3, 2, 0, 1]);

    public int[] Order => order;

    public (int Height, int Width, int Channels)? Image => image;

    public bool IsPlain => image is null && order.AsSpan().SequenceEqual(Enumerable.Range(0, order.Length).ToArray());

    public static Layout Plain(int rank) => new([.. Enumerable.Range(0, rank)]);

    public static Layout Flattened(int height, int width, int channels) => new([0, 1], (height, width, channels));

    /// <summary>Where an axis of the value lies in the file.</summary>
    public int PlaceOf(int axis) => Array.IndexOf(order, axis);

    public bool Equals(Layout? other) => other is not null && image == other.Image && order.AsSpan().SequenceEqual(other.Order);

    public override bool Equals(object? obj) => Equals(obj as Layout);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(image);
        foreach (int axis in order) hash.Add(axis);
        return hash.ToHashCode();
    }
}
