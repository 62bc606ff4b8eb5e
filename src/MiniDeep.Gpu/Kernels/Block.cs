using System.Numerics;

namespace MiniDeep;

/// <summary>Four neighbours: what a thread reads of a tile at a time, and what its loads are held in until they are stored.</summary>
internal struct Quad<T>
    where T : unmanaged
{
    public T X, Y, Z, W;
}

/// <summary>
/// A 4 x 4 block of sums. Named fields, because a kernel's arrays lie in memory: as values of a method these are registers.
/// </summary>
internal struct Block<T>
    where T : unmanaged, INumber<T>
{
    public Quad<T> Row0, Row1, Row2, Row3;

    /// <summary>The block plus the outer product of a column and a row.</summary>
    public static Block<T> Add(Block<T> sums, Quad<T> column, Quad<T> row)
    {
        Block<T> result = default;
        result.Row0 = Add(sums.Row0, column.X, row);
        result.Row1 = Add(sums.Row1, column.Y, row);
        result.Row2 = Add(sums.Row2, column.Z, row);
        result.Row3 = Add(sums.Row3, column.W, row);
        return result;
    }

    private static Quad<T> Add(Quad<T> sums, T factor, Quad<T> row)
    {
        Quad<T> result = default;
        result.X = sums.X + (factor * row.X);
        result.Y = sums.Y + (factor * row.Y);
        result.Z = sums.Z + (factor * row.Z);
        result.W = sums.W + (factor * row.W);
        return result;
    }
}
