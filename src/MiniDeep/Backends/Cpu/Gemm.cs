using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniDeep;

/// <summary>The arguments of matrix products: c = f(op(a) op(b) + bias), or c += op(a) op(b); slope gets f'.</summary>
internal unsafe struct MatMulCall<T> : IKernelCall<T>
    where T : unmanaged
{
    public T* A, B, C, Bias, Slope;
    public int M, N, K;
    public bool TransposeA, TransposeB, Accumulate;
    public FusedActivation Activation;
    public int Batch;

    /// <summary>Elements from one matrix of the batch to the next; 0 where one matrix serves all.</summary>
    public nint BatchA, BatchB, BatchC;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        fixed (MatMulCall<T>* call = &this) Gemm<TSimd, TVec, T>.Run(call);
    }
}

/// <summary>
/// Matrix products in blocks of the result. Each block is one thread's: it packs what needs packing (a transposed b; both where the strides of large matrices
/// would throw each other out of the cache) and sums over k in steps of fixed size, in order, so that an element has the same bits whatever the threads.
/// </summary>
internal static unsafe class Gemm<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>Steps of the sum that stay in the cache with a packed block; sums of up to one and a half of that aren't split.</summary>
    private const int DepthBlock = 256;

    /// <summary>Multiply-adds that are worth another chunk.</summary>
    private const long ChunkWork = 1 << 18;

    /// <summary>From here on packing a block again for every chunk costs more than chunks gain.</summary>
    private const long LargeWork = 1 << 26;

    public static void Run(MatMulCall<T>* call)
    {
        if (call->M == 0 || call->N == 0 || call->Batch == 0) return;
        if (call->Batch == 1 && !call->TransposeA && !call->Accumulate && TinyLinear<TSimd, TVec, T>.Supports(call->M, call->N, call->K))
        {
            TinyLinear<TSimd, TVec, T>.Product(call->A, call->B, call->TransposeB, call->Bias, call->C, call->M, call->N, call->K);
            Activate<TSimd, TVec, T>.Forward(call->Activation, call->C, call->C, call->Slope, (nint)call->M * call->N);
            return;
        }
        int panel = 2 * TSimd.Count;
        long work = (long)call->M * call->N * Math.Max(call->K, 1);
        Blocks blocks = new() { Call = call, Rows = call->M, Columns = call->N, Batches = 1 };
        if (work < ChunkWork)
        {
            blocks.Batches = (int)Math.Clamp(ChunkWork / work, 1, call->Batch);
        }
        else
        {
            long wanted = Math.Min(work < LargeWork ? 16 : 8, work / ChunkWork);
            blocks.Rows = Math.Min(call->M, 256);
            blocks.Columns = Math.Min(call->N, 16 * panel);
            while (blocks.Count < wanted)
            {
                if (blocks.Columns > panel && (blocks.Columns >= blocks.Rows || blocks.Rows <= 16)) blocks.Columns = (blocks.Columns / 2 + panel - 1) / panel * panel;
                else if (blocks.Rows > 16) blocks.Rows = (blocks.Rows / 2 + 7) / 8 * 8;
                else break;
            }
        }
        ThreadTeam.Run(ref blocks, (int)blocks.Count);
    }

    private struct Blocks : IChunkedWork
    {
        public MatMulCall<T>* Call;
        public int Rows, Columns, Batches;

        public readonly long Count => (long)((Call->Batch + Batches - 1) / Batches) * RowBlocks * ColumnBlocks;
        private readonly int RowBlocks => (Call->M + Rows - 1) / Rows;
        private readonly int ColumnBlocks => (Call->N + Columns - 1) / Columns;

        public readonly void Execute(int chunk)
        {
            int column = chunk % ColumnBlocks;
            chunk /= ColumnBlocks;
            int row = chunk % RowBlocks, first = chunk / RowBlocks * Batches;
            for (int batch = first; batch < Math.Min(first + Batches, Call->Batch); batch++)
            {
                Block(Call, batch, row * Rows, Math.Min(Rows, Call->M - row * Rows), column * Columns, Math.Min(Columns, Call->N - column * Columns));
            }
        }
    }

    private static void Block(MatMulCall<T>* call, int batch, int row, int rows, int column, int columns)
    {
        int m = call->M, n = call->N, k = call->K, width = 2 * TSimd.Count;
        nint aRow = call->TransposeA ? 1 : k, aStep = call->TransposeA ? m : 1;
        T* a = call->A + batch * call->BatchA + row * aRow;
        T* b = call->B + batch * call->BatchB + column * (nint)(call->TransposeB ? k : 1);
        nint cOffset = batch * call->BatchC + (nint)row * n + column;
        T* c = call->C + cOffset;
        bool packB = call->TransposeB || (rows >= 96 && k >= 96);
        bool packA = packB && columns >= 8 * TSimd.Count && k > 1 && rows > 1;
        int depth = (packA || packB) && k > DepthBlock * 3 / 2 ? DepthBlock : k;
        using Scratch scratch = packA || packB || columns % TSimd.Count != 0 ? Scratch.Open() : default;
        T* packedA = packA ? scratch.Take<T>((nint)depth * rows) : null;
        T* packedB = packB || columns % TSimd.Count != 0 ? scratch.Take<T>((nint)depth * width) : null;
        int start = 0;
        do
        {
            int steps = Math.Min(depth, k - start);
            if (packA) PackRows(a + start * aStep, aRow, aStep, rows, steps, packedA, Tiles<TSimd, TVec, T>.MaxRows(2));
            for (int j = 0; j < columns; j += width)
            {
                int used = Math.Min(width, columns - j);
                int vectors = used > TSimd.Count ? 2 : 1;
                TileShape tile = TileShape.Flat(steps, packA ? 1 : aRow, aStep, n, n);
                T* panel = b + start * (nint)n + j;
                if (packB || used < vectors * TSimd.Count)
                {
                    tile.BRow = vectors * TSimd.Count;
                    T* source = call->TransposeB ? b + (nint)j * k + start : panel;
                    PackPanel(source, call->TransposeB ? k : n, call->TransposeB, steps, used, packedB, tile.BRow);
                    panel = packedB;
                }
                T* init = start > 0 || call->Accumulate ? c + j : call->Bias == null ? null : call->Bias + column + j;
                nint initRow = start > 0 || call->Accumulate ? n : 0;
                Tiles<TSimd, TVec, T>.Panel(&tile, vectors, rows, used, packA, packA ? packedA : a + start * aStep, panel, c + j, init, initRow);
            }
            start += steps;
        }
        while (start < k);
        if (call->Activation.Kind == UnaryKind.Identity && call->Slope == null) return;
        T* slope = call->Slope == null ? null : call->Slope + cOffset;
        if (columns == n)
        {
            Activate<TSimd, TVec, T>.Forward(call->Activation, c, c, slope, (nint)rows * n);
            return;
        }
        for (nint i = 0; i < rows; i++) Activate<TSimd, TVec, T>.Forward(call->Activation, c + i * n, c + i * n, slope == null ? null : slope + i * n, columns);
    }

    /// <summary>The row blocks of <see cref="Tiles{TSimd, TVec, T}.Panel"/>, one after the other, each [steps, rows].</summary>
    private static void PackRows(T* a, nint aRow, nint aStep, int rows, int steps, T* packed, int max)
    {
        int blocks = (rows + max - 1) / max;
        for (int block = 0; block < blocks; block++)
        {
            int count = Tiles<TSimd, TVec, T>.RowBlock(rows, blocks, block);
            if (aStep == 1) Tiles<TSimd, TVec, T>.Transpose(a, aRow, count, steps, packed, count);
            else CopyRows(a, aStep, steps, packed, count, count);
            a += count * aRow;
            packed += (nint)count * steps;
        }
    }

    /// <summary>packed[step, column] with zeros behind the last column.</summary>
    private static void PackPanel(T* b, nint bRow, bool transposed, int steps, int columns, T* packed, nint width)
    {
        if (columns < width) new Span<T>(packed, (int)(steps * width)).Clear();
        if (transposed) Tiles<TSimd, TVec, T>.Transpose(b, bRow, columns, steps, packed, width);
        else CopyRows(b, bRow, steps, packed, width, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(T* source, nint sourceRow, int rows, T* destination, nint destinationRow, nint count)
    {
        if (count * sizeof(T) == 32)
        {
            // a row block's width with wide registers
            for (int i = 0; i < rows; i++, source += sourceRow, destination += destinationRow) Vector256.Load((byte*)source).Store((byte*)destination);
            return;
        }
        for (int i = 0; i < rows; i++)
        {
            nint j = 0;
            for (; j + TSimd.Count <= count; j += TSimd.Count) TSimd.Store(destination + j, TSimd.Load(source + j));
            for (; j < count; j++) destination[j] = source[j];
            source += sourceRow;
            destination += destinationRow;
        }
    }
}
