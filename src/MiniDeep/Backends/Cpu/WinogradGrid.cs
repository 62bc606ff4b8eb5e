namespace MiniDeep;

/// <summary>
/// How results are covered by Winograd's tiles: 4 x 4 of them, and where only one or two columns or rows are left, tiles of two. Those need the points 0, ±a and infinity of
/// six only. In memory the tiles of all images stand kind by kind: right edge, full, bottom edge, corner, so that each point has its tiles side by side.
/// </summary>
internal readonly struct WinogradGrid
{
    /// <summary>Results along a tile's side.</summary>
    public const int Tile = 4, Edge = 2;

    /// <summary>Points along a side of the transformed tile, and all of them.</summary>
    public const int Side = Tile + 2, Points = Side * Side;

    private readonly int _images;

    public WinogradGrid(int rows, int columns, int images)
    {
        (Rows, EdgeRows, Columns, EdgeColumns, _images) = (Full(rows), Edges(rows), Full(columns), Edges(columns), images);
    }

    /// <summary>Rows and columns of full tiles.</summary>
    public int Rows { get; }
    public int Columns { get; }

    /// <summary>Rows and columns of tiles at the edge: 0 or 1.</summary>
    public int EdgeRows { get; }
    public int EdgeColumns { get; }

    /// <summary>All tiles.</summary>
    public int Count => _images * (Rows + EdgeRows) * (Columns + EdgeColumns);

    private int FullStart => _images * Rows * EdgeColumns;
    private int BottomStart => FullStart + _images * Rows * Columns;
    private int CornerStart => BottomStart + _images * EdgeRows * Columns;

    private static int Full(int results) => (results + 1) / Tile;

    private static int Edges(int results) => results % Tile is 1 or 2 ? 1 : 0;

    /// <summary>Rows or columns of results in whole tiles.</summary>
    public static int Whole(int results) => Tile * Full(results) + Edge * Edges(results);

    /// <summary>An image's first tile in a row of tiles: a full one (in the row below the last, the bottom edge's).</summary>
    public int Full(int image, int row) => row < Rows ? FullStart + (image * Rows + row) * Columns : BottomStart + image * Columns;

    /// <summary>An image's tile at the right edge of a row of tiles (in the row below the last, the corner).</summary>
    public int Right(int image, int row) => row < Rows ? image * Rows + row : CornerStart + image;

    /// <summary>The tiles that a point has products of: where they start, and how many.</summary>
    public (int Start, int Count) At(int point)
    {
        bool bottom = IsEdge(point / Side), right = IsEdge(point % Side);
        int start = right ? 0 : FullStart, end = !bottom ? BottomStart : right ? Count : CornerStart;
        return (start, end - start);
    }

    /// <summary>0, a, -a and infinity.</summary>
    private static bool IsEdge(int line) => line is 0 or 1 or 2 or Side - 1;
}
