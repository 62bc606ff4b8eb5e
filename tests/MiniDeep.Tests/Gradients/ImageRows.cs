namespace MiniDeep.Tests.Gradients;

/// <summary>Convolution, max-pool, and the two as one.</summary>
internal static class ImageRows
{
    private static readonly (string Name, Shape X, int Height, int Width, int Filters, ConvSettings Settings)[] _convolutions =
    [
        ("1 x 1 x 1", [1, 1, 1, 1], 1, 1, 1, new(1, 1, Padding.Valid)),
        ("a 1 x 1 kernel", [2, 4, 5, 3], 1, 1, 4, new(1, 1, Padding.Same)),
        ("3 x 3 valid", [2, 6, 5, 2], 3, 3, 3, new(1, 1, Padding.Valid)),
        ("3 x 3 same", [2, 6, 5, 1], 3, 3, 16, new(1, 1, Padding.Same)),
        ("2 x 2 same, uneven padding", [2, 5, 4, 3], 2, 2, 5, new(1, 1, Padding.Same)),
        ("2 x 3", [1, 5, 7, 3], 2, 3, 2, new(1, 1, Padding.Valid)),
        ("5 x 5 same, larger than the image", [2, 3, 4, 2], 5, 5, 3, new(1, 1, Padding.Same)),
        ("as large as the image", [3, 4, 4, 2], 4, 4, 3, new(1, 1, Padding.Valid)),
        ("strides of 2, valid", [2, 7, 8, 2], 3, 3, 3, new(2, 2, Padding.Valid)),
        ("strides of 2, same", [2, 7, 8, 2], 3, 3, 3, new(2, 2, Padding.Same)),
        ("strides 2 and 1", [1, 6, 5, 3], 3, 2, 4, new(2, 1, Padding.Same)),
        ("strides over the kernel", [1, 8, 9, 2], 2, 2, 3, new(3, 3, Padding.Valid)),
        ("one column", [2, 6, 1, 2], 3, 1, 3, new(1, 1, Padding.Same)),
        ("17 channels to 33", [1, 4, 4, 17], 3, 3, 33, new(1, 1, Padding.Same)),
        ("no image", [0, 5, 5, 2], 3, 3, 4, new(1, 1, Padding.Same)),
        ("a large image", [1, 30, 29, 1], 3, 3, 4, new(1, 1, Padding.Same)),
        ("dilated", [1, 8, 7, 2], 3, 3, 3, new(1, 1, Padding.Same, 2, 2)),
        ("in groups", [2, 5, 5, 4], 3, 3, 6, new(1, 1, Padding.Same, 1, 1, 2)),
    ];

    private static readonly (string Name, Shape X, PoolSettings Settings)[] _poolings =
    [
        ("1 x 1", [2, 3, 4, 2], new(1, 1, 1, 1, Padding.Valid)),
        ("2 x 2", [2, 4, 6, 3], new(2, 2, 2, 2, Padding.Valid)),
        ("2 x 2, odd image", [2, 5, 7, 3], new(2, 2, 2, 2, Padding.Valid)),
        ("2 x 2 same, odd image", [2, 5, 7, 3], new(2, 2, 2, 2, Padding.Same)),
        ("2 x 3", [1, 6, 7, 2], new(2, 3, 2, 3, Padding.Valid)),
        ("3 x 3 overlapping", [2, 7, 6, 2], new(3, 3, 2, 2, Padding.Valid)),
        ("3 x 3 overlapping, same", [2, 7, 6, 2], new(3, 3, 1, 1, Padding.Same)),
        ("strides over the window", [1, 7, 8, 3], new(2, 2, 3, 3, Padding.Valid)),
        ("as large as the image", [2, 4, 5, 3], new(4, 5, 1, 1, Padding.Valid)),
        ("larger than the image, same", [1, 2, 3, 2], new(4, 4, 2, 2, Padding.Same)),
        ("17 channels", [1, 4, 4, 17], new(2, 2, 2, 2, Padding.Valid)),
        ("one pixel", [1, 1, 1, 1], new(1, 1, 1, 1, Padding.Same)),
        ("no image", [0, 4, 4, 2], new(2, 2, 2, 2, Padding.Valid)),
        ("large", [2, 20, 22, 5], new(2, 2, 2, 2, Padding.Valid)),
    ];

    // what exercise 3 has, and what a fused kernel may not have thought of
    private static readonly (string Name, Shape X, int Kernel, int Filters, ConvSettings Conv, PoolSettings Pool)[] _blocks =
    [
        ("3 x 3 same, 2 x 2", [2, 6, 8, 1], 3, 16, new(1, 1, Padding.Same), new(2, 2, 2, 2, Padding.Valid)),
        ("16 channels", [1, 6, 6, 16], 3, 4, new(1, 1, Padding.Same), new(2, 2, 2, 2, Padding.Valid)),
        ("3 x 3 valid, 2 x 2", [2, 8, 6, 2], 3, 3, new(1, 1, Padding.Valid), new(2, 2, 2, 2, Padding.Valid)),
        ("odd image", [2, 7, 5, 2], 3, 5, new(1, 1, Padding.Same), new(2, 2, 2, 2, Padding.Valid)),
        ("odd image, same", [2, 7, 5, 2], 3, 5, new(1, 1, Padding.Same), new(2, 2, 2, 2, Padding.Same)),
        ("overlapping windows", [1, 7, 8, 2], 3, 3, new(1, 1, Padding.Same), new(3, 3, 2, 2, Padding.Valid)),
        ("overlapping windows, same", [1, 6, 5, 2], 3, 3, new(1, 1, Padding.Valid), new(3, 3, 1, 1, Padding.Same)),
        ("strides of 2", [2, 9, 8, 2], 3, 3, new(2, 2, Padding.Same), new(2, 2, 2, 2, Padding.Valid)),
        ("1 x 1 kernel, 3 x 2 windows", [1, 6, 6, 3], 1, 4, new(1, 1, Padding.Valid), new(3, 2, 3, 2, Padding.Valid)),
        ("5 x 5 kernel", [1, 8, 8, 1], 5, 6, new(1, 1, Padding.Valid), new(2, 2, 2, 2, Padding.Valid)),
        ("gaps between windows", [1, 9, 9, 2], 3, 3, new(1, 1, Padding.Same), new(2, 2, 3, 3, Padding.Valid)),
        ("one window", [3, 4, 4, 2], 3, 3, new(1, 1, Padding.Same), new(4, 4, 4, 4, Padding.Valid)),
        ("no image", [0, 4, 4, 1], 3, 2, new(1, 1, Padding.Same), new(2, 2, 2, 2, Padding.Valid)),
        ("in groups", [1, 6, 6, 4], 3, 4, new(1, 1, Padding.Same, 1, 1, 2), new(2, 2, 2, 2, Padding.Valid)),
    ];

    public static IEnumerable<GradientRow> All() => [.. Convolutions(), .. Poolings(), .. Blocks()];

    private static IEnumerable<GradientRow> Convolutions()
    {
        foreach ((string activationName, FusedActivation activation) in MatrixRows.Activations)
        {
            foreach ((string name, Shape shape, int height, int width, int filters, ConvSettings settings) in _convolutions)
            {
                yield return new("Conv2D", $"{activationName}, {name}", draw => new(
                    [draw.Normal(shape), draw.Normal([height, width, shape[3] / settings.Groups, filters]), draw.Normal([filters])],
                    t => Conv2DOp.Apply(t[0], t[1], t[2], settings, activation)));
            }
            var same = new ConvSettings(1, 1, Padding.Same);
            yield return new("Conv2D", $"{activationName}, no bias", draw =>
                new([draw.Normal([2, 5, 4, 2]), draw.Normal([3, 3, 2, 3])], t => Conv2DOp.Apply(t[0], t[1], null, same, activation)));
            yield return new("Conv2D", $"{activationName}, channels first", draw =>
                new([draw.Normal([2, 3, 5, 4]), draw.Normal([3, 3, 3, 2]), draw.Normal([2])], t => Conv2DOp.Apply(t[0].Transpose(0, 2, 3, 1), t[1], t[2], same, activation)));
            yield return new("Conv2D", $"{activationName}, x is w", draw =>
                new([draw.Normal([3, 3, 3, 3])], t => Conv2DOp.Apply(t[0], t[0], null, same, activation)));
            yield return new("Conv2D", $"{activationName}, w twice", draw => new(
                [draw.Normal([1, 4, 4, 2]), draw.Normal([3, 3, 2, 2]), draw.Normal([2])],
                t => Conv2DOp.Apply(Conv2DOp.Apply(t[0], t[1], t[2], same, activation), t[1], t[2], same, activation)));
            yield return new("Conv2D", $"{activationName}, constant x", draw =>
            {
                Tensor x = draw.Normal([2, 5, 4, 1]);
                return new([draw.Normal([3, 3, 1, 4]), draw.Normal([4])], t => Conv2DOp.Apply(x, t[0], t[1], same, activation));
            });
            yield return new("Conv2D", $"{activationName}, constant w", draw =>
            {
                Tensor w = draw.Normal([3, 3, 2, 4]);
                return new([draw.Normal([2, 5, 4, 2]), draw.Normal([4])], t => Conv2DOp.Apply(t[0], w, t[1], same, activation));
            });
        }
    }

    private static IEnumerable<GradientRow> Poolings()
    {
        foreach ((string name, Shape shape, PoolSettings settings) in _poolings)
            yield return new("MaxPool2D", name, draw => new([draw.Distinct(shape)], t => MaxPool2DOp.Apply(t[0], settings)));
        yield return new("MaxPool2D", "channels first", static draw =>
            new([draw.Distinct([2, 3, 4, 6])], static t => MaxPool2DOp.Apply(t[0].Transpose(0, 2, 3, 1), new PoolSettings(2, 2, 2, 2, Padding.Valid))));
        yield return new("MaxPool2D", "a slice", static draw =>
            new([draw.Distinct([2, 6, 7, 2])], static t => MaxPool2DOp.Apply(t[0][.., 1..5, 1..], new PoolSettings(2, 2, 2, 2, Padding.Valid))));
    }

    private static IEnumerable<GradientRow> Blocks()
    {
        foreach ((string activationName, FusedActivation activation) in MatrixRows.Activations)
        {
            foreach ((string name, Shape shape, int kernel, int filters, ConvSettings conv, PoolSettings pool) in _blocks)
            {
                yield return new("ConvPool", $"{activationName}, {name}", draw => new(
                    [draw.Normal(shape), draw.Normal([kernel, kernel, shape[3] / conv.Groups, filters]), draw.Normal([filters])],
                    t => ConvPoolOp.Apply(t[0], t[1], t[2], conv, activation, pool)));
            }
            var same = new ConvSettings(1, 1, Padding.Same);
            var two = new PoolSettings(2, 2, 2, 2, Padding.Valid);
            yield return new("ConvPool", $"{activationName}, no bias", draw =>
                new([draw.Normal([2, 6, 4, 2]), draw.Normal([3, 3, 2, 3])], t => ConvPoolOp.Apply(t[0], t[1], null, same, activation, two)));
            yield return new("ConvPool", $"{activationName}, x is w", draw =>
                new([draw.Normal([4, 4, 4, 4])], t => ConvPoolOp.Apply(t[0], t[0], null, same, activation, two)));
            yield return new("ConvPool", $"{activationName}, constant x", draw =>
            {
                Tensor x = draw.Normal([2, 6, 4, 1]);
                return new([draw.Normal([3, 3, 1, 4]), draw.Normal([4])], t => ConvPoolOp.Apply(x, t[0], t[1], same, activation, two));
            });
            yield return new("ConvPool", $"{activationName}, constant w", draw =>
            {
                Tensor w = draw.Normal([3, 3, 2, 4]);
                return new([draw.Normal([2, 6, 4, 2]), draw.Normal([4])], t => ConvPoolOp.Apply(t[0], w, t[1], same, activation, two));
            });
        }
    }
}
