using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Windows of nothing but zeros, as the background of an image or what ReLU leaves of it: their results are the bias, exactly. From a tile with other pixels beside them the
/// transforms give the bias and a rounding error, and whether a ReLU whose bias is 0 lets a gradient through must not hang on that.
/// </summary>
[SkipLocalsInit]
internal static unsafe class WinogradZeros<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const int Tile = WinogradGrid.Tile, Kernel = WinogradGrid.Side - Tile + 1;

    /// <summary>For the tiles of one of a block's images, whose plane is there: bit 4 i + j of each for its result (i, j). False if there is no such window.</summary>
    public static bool Find(in WinogradBlock<T> block, int image, int from)
    {
        WinogradGrid grid = block.Grid;
        nint pixel = block.Shape.SourceChannels;
        T* x = block.Plane + from * block.PlaneRow;
        int some = 0;
        for (int row = 0; row < grid.Rows + grid.EdgeRows; row++, x += Tile * block.PlaneRow)
        {
            int height = row < grid.Rows ? Tile : WinogradGrid.Edge;
            ushort* full = block.Zeros + grid.Full(image, row);
            for (int column = 0; column < grid.Columns; column++) some |= full[column] = Find(x + column * Tile * pixel, block.PlaneRow, pixel, height, Tile);
            if (grid.EdgeColumns != 0) some |= block.Zeros[grid.Right(image, row)] = Find(x + grid.Columns * Tile * pixel, block.PlaneRow, pixel, height, WinogradGrid.Edge);
        }
        return some != 0;
    }

    /// <summary>One tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort Find(T* x, nint planeRow, nint channels, int height, int width)
    {
        // every window holds one of these
        T* middle = x + (Kernel - 1) * (planeRow + channels);
        bool some = IsZero(middle, channels);
        if (width == Tile) some |= IsZero(middle + channels, channels);
        if (height == Tile) some |= IsZero(middle + planeRow, channels);
        if (width == Tile && height == Tile) some |= IsZero(middle + planeRow + channels, channels);
        return some ? FindAll(x, planeRow, channels, height, width) : (ushort)0;
    }

    private static ushort FindAll(T* x, nint planeRow, nint channels, int height, int width)
    {
        int windows = 0, last = 0, beforeLast = 0;
        for (int row = 0; row < height + Kernel - 1; row++)
        {
            int pixels = 0;
            for (int column = 0; column < width + Kernel - 1; column++)
            {
                if (IsZero(x + row * planeRow + column * channels, channels)) pixels |= 1 << column;
            }
            int three = pixels & pixels >> 1 & pixels >> 2;
            if (row >= Kernel - 1) windows |= (three & last & beforeLast) << (Tile * (row - Kernel + 1));
            (beforeLast, last) = (last, three);
        }
        return (ushort)windows;
    }

    /// <summary>A pixel's channels; what lies behind them is readable to the end of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsZero(T* pixel, nint channels)
    {
        for (; channels > 0; channels -= TSimd.Count, pixel += TSimd.Count)
        {
            uint lanes = uint.MaxValue >> (32 - (int)Math.Min(channels, TSimd.Count));
            if ((TSimd.Signs(TSimd.Equal(TSimd.Load(pixel), TSimd.Zero)) & lanes) != lanes) return false;
        }
        return true;
    }

    /// <summary>The bias, or zeros, for windows of zeros among some rows of an image's results.</summary>
    public static void Clear(in WinogradBlock<T> block, int image, int rows, T* bias, T* y)
    {
        WinogradGrid grid = block.Grid;
        int columns = block.Shape.OutWidth, done = grid.Columns * Tile;
        for (int row = 0; row < grid.Rows + grid.EdgeRows; row++, rows -= Tile, y += Tile * block.Shape.ResultRow)
        {
            ushort* full = block.Zeros + grid.Full(image, row);
            for (int column = 0; column < grid.Columns; column++) Clear(in block.Shape, full[column], rows, columns - column * Tile, bias, y + column * Tile * block.Shape.ResultPixel);
            if (grid.EdgeColumns != 0) Clear(in block.Shape, block.Zeros[grid.Right(image, row)], rows, columns - done, bias, y + done * block.Shape.ResultPixel);
        }
    }

    /// <summary>One tile, of which so many rows and columns exist.</summary>
    private static void Clear(in ConvShape shape, int windows, int rows, int columns, T* bias, T* y)
    {
        for (int i = 0; windows >> i != 0; i++)
        {
            if ((windows >> i & 1) == 0 || i / Tile >= rows || i % Tile >= columns) continue;
            Span<T> result = new(y + i / Tile * shape.ResultRow + i % Tile * shape.ResultPixel, shape.OutChannels);
            if (bias == null) result.Clear();
            else new Span<T>(bias, shape.OutChannels).CopyTo(result);
        }
    }
}
