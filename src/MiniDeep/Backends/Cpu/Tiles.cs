using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Where a tile's operands lie, in elements. A tile computes c[i, j] = init[i, j] + sum over outer, inner, depth of a[i] b[j]: with one segment it is a
/// matrix product, with kernel rows as the outer and kernel columns as the inner segments a convolution, with image rows as segments its weight gradient.
/// </summary>
internal struct TileShape
{
    /// <summary>From one row of the tile to the next in a, and in c.</summary>
    public nint ARow, CRow;

    /// <summary>From one step of the sum to the next, in a and in b.</summary>
    public nint AStep, BRow;

    /// <summary>Steps in a segment.</summary>
    public nint Depth;

    /// <summary>Segments, and from one to the next.</summary>
    public int Outer, Inner;
    public nint AOuter, AInner, BOuter, BInner;

    /// <summary>The sum in one piece.</summary>
    public static TileShape Flat(nint depth, nint aRow, nint aStep, nint bRow, nint cRow) => new()
    {
        ARow = aRow,
        AStep = aStep,
        BRow = bRow,
        CRow = cRow,
        Depth = depth,
        Outer = 1,
        Inner = 1,
    };
}

/// <summary>Register tiles: up to 8 rows by 1, 2 or 4 vectors of columns.</summary>
[SkipLocalsInit]
internal static unsafe partial class Tiles<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>The most rows that fit the registers: 32 of them with 512 bits, otherwise 16.</summary>
    public static int MaxRows(int vectors)
    {
        bool many = sizeof(TVec) == 64;
        return vectors switch { 1 => 8, 2 => many ? 8 : 6, _ => many ? 4 : 2 };
    }

    /// <summary>
    /// A panel of the result: any number of rows by up to <paramref name="vectors"/> vectors of columns. b must be readable to the end of the last vector.
    /// With <paramref name="packed"/>, a holds the row blocks of <see cref="RowBlock"/> one after the other, each [depth, rows].
    /// </summary>
    public static void Panel(TileShape* t, int vectors, int rows, int columns, bool packed, T* a, T* b, T* c, T* init, nint initRow)
    {
        bool whole = columns == vectors * TSimd.Count;
        // packed rows serve panels of two vectors and of one
        int max = MaxRows(packed ? 2 : vectors), blocks = (rows + max - 1) / max;
        nint cRow = t->CRow, aRow = t->ARow;
        for (int block = 0, start = 0; block < blocks; block++)
        {
            int count = RowBlock(rows, blocks, block);
            T* blockA = a + start * aRow;
            if (packed)
            {
                blockA = a + start * t->Depth;
                t->ARow = 1;
                t->AStep = count;
            }
            T* blockC = c + start * cRow;
            T* blockInit = init == null ? null : init + start * initRow;
            if (whole) Tile(count, vectors, t, blockA, b, blockC, blockInit, initRow);
            else Edge(count, vectors, columns, t, blockA, b, blockC, blockInit, initRow);
            start += count;
        }
    }

    /// <summary>Rows of one block when rows are spread evenly.</summary>
    public static int RowBlock(int rows, int blocks, int block) => rows / blocks + (block < rows % blocks ? 1 : 0);

    private static void Edge(int rows, int vectors, int columns, TileShape* t, T* a, T* b, T* c, T* init, nint initRow)
    {
        T* temporary = stackalloc T[8 * 4 * 16];
        nint width = vectors * TSimd.Count, cRow = t->CRow;
        if (init != null)
        {
            for (int r = 0; r < rows; r++) Copy(init + r * initRow, temporary + r * width, columns);
        }
        t->CRow = width;
        Tile(rows, vectors, t, a, b, temporary, init == null ? null : temporary, width);
        t->CRow = cRow;
        for (int r = 0; r < rows; r++) Copy(temporary + r * width, c + r * cRow, columns);
    }

    private static void Copy(T* source, T* destination, nint count)
        => Unsafe.CopyBlockUnaligned(destination, source, (uint)(count * sizeof(T)));

    /// <summary>destination[c, r] = source[r, c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(T* source, nint sourceRow, nint rows, nint columns, T* destination, nint destinationRow)
    {
        nint r = 0;
        if (Block4.Supports<T>())
        {
            for (; r + 4 <= rows; r += 4)
            {
                T* from = source + r * sourceRow;
                nint c = 0;
                for (; c + 4 <= columns; c += 4) Block4.Transpose(from + c, sourceRow, destination + c * destinationRow + r, destinationRow);
                for (; c < columns; c++)
                {
                    T* to = destination + c * destinationRow + r;
                    to[0] = from[c];
                    to[1] = from[c + sourceRow];
                    to[2] = from[c + 2 * sourceRow];
                    to[3] = from[c + 3 * sourceRow];
                }
            }
        }
        for (; r < rows; r++)
        {
            for (nint c = 0; c < columns; c++) destination[c * destinationRow + r] = source[r * sourceRow + c];
        }
    }
}
