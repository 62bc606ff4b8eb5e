using System.Numerics;

namespace MiniDeep;

/// <summary>How a product is cut into tiles and, where those are few, its sum into parts. From the sizes alone, so that sums have one order.</summary>
/// <param name="Large">Whether tiles are the large ones.</param>
/// <param name="Shape">The tiles' shape.</param>
/// <param name="Groups">How many groups of threads there are.</param>
/// <param name="Splits">The parts of the sum.</param>
/// <param name="SplitDepth">The terms of a part.</param>
internal readonly record struct TilePlan(bool Large, ProductTile Shape, int Groups, int Splits, int SplitDepth)
{
    /// <summary>Groups that keep a large device busy; a small one is busy with fewer.</summary>
    public const int Enough = 128;

    /// <summary>A shorter sum is not worth the second pass over its parts; nor is a shorter part.</summary>
    private const int LeastDepth = 512, LeastPart = 64;

    /// <summary>Elements of all parts together.</summary>
    private const long MostParts = 1 << 24;

    private const int LeastBits = 4, MostBits = 8, AreaBits = 12;

    /// <param name="rows">Rows of the product.</param>
    /// <param name="columns">Columns of the product.</param>
    /// <param name="depth">Terms of a sum.</param>
    /// <param name="batch">Products.</param>
    /// <param name="largeTiles">From how many large tiles on they are used.</param>
    /// <param name="whole">Whether sums may not be cut.</param>
    public static TilePlan Of(int rows, int columns, int depth, int batch, int largeTiles, bool whole)
    {
        if (rows > 64 && columns > 64 && (long)Tiles(rows, ProductTile.LargeBits) * Tiles(columns, ProductTile.LargeBits) * batch >= largeTiles)
            return Cut(true, new ProductTile { RowBits = ProductTile.LargeBits, ColumnBits = ProductTile.LargeBits, DepthBits = 3 }, rows, columns, depth, batch, whole);

        // wide enough for the smaller side, then as many rows and columns as give every thread 4 x 4 elements
        int rowBits = Math.Clamp(Bits(rows), LeastBits, AreaBits / 2), columnBits = Math.Clamp(Bits(columns), LeastBits, AreaBits / 2);
        if (columnBits <= rowBits) rowBits = Math.Clamp(Bits(rows), LeastBits, Math.Min(AreaBits - columnBits, MostBits));
        else columnBits = Math.Clamp(Bits(columns), LeastBits, Math.Min(AreaBits - rowBits, MostBits));
        // smaller tiles, of which each thread sums a part, where there are few
        while (rowBits + columnBits > AreaBits - 2 && (long)Tiles(rows, rowBits) * Tiles(columns, columnBits) * batch < Enough / 2)
        {
            if (rowBits > columnBits) rowBits--;
            else columnBits--;
        }
        var shape = new ProductTile { RowBits = rowBits, ColumnBits = columnBits, DepthBits = 10 - Math.Max(rowBits, columnBits), SliceBits = AreaBits - rowBits - columnBits };
        return Cut(false, shape, rows, columns, depth, batch, whole);
    }

    /// <summary>Parts of a sum where each element of the product is one thread's.</summary>
    public static TilePlan OfElements(int rows, int columns, int depth, int batch, bool whole)
    {
        long elements = (long)rows * columns * batch;
        return Cut(false, default, depth, Enough * (long)ProductTile.Threads / Math.Max(elements, 1), elements, whole, 1);
    }

    private static TilePlan Cut(bool large, ProductTile shape, int rows, int columns, int depth, int batch, bool whole)
    {
        shape.TilesDown = Tiles(rows, shape.RowBits);
        shape.TilesAcross = Tiles(columns, shape.ColumnBits);
        long tiles = (long)shape.TilesDown * shape.TilesAcross * batch;
        TilePlan plan = Cut(large, shape, depth, tiles > Enough / 2 ? 1 : Enough / Math.Max(tiles, 1), (long)rows * columns * batch, whole, 1 << shape.DepthBits);
        return plan with { Groups = checked((int)(tiles * plan.Splits)) };
    }

    private static TilePlan Cut(bool large, ProductTile shape, int depth, long splits, long elements, bool whole, int step)
    {
        splits = Math.Min(Math.Min(splits, depth / LeastPart), MostParts / Math.Max(elements, 1));
        if (whole || depth < LeastDepth || splits < 2) return new TilePlan(large, shape, 0, 1, depth);
        int part = (int)((depth + splits - 1) / splits);
        part = (part + step - 1) / step * step;
        return new TilePlan(large, shape, 0, (depth + part - 1) / part, part);
    }

    private static int Tiles(int size, int bits) => (int)(((long)size + (1 << bits) - 1) >> bits);

    /// <summary>The power of two that is no smaller.</summary>
    private static int Bits(int size) => size <= 1 ? 0 : 32 - BitOperations.LeadingZeroCount((uint)size - 1);
}
