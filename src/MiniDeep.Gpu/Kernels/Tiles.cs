using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>
/// A product by tiles, 4 x 4 elements a thread. The operands' tiles are loaded into shared memory while the ones before are multiplied. The sums then go to shared memory, so
/// that neighbouring threads write neighbours and the end of the work (bias, activation) is there only once.
/// </summary>
internal readonly struct TileKernel<T, R, TOperands> : IKernel<ProductArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
    where TOperands : struct, IOperands<T, TOperands>
{
    /// <summary>Quads of one operand's tile: the most that a shape needs, rows being padded by one.</summary>
    private const int Half = 320;

    public static int? GroupSize => ProductTile.Threads;

    public static int? GroupsAtOnce => R.IsDouble ? 2 : 3;

    public static void Run(ProductArgs<T> args)
    {
        ArrayView<Quad<T>> shared = SharedMemory.Allocate<Quad<T>>(4 * Half);
        ArrayView<T> cells = shared.Cast<T>();
        ProductTile shape = args.Shape;
        int thread = Group.IdxX;
        TilePlace place = TilePlace.Of(Grid.IdxX, args);
        int firstRow = place.Down << shape.RowBits, firstColumn = place.Across << shape.ColumnBits;

        Carry left = Carry.Of(thread, shape.RowBits, shape.DepthBits, args.Left.AlongK), right = Carry.Of(thread, shape.ColumnBits, shape.DepthBits, args.Right.AlongK);
        TOperands source = TOperands.Start(args, firstRow, left, place.Batch);
        int rightRow = firstColumn + right.Row, rightStart = (place.Batch * args.Right.BatchStride) + (rightRow * args.Right.RowStride);

        // one quad of padding a row: columns that threads write side by side then lie in different banks
        int rowQuads = (1 << (shape.RowBits - 2)) + 1, columnQuads = (1 << (shape.ColumnBits - 2)) + 1;
        int slice = thread >> (shape.RowBits + shape.ColumnBits - 4), inSlice = thread & ((1 << (shape.RowBits + shape.ColumnBits - 4)) - 1);
        int down = inSlice >> (shape.ColumnBits - 2), across = inSlice & ((1 << (shape.ColumnBits - 2)) - 1);
        int sliceDepth = 1 << (shape.DepthBits - shape.SliceBits), sliceStart = slice * sliceDepth;

        int k = place.Split * args.SplitDepth, last = k + args.SplitDepth < args.Depth ? k + args.SplitDepth : args.Depth;
        Block<T> sums = default;
        int at = 0;
        SharedTile.Store(cells, left, TOperands.Left(source, args, left, k, last), shape.RowBits, shape.DepthBits, 4 * rowQuads, 0);
        SharedTile.Store(cells, right, TOperands.Right(args, rightRow, rightStart, right, k, last), shape.ColumnBits, shape.DepthBits, 4 * columnQuads, 8 * Half);
        Group.Barrier();
        while (k < last)
        {
            k += 1 << shape.DepthBits;
            Quad<T> nextLeft = TOperands.Left(source, args, left, k, last);
            Quad<T> nextRight = TOperands.Right(args, rightRow, rightStart, right, k, last);
            int a = (at * Half) + (sliceStart * rowQuads) + down, b = ((2 + at) * Half) + (sliceStart * columnQuads) + across;
            for (int i = 0; i < sliceDepth; i += 4)
            {
                sums = Block<T>.Add(sums, shared[a], shared[b]);
                sums = Block<T>.Add(sums, shared[a + rowQuads], shared[b + columnQuads]);
                sums = Block<T>.Add(sums, shared[a + (2 * rowQuads)], shared[b + (2 * columnQuads)]);
                sums = Block<T>.Add(sums, shared[a + (3 * rowQuads)], shared[b + (3 * columnQuads)]);
                a += 4 * rowQuads;
                b += 4 * columnQuads;
            }
            at = 1 - at;
            SharedTile.Store(cells, left, nextLeft, shape.RowBits, shape.DepthBits, 4 * rowQuads, 4 * Half * at);
            SharedTile.Store(cells, right, nextRight, shape.ColumnBits, shape.DepthBits, 4 * columnQuads, (8 + (4 * at)) * Half);
            Group.Barrier();
        }

        SharedTile.StoreSums(shared, sums, (slice << (shape.RowBits + shape.ColumnBits - 2)) + (down << shape.ColumnBits) + across, 1 << (shape.ColumnBits - 2));
        Group.Barrier();
        Ending.Write<T, R>(args, cells, place, firstRow, firstColumn, shape.RowBits, shape.ColumnBits, 1 << shape.SliceBits);
    }
}

/// <summary>
/// The same with tiles of 128 x 128 and four blocks of 4 x 4 a thread, 64 rows or columns apart: twice as much arithmetic for each element that is read from shared memory.
/// </summary>
internal readonly struct LargeTileKernel<T, R, TOperands> : IKernel<ProductArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
    where TOperands : struct, IOperands<T, TOperands>
{
    private const int RowQuads = (1 << (ProductTile.LargeBits - 2)) + 1, DepthBits = 3, Half = RowQuads << DepthBits;

    public static int? GroupSize => ProductTile.Threads;

    public static int? GroupsAtOnce => 2;

    public static void Run(ProductArgs<T> args)
    {
        ArrayView<Quad<T>> shared = SharedMemory.Allocate<Quad<T>>(4 * Half);
        ArrayView<T> cells = shared.Cast<T>();
        int thread = Group.IdxX, down = thread >> 4, across = thread & 15;
        TilePlace place = TilePlace.Of(Grid.IdxX, args);
        int firstRow = place.Down << ProductTile.LargeBits, firstColumn = place.Across << ProductTile.LargeBits;

        Carry left = Carry.Of(thread, ProductTile.LargeBits, DepthBits, args.Left.AlongK), right = Carry.Of(thread, ProductTile.LargeBits, DepthBits, args.Right.AlongK);
        TOperands source = TOperands.Start(args, firstRow, left, place.Batch);
        int rightRow = firstColumn + right.Row, rightStart = (place.Batch * args.Right.BatchStride) + (rightRow * args.Right.RowStride);

        int k = place.Split * args.SplitDepth, last = k + args.SplitDepth < args.Depth ? k + args.SplitDepth : args.Depth;
        LargeBlock<T> sums = default;
        int at = 0;
        SharedTile.StoreAll(cells, left, TOperands.Left(source, args, left, k, last), 4 * RowQuads, 0);
        SharedTile.StoreAll(cells, right, TOperands.Right(args, rightRow, rightStart, right, k, last), 4 * RowQuads, 8 * Half);
        Group.Barrier();
        while (k < last)
        {
            k += 1 << DepthBits;
            Quad<T> nextLeft = TOperands.Left(source, args, left, k, last);
            Quad<T> nextRight = TOperands.Right(args, rightRow, rightStart, right, k, last);
            int a = (at * Half) + down, b = ((2 + at) * Half) + across, end = a + Half;
            for (; a < end; a += 2 * RowQuads, b += 2 * RowQuads)
            {
                sums = Add(sums, shared, a, b);
                sums = Add(sums, shared, a + RowQuads, b + RowQuads);
            }
            at = 1 - at;
            SharedTile.StoreAll(cells, left, nextLeft, 4 * RowQuads, 4 * Half * at);
            SharedTile.StoreAll(cells, right, nextRight, 4 * RowQuads, (8 + (4 * at)) * Half);
            Group.Barrier();
        }

        for (int quarter = 0; quarter < 4; quarter++)
        {
            Block<T> block = quarter == 0 ? sums.Upper0 : quarter == 1 ? sums.Upper1 : quarter == 2 ? sums.Lower0 : sums.Lower1;
            SharedTile.StoreSums(shared, block, (down << 6) + across, 16);
            Group.Barrier();
            Ending.Write<T, R>(args, cells, place, firstRow + (64 * (quarter >> 1)), firstColumn + (64 * (quarter & 1)), 6, 6, 1);
            Group.Barrier();
        }
    }

    private static LargeBlock<T> Add(LargeBlock<T> sums, ArrayView<Quad<T>> shared, int a, int b) => LargeBlock<T>.Add(sums, shared[a], shared[a + 16], shared[b], shared[b + 16]);
}

/// <summary>What both kinds of tiles do with shared memory.</summary>
internal static class SharedTile
{
    /// <summary>Stores what a thread carries of a tile, in rows of one k.</summary>
    public static void Store<T>(ArrayView<T> cells, Carry carry, Quad<T> four, int rowBits, int depthBits, int stride, int start)
        where T : unmanaged
    {
        int rows = 1 << rowBits, depth = 1 << depthBits, at = start + (carry.K * stride) + carry.Row, step = (carry.KStep * stride) + carry.RowStep;
        if (carry.Row >= rows || carry.K >= depth) return;
        cells[at] = four.X;
        if (carry.Row + carry.RowStep >= rows || carry.K + carry.KStep >= depth) return;
        cells[at + step] = four.Y;
        if (carry.Row + (2 * carry.RowStep) >= rows || carry.K + (2 * carry.KStep) >= depth) return;
        cells[at + (2 * step)] = four.Z;
        if (carry.Row + (3 * carry.RowStep) >= rows || carry.K + (3 * carry.KStep) >= depth) return;
        cells[at + (3 * step)] = four.W;
    }

    /// <summary>The same where a tile is as large as the group carries.</summary>
    public static void StoreAll<T>(ArrayView<T> cells, Carry carry, Quad<T> four, int stride, int start)
        where T : unmanaged
    {
        int at = start + (carry.K * stride) + carry.Row, step = (carry.KStep * stride) + carry.RowStep;
        cells[at] = four.X;
        cells[at + step] = four.Y;
        cells[at + (2 * step)] = four.Z;
        cells[at + (3 * step)] = four.W;
    }

    public static void StoreSums<T>(ArrayView<Quad<T>> shared, Block<T> sums, int at, int step)
        where T : unmanaged, INumber<T>
    {
        shared[at] = sums.Row0;
        shared[at + step] = sums.Row1;
        shared[at + (2 * step)] = sums.Row2;
        shared[at + (3 * step)] = sums.Row3;
    }
}
