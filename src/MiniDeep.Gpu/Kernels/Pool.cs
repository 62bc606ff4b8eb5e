using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>The operands of max-pooling: the image and the pooled image (or their gradients), and the winners' places.</summary>
internal struct PoolArgs<T>
    where T : unmanaged
{
    public ArrayView<T> Image, Pooled;
    public ArrayView<byte> Places;
    public PoolGeometry Geometry;
    public int Count, HasPlaces, Accumulate;
}

/// <summary>The largest element of each window, and its place in it.</summary>
internal readonly struct MaxPoolKernel<T> : IKernel<PoolArgs<T>>
    where T : unmanaged, INumber<T>
{
    public static void Run(PoolArgs<T> args)
    {
        PoolGeometry g = args.Geometry;
        for (int i = Work.First; i < args.Count; i += Work.Step)
        {
            int pixel = i / g.Channels, channel = i - (pixel * g.Channels);
            int row = pixel / g.OutWidth, column = pixel - (row * g.OutWidth);
            int item = row / g.OutHeight;
            int top = ((row - (item * g.OutHeight)) * g.StrideHeight) - g.PadTop, left = (column * g.StrideWidth) - g.PadLeft;
            int rows = g.WindowHeight < g.InHeight - top ? g.WindowHeight : g.InHeight - top;
            int columns = g.WindowWidth < g.InWidth - left ? g.WindowWidth : g.InWidth - left;
            int firstRow = top < 0 ? -top : 0, firstColumn = left < 0 ? -left : 0;
            int start = (((((item * g.InHeight) + top) * g.InWidth) + left) * g.Channels) + channel;
            int place = (firstRow * g.WindowWidth) + firstColumn;
            T best = args.Image[start + (((firstRow * g.InWidth) + firstColumn) * g.Channels)];
            for (int y = firstRow; y < rows; y++)
            {
                for (int x = firstColumn; x < columns; x++)
                {
                    T value = args.Image[start + (((y * g.InWidth) + x) * g.Channels)];
                    if (T.IsNaN(best) || !(value > best || T.IsNaN(value))) continue;
                    best = value;
                    place = (y * g.WindowWidth) + x;
                }
            }
            args.Pooled[i] = best;
            if (args.HasPlaces != 0) args.Places[i] = (byte)place;
        }
    }
}

/// <summary>Each element of the image fetches the gradients of the windows that it won, in the order of the windows.</summary>
internal readonly struct MaxPoolGradKernel<T> : IKernel<PoolArgs<T>>
    where T : unmanaged, INumber<T>
{
    public static void Run(PoolArgs<T> args)
    {
        PoolGeometry g = args.Geometry;
        for (int i = Work.First; i < args.Count; i += Work.Step)
        {
            int pixel = i / g.Channels, channel = i - (pixel * g.Channels);
            int row = pixel / g.InWidth, item = row / g.InHeight;
            // from the top left corner of the first window
            int x = pixel - (row * g.InWidth) + g.PadLeft, y = row - (item * g.InHeight) + g.PadTop;
            int firstRow = First(y, g.WindowHeight, g.StrideHeight), lastRow = Last(y, g.StrideHeight, g.OutHeight);
            int firstColumn = First(x, g.WindowWidth, g.StrideWidth), lastColumn = Last(x, g.StrideWidth, g.OutWidth);
            T sum = args.Accumulate != 0 ? args.Image[i] : T.Zero;
            for (int r = firstRow; r <= lastRow; r++)
            {
                for (int c = firstColumn; c <= lastColumn; c++)
                {
                    int window = (((((item * g.OutHeight) + r) * g.OutWidth) + c) * g.Channels) + channel;
                    int place = ((y - (r * g.StrideHeight)) * g.WindowWidth) + (x - (c * g.StrideWidth));
                    if (args.Places[window] == place) sum += args.Pooled[window];
                }
            }
            args.Image[i] = sum;
        }
    }

    private static int First(int at, int window, int stride) => at < window ? 0 : ((at - window) / stride) + 1;

    private static int Last(int at, int stride, int count) => at / stride < count - 1 ? at / stride : count - 1;
}
