using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniDeep;

/// <summary>One matrix product, c [m, n] = init + op(a) op(b), and how it is cut.</summary>
internal unsafe struct GemmPlan<T>
    where T : unmanaged
{
    public T* A, B, C;
    public int M, N, K;
    public bool TransposeA, TransposeB;

    /// <summary>c lies transposed, [n, m], and so do init and slope.</summary>
    public bool Swapped;

    /// <summary>What the sums start from: c itself, a bias, or null. A bias has InitRow 0, and InitStep 0 where one number serves the whole row.</summary>
    public T* Init;
    public nint InitRow, InitStep;

    public FusedActivation Activation;
    public T* Slope;

    /// <summary>Vectors in a panel of b; its packed panels [k, panel], from the first column that is packed.</summary>
    public int Vectors, FirstPacked;
    public T* Packed;

    /// <summary>Steps of the sum that are done at a time.</summary>
    public int Depth;

    public bool PackA;

    /// <summary>The columns at work, and the rows and columns of a chunk.</summary>
    public int First, Last, Rows, Columns;
}

/// <summary>
/// A matrix product in chunks, which are blocks of the result. The panels of b are packed once for all chunks where that pays, a's rows by each chunk; an element
/// is summed over k in steps of fixed size, in order, so that it has the same bits whatever the threads.
/// </summary>
internal static unsafe class GemmBlocks<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Multiply-adds that are worth another chunk.</summary>
    public const long ChunkWork = 1 << 18;

    private const int Chunks = 8;

    /// <summary>Steps of the sum that stay in the cache with a packed block.</summary>
    private const int DepthBlock = 256;

    /// <summary>Bytes of b that are packed at a time: they stay in the last cache.</summary>
    private const int PackedBytes = 1 << 22;

    private const int FewRows = 24;

    /// <summary>Bytes of b that few rows are multiplied with at a time.</summary>
    private const int FewRowsBytes = 1 << 16;

    /// <summary>Rows that stay in the second cache, of a and of c.</summary>
    private const int TallBlock = 128;

    public static void Run(GemmPlan<T>* plan)
    {
        int m = plan->M, n = plan->N, k = plan->K, lanes = TSimd.Count;
        using Scratch scratch = Scratch.Open();
        if (plan->InitStep == 0 && plan->Init != null)
        {
            T* row = scratch.Take<T>(n);
            new Span<T>(row, n).Fill(*plan->Init);
            plan->Init = row;
        }
        if (plan->TransposeB && DotProducts<TSimd, TVec, T>.Pays(m, k))
        {
            if (plan->TransposeA && m > 1)
            {
                T* rows = scratch.Take<T>((nint)m * k);
                Tiles<TSimd, TVec, T>.Transpose(plan->A, m, k, m, rows, k);
                plan->A = rows;
            }
            DotProducts<TSimd, TVec, T>.Run(plan);
            return;
        }
        if (m == 1 && !plan->TransposeB && n <= 2 * lanes && !plan->Swapped)
        {
            NarrowRow<TSimd, TVec, T>.Run(plan);
            return;
        }
        plan->Vectors = m == 1 ? 8 : m <= Tiles<TSimd, TVec, T>.MaxRows(4) ? 4 : 2;
        int width = plan->Vectors * lanes;
        // a narrow vector reads its panel of b more often for the same work
        bool all = plan->TransposeB || (m >= (sizeof(TVec) == 64 ? 96 : FewRows) && k >= (sizeof(TVec) == 64 ? 32 : 16));
        // rows a power of two apart fall into the same few lines of the first cache
        bool crowded = (plan->TransposeA ? m : k) * sizeof(T) % 512 == 0;
        plan->PackA = all && !plan->Swapped && k > 1 && m > 1 && (plan->TransposeA ? n >= (crowded ? 32 : 128) : n >= (crowded ? 128 : 512));
        // a panel that isn't whole vectors wide would be read beyond the end of b
        int odd = n % (2 * lanes) > lanes ? n % (2 * lanes) : n % lanes;
        plan->FirstPacked = all ? 0 : n - odd;
        int parts = all ? Math.Max(1, (k + DepthBlock / 2) / DepthBlock) : 1;
        // few rows' panels read b side by side: what is fetched along with the first is still there for the next
        if (m < FewRows && !all && n > width) parts = (int)Math.Clamp((long)k * n * sizeof(T) / FewRowsBytes, 1, Math.Max(1, k / 32));
        plan->Depth = Math.Max(1, (k + parts - 1) / parts);
        int window = all ? Math.Max(4, PackedBytes / sizeof(T) / Math.Max(1, k) / width) * width : n;
        if (plan->FirstPacked < n) plan->Packed = scratch.Take<T>((nint)(Math.Min(window, n - plan->FirstPacked) + 2 * lanes) * k);
        for (plan->First = 0; plan->First < n; plan->First = plan->Last)
        {
            plan->Last = Math.Min(n, plan->First + window);
            if (plan->FirstPacked < plan->Last)
            {
                Packing packing = new() { Plan = plan };
                ThreadTeam.Run(ref packing, packing.Count);
            }
            Cut(plan);
            Computing computing = new() { Plan = plan };
            ThreadTeam.Run(ref computing, computing.Count);
        }
    }

    private static void Cut(GemmPlan<T>* plan)
    {
        int panel = plan->Vectors * TSimd.Count, rowUnit = Tiles<TSimd, TVec, T>.MaxRows(2) * (plan->Swapped ? 8 : 1);
        long columns = plan->Last - plan->First;
        long wanted = Math.Min(Chunks, plan->M * columns * Math.Max(1, plan->K) / ChunkWork);
        plan->Rows = plan->M;
        plan->Columns = (int)columns;
        Computing computing = new() { Plan = plan };
        while (computing.Count < wanted)
        {
            bool wide = plan->Columns > panel, tall = plan->Rows > 2 * rowUnit;
            if (tall && (plan->PackA ? plan->Rows >= 64 || !wide : plan->Rows > plan->Columns || !wide)) plan->Rows = (plan->Rows / 2 + rowUnit - 1) / rowUnit * rowUnit;
            else if (wide) plan->Columns = (plan->Columns / 2 + panel - 1) / panel * panel;
            else break;
        }
        if (plan->PackA || (!plan->Swapped && plan->Columns > panel)) plan->Rows = Math.Min(plan->Rows, (TallBlock + rowUnit - 1) / rowUnit * rowUnit);
    }

    /// <summary>Panels of b, four at a time, so that a row of b is read in one go.</summary>
    private struct Packing : IChunkedWork
    {
        public GemmPlan<T>* Plan;

        private readonly int Width => Plan->Vectors * TSimd.Count;
        private readonly int Start => Math.Max(Plan->FirstPacked, Plan->First);
        public readonly int Count => (Plan->Last - Start + (4 * Width) - 1) / (4 * Width);

        public readonly void Execute(int chunk)
        {
            int width = Width, k = Plan->K, n = Plan->N, rows = Plan->TransposeB ? k : 64;
            int first = Start + chunk * 4 * width, last = Math.Min(first + 4 * width, Plan->Last);
            for (int row = 0; row < k; row += rows)
            {
                int steps = Math.Min(rows, k - row);
                for (int j = first, vectors; j < last; j += vectors * TSimd.Count)
                {
                    vectors = NextPanel(Plan, last - j);
                    int used = Math.Min(vectors * TSimd.Count, last - j);
                    T* packed = Plan->Packed + (j - Start) * (nint)k + row * (nint)(vectors * TSimd.Count);
                    if (Plan->TransposeB) PackTransposed(Plan->B + j * (nint)k + row, k, steps, used, packed, vectors * TSimd.Count);
                    else CopyRows(Plan->B + row * (nint)n + j, n, steps, packed, vectors * TSimd.Count, used);
                }
            }
        }
    }

    /// <summary>How wide the next panel is where so many columns are left: only the last is not whole vectors, and it is 1 or 2 of them.</summary>
    private static int NextPanel(GemmPlan<T>* plan, int columns)
    {
        for (int vectors = plan->Vectors; vectors > 2; vectors /= 2)
        {
            if (columns >= vectors * TSimd.Count) return vectors;
        }
        return columns > TSimd.Count ? 2 : 1;
    }

    private struct Computing : IChunkedWork
    {
        public GemmPlan<T>* Plan;

        private readonly int RowBlocks => (Plan->M + Plan->Rows - 1) / Plan->Rows;

        public readonly int Count => RowBlocks * ((Plan->Last - Plan->First + Plan->Columns - 1) / Plan->Columns);

        public readonly void Execute(int chunk)
        {
            int row = chunk % RowBlocks * Plan->Rows, rows = Math.Min(Plan->Rows, Plan->M - row);
            int column = Plan->First + chunk / RowBlocks * Plan->Columns, columns = Math.Min(Plan->Columns, Plan->Last - column);
            nint cRow = Plan->Swapped ? Plan->M : Plan->N, cOffset = Plan->Swapped ? column * cRow + row : row * cRow + column;
            if (Plan->Swapped)
            {
                Transposed(Plan, row, rows, column, columns, cOffset);
                (rows, columns) = (columns, rows);
            }
            else
            {
                T* init = Plan->Init == null ? null : Plan->Init + row * Plan->InitRow + column;
                Block(Plan, row, rows, column, columns, Plan->C + cOffset, cRow, init, Plan->InitRow);
            }
            if (Plan->Activation.Kind == UnaryKind.Identity && Plan->Slope == null) return;
            T* c = Plan->C + cOffset;
            T* slope = Plan->Slope == null ? null : Plan->Slope + cOffset;
            if (columns == cRow) (rows, columns) = (1, rows * columns);
            for (nint i = 0; i < rows; i++) Activate<TSimd, TVec, T>.Forward(Plan->Activation, c + i * cRow, c + i * cRow, slope == null ? null : slope + i * cRow, columns);
        }
    }

    /// <summary>A block in strips of rows, each transposed out of the first cache.</summary>
    private static void Transposed(GemmPlan<T>* plan, int row, int rows, int column, int columns, nint cOffset)
    {
        int strip = Math.Min(rows, 8 * Tiles<TSimd, TVec, T>.MaxRows(2));
        nint width = (columns + TSimd.Count - 1) / TSimd.Count * TSimd.Count;
        using Scratch scratch = Scratch.Open();
        T* sums = scratch.Take<T>(strip * width);
        T* turned = plan->Init == null ? null : scratch.Take<T>((nint)strip * columns + TSimd.Count);
        T* c = plan->C + cOffset;
        for (int i = 0; i < rows; i += strip)
        {
            int some = Math.Min(strip, rows - i);
            Block(plan, row + i, some, column, columns, sums, width, null, 0);
            if (plan->Init == null)
            {
                Tiles<TSimd, TVec, T>.Transpose(sums, width, some, columns, c + i, plan->M);
                continue;
            }
            Tiles<TSimd, TVec, T>.Transpose(sums, width, some, columns, turned, some);
            Tiles<TSimd, TVec, T>.Deliver(turned, some, columns, some, plan->Init + column * plan->InitRow + row + i, plan->InitRow, c + i, plan->M);
        }
    }

    private static void Block(GemmPlan<T>* plan, int row, int rows, int column, int columns, T* c, nint cRow, T* init, nint initRow)
    {
        int m = plan->M, n = plan->N, k = plan->K, firstPacked = Math.Max(plan->FirstPacked, plan->First);
        nint aRow = plan->TransposeA ? 1 : k, aStep = plan->TransposeA ? m : 1;
        T* a = plan->A + row * aRow;
        // blocks of a tile's rows read a transposed a in small pieces: that pays where many panels use them
        bool pack = plan->PackA, blocks = pack && plan->TransposeA && columns >= 256, copy = pack && !blocks;
        using Scratch scratch = pack ? Scratch.Open() : default;
        // rows of a power of two would fall into the same few lines of the first cache
        nint packedRow = plan->TransposeA ? (rows + 15) / 16 * 16 + 16 : plan->Depth + 16;
        T* packedA = pack ? scratch.Take<T>(packedRow * (plan->TransposeA ? plan->Depth : rows)) : null;
        int start = 0;
        do
        {
            int steps = Math.Min(plan->Depth, k - start);
            T* source = a + start * aStep;
            if (blocks) PackBlocks(source, aStep, rows, steps, packedA, plan->A + (nint)m * k);
            else if (pack) CopyRows(source, plan->TransposeA ? m : k, plan->TransposeA ? steps : rows, packedA, packedRow, plan->TransposeA ? rows : steps);
            for (int j = 0, vectors; j < columns; j += vectors * TSimd.Count)
            {
                vectors = NextPanel(plan, columns - j);
                int used = Math.Min(vectors * TSimd.Count, columns - j);
                TileShape tile = TileShape.Flat(steps, copy && !plan->TransposeA ? packedRow : aRow, copy && plan->TransposeA ? packedRow : aStep, n, cRow);
                if (!pack && plan->TransposeA) (tile.Ahead, tile.AheadStep) = (steps * aStep, aStep);
                T* panel = plan->B + start * (nint)n + column + j;
                if (column + j >= firstPacked)
                {
                    tile.BRow = vectors * TSimd.Count;
                    panel = plan->Packed + (column + j - firstPacked) * (nint)k + start * tile.BRow;
                }
                T* from = start > 0 ? c + j : init == null ? null : init + j;
                Tiles<TSimd, TVec, T>.Panel(&tile, vectors, rows, used, blocks, pack ? packedA : source, panel, c + j, from, start > 0 ? cRow : initRow);
            }
            start += steps;
        }
        while (start < k);
    }

    /// <summary>The row blocks of <see cref="Tiles{TSimd, TVec, T}.Panel"/> from a transposed a, one after the other, each [steps, rows].</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void PackBlocks(T* a, nint aStep, int rows, int steps, T* packed, T* end)
    {
        int max = Tiles<TSimd, TVec, T>.MaxRows(2), blocks = (rows + max - 1) / max;
        for (int block = 0; block < blocks; block++)
        {
            int count = rows / blocks + (block < rows % blocks ? 1 : 0), bytes = count * sizeof(T);
            T* source = a;
            // whole registers while a lasts: what they write too much, the next step overwrites
            int whole = Vector256.IsHardwareAccelerated ? (int)Math.Clamp((end - a - 64 / sizeof(T)) / aStep + 1, 0, steps - 1) : 0;
            int i = 0;
            for (; i < whole; i++, source += aStep, packed += count)
            {
                Vector256.Load((byte*)source).Store((byte*)packed);
                if (bytes > 32) Vector256.Load((byte*)source + 32).Store((byte*)packed + 32);
            }
            for (; i < steps; i++, source += aStep, packed += count)
            {
                for (int r = 0; r < count; r++) packed[r] = source[r];
            }
            a += count;
        }
    }

    /// <summary>packed[step, column] with zeros behind the last column.</summary>
    private static void PackTransposed(T* b, nint bRow, int steps, int columns, T* packed, nint width)
    {
        if (columns < width) new Span<T>(packed, (int)(steps * width)).Clear();
        Tiles<TSimd, TVec, T>.Transpose(b, bRow, columns, steps, packed, width);
    }

    /// <summary>Rows side by side; what is left of a row's last vector becomes 0.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void CopyRows(T* source, nint sourceRow, int rows, T* destination, nint destinationRow, nint count)
    {
        nint whole = count / TSimd.Count * TSimd.Count, rest = count - whole;
        for (int i = 0; i < rows; i++, source += sourceRow, destination += destinationRow)
        {
            for (nint j = 0; j < whole; j += TSimd.Count) TSimd.Store(destination + j, TSimd.Load(source + j));
            if (rest > 0) TSimd.Store(destination + whole, Lanes<TSimd, TVec, T>.Load(source + whole, rest));
        }
    }
}
