using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>
/// Where a tile's operands lie, in elements. A tile computes c[i, j] = init[i, j] + sum over outer, inner, depth of a[i] b[j]: with one segment it is a
/// matrix product, with kernel rows as the outer and kernel columns as the inner segments a convolution, with image rows as segments its weight gradient.
/// </summary>
internal struct TileShape
{
    /// <summary>From one row of the tile to the next in a, and in c.</summary>
    public nint ARow, CRow;

    /// <summary>From one block of rows to the next in a; <see cref="Tiles{TSimd, TVec, T}.Panel"/> sets it.</summary>
    public nint ABlock;

    /// <summary>What of a is fetched into the second cache meanwhile: from where, seen from the block's start, and how far apart for each step of the sum.</summary>
    public nint Ahead, AheadStep;

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

/// <summary>Register tiles: up to 8 rows by 1, 2 or 4 vectors of columns, and a single row by 8.</summary>
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
        return vectors switch { 1 => 8, 2 => many ? 8 : 6, 4 => many ? 4 : 2, _ => 1 };
    }

    /// <summary>
    /// A panel of the result: any number of rows by up to <paramref name="vectors"/> vectors of columns. b must be readable to the end of the last vector.
    /// With <paramref name="packed"/>, a holds the row blocks of <see cref="RowBlock"/> one after the other, each [depth, rows].
    /// </summary>
    public static void Panel(TileShape* t, int vectors, int rows, int columns, bool packed, T* a, T* b, T* c, T* init, nint initRow)
    {
        // packed rows serve panels of two vectors and of one
        int max = MaxRows(packed ? 2 : vectors), blocks = (rows + max - 1) / max;
        int count = rows / blocks, taller = rows % blocks;
        nint aRow = t->ARow;
        if (taller > 0)
        {
            Blocks(t, vectors, count + 1, taller, columns, packed, a, b, c, init, initRow);
            nint done = (nint)taller * (count + 1);
            a += done * (packed ? t->Depth : aRow);
            c += done * t->CRow;
            if (init != null) init += done * initRow;
        }
        Blocks(t, vectors, count, blocks - taller, columns, packed, a, b, c, init, initRow);
    }

    /// <summary>Blocks of equal height, one below the other.</summary>
    private static void Blocks(
        TileShape* t, int vectors, int count, int blocks, int columns, bool packed, T* a, T* b, T* c, T* init, nint initRow)
    {
        if (packed)
        {
            t->ARow = 1;
            t->AStep = count;
            t->ABlock = count * t->Depth;
        }
        else
        {
            t->ABlock = count * t->ARow;
            if (t->AStep == 1 && t->ARow == t->Depth) (t->Ahead, t->AheadStep) = (t->ABlock, count);
        }
        if (columns == vectors * TSimd.Count) Tile(count, vectors, t, blocks, a, b, c, init, initRow);
        else Edge(t, vectors, count, blocks, columns, a, b, c, init, initRow);
    }

    /// <summary>Rows of one block when rows are spread evenly.</summary>
    public static int RowBlock(int rows, int blocks, int block) => rows / blocks + (block < rows % blocks ? 1 : 0);

    /// <summary>A panel that isn't whole vectors wide goes through a buffer, some blocks at a time.</summary>
    private static void Edge(TileShape* t, int vectors, int count, int blocks, int columns, T* a, T* b, T* c, T* init, nint initRow)
    {
        const int Size = 1024;
        T* buffer = stackalloc T[Size];
        nint width = vectors * TSimd.Count, cRow = t->CRow;
        int most = Math.Max(1, Size / (int)(count * width));
        t->CRow = width;
        for (int done = 0; done < blocks; done += most)
        {
            int some = Math.Min(most, blocks - done), rows = some * count;
            Tile(count, vectors, t, some, a + done * t->ABlock, b, buffer, null, 0);
            Deliver(buffer, width, rows, columns, init, initRow, c, cRow);
            if (init != null) init += rows * initRow;
            c += rows * cRow;
        }
        t->CRow = cRow;
    }

    /// <summary>c = init + source, or source where init is null; init's rows are <paramref name="initRow"/> apart, which may be 0.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void Deliver(T* source, nint sourceRow, int rows, nint columns, T* init, nint initRow, T* c, nint cRow)
    {
        if (init == null) initRow = 0;
        nint whole = columns / TSimd.Count * TSimd.Count, rest = columns - whole;
        for (int r = 0; r < rows; r++, source += sourceRow, init += initRow, c += cRow)
        {
            for (nint j = 0; j < whole; j += TSimd.Count)
            {
                TVec value = TSimd.Load(source + j);
                TSimd.Store(c + j, init == null ? value : TSimd.Add(TSimd.Load(init + j), value));
            }
            if (rest == 0) continue;
            TVec last = TSimd.Load(source + whole);
            if (init != null) last = TSimd.Add(Lanes<TSimd, TVec, T>.Load(init + whole, rest), last);
            Lanes<TSimd, TVec, T>.Store(c + whole, rest, last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(T* address)
    {
        if (Sse.IsSupported) Sse.Prefetch1(address);
    }

    /// <summary>destination[c, r] = source[r, c].</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void Transpose(T* source, nint sourceRow, nint rows, nint columns, T* destination, nint destinationRow)
    {
        nint r = 0;
        if (Block8.IsSupported)
        {
            int size = Block8.Size<T>();
            for (; r + size <= rows; r += size)
            {
                T* from = source + r * sourceRow;
                T* to = destination + r;
                nint c = 0;
                for (; c + size <= columns; c += size) Block8.Transpose(from + c, sourceRow, to + c * destinationRow, destinationRow);
                if (sizeof(T) == 4 && c + 4 <= columns)
                {
                    Block4.Transpose(from + c, sourceRow, to + c * destinationRow, destinationRow);
                    Block4.Transpose(from + 4 * sourceRow + c, sourceRow, to + c * destinationRow + 4, destinationRow);
                    c += 4;
                }
                for (; c < columns; c++)
                {
                    for (int i = 0; i < size; i++) to[c * destinationRow + i] = from[i * sourceRow + c];
                }
            }
        }
        if (Block4.Supports<T>())
        {
            for (; r + 4 <= rows; r += 4)
            {
                T* from = source + r * sourceRow;
                T* to = destination + r;
                nint c = 0;
                for (; c + 4 <= columns; c += 4) Block4.Transpose(from + c, sourceRow, to + c * destinationRow, destinationRow);
                for (; c < columns; c++)
                {
                    for (int i = 0; i < 4; i++) to[c * destinationRow + i] = from[i * sourceRow + c];
                }
            }
        }
        for (; r < rows; r++)
        {
            for (nint c = 0; c < columns; c++) destination[c * destinationRow + r] = source[r * sourceRow + c];
        }
    }
}
