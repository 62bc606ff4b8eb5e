using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>The operands of a product of matrices, one or a batch of them; the left one may be an image seen as a matrix.</summary>
internal struct ProductArgs<T>
    where T : unmanaged, INumber<T>
{
    public ArrayView<T> A, B;

    /// <summary>Where an operand is the gradient of an image pooled by windows of 2 x 2: the winners' places.</summary>
    public ArrayView<byte> Winners;

    public Matrix Left, Right;
    public Gather Image;
    public int Rows, Columns, Depth, Batch;
    public ProductTile Shape;

    /// <summary>The sum is cut into so many, of so many terms; where there are several, each is stored by itself.</summary>
    public int Splits, SplitDepth;

    public ArrayView<T> Parts;
    public Epilogue<T> End;

    /// <summary>Where the sum of a part is stored.</summary>
    public readonly int Part(int split, int row, int batch, int column) => (((((split * Rows) + row) * Batch) + batch) * Columns) + column;
}

/// <summary>The tile of a group of threads: powers of two.</summary>
internal struct ProductTile
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>The shared memory that tiles take at most: those of 64-bit floats.</summary>
    public const int SharedBytes = 40 << 10;

    /// <summary>The rows and the columns of the large tiles, which have one shape.</summary>
    public const int LargeBits = 7;

    /// <summary>Rows, columns, and terms of the sum that are loaded at a time.</summary>
    public int RowBits, ColumnBits, DepthBits;

    /// <summary>Where a tile is too small for all threads at 4 x 4 elements each, so many parts of them each take a part of the sum.</summary>
    public int SliceBits;

    /// <summary>The tiles of a matrix.</summary>
    public int TilesDown, TilesAcross;
}

/// <summary>Which tile a group has: the tiles of a row of tiles are neighbours, then come the rows, the batch and the parts of the sum.</summary>
internal struct TilePlace
{
    public int Down, Across, Batch, Split;

    public static TilePlace Of<T>(int group, ProductArgs<T> args)
        where T : unmanaged, INumber<T>
    {
        TilePlace place = default;
        int rest = group / args.Shape.TilesAcross;
        place.Across = group - (rest * args.Shape.TilesAcross);
        int above = rest / args.Shape.TilesDown;
        place.Down = rest - (above * args.Shape.TilesDown);
        place.Split = above / args.Batch;
        place.Batch = above - (place.Split * args.Batch);
        return place;
    }
}

/// <summary>A product, an element a thread: where groups have no shared memory worth using, and where groups of channels are too narrow for tiles.</summary>
internal readonly struct PlainKernel<T, R, TOperands> : IKernel<ProductArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
    where TOperands : struct, IOperands<T, TOperands>
{
    public static void Run(ProductArgs<T> args)
    {
        int size = args.End.Windows != 0 ? 4 : 1, rows = args.Rows / size, count = args.Splits * rows * args.Batch * args.Columns;
        for (int i = Work.First; i < count; i += Work.Step)
        {
            int rest = i / args.Columns, column = i - (rest * args.Columns), above = rest / args.Batch, batch = rest - (above * args.Batch);
            int split = above / rows, row = above - (split * rows);
            Window<T> window = default;
            T sum = T.Zero;
            for (int place = 0; place < size; place++)
            {
                sum = Sum(args, (row * size) + place, column, batch, split);
                if (size > 1) window = args.End.Add<R>(window, place, column, batch, sum);
            }
            if (size > 1) args.End.Store<R>(row, column, batch, window);
            else if (args.Splits > 1) args.Parts[i] = sum;
            else args.End.Store<R>(row, column, batch, sum);
        }
    }

    private static T Sum(ProductArgs<T> args, int row, int column, int batch, int split)
    {
        int first = split * args.SplitDepth, last = first + args.SplitDepth < args.Depth ? first + args.SplitDepth : args.Depth;
        int right = (batch * args.Right.BatchStride) + (column * args.Right.RowStride);
        T sum = T.Zero;
        for (int k = first; k < last; k++) sum += TOperands.LeftElement(args, row, k, batch) * TOperands.RightElement(args, right, k);
        return sum;
    }
}

/// <summary>The parts of a sum, one after the other.</summary>
internal readonly struct PartsKernel<T, R> : IKernel<PartsArgs<T>>
    where T : unmanaged, INumber<T>
    where R : struct, IReal<T>
{
    public static void Run(PartsArgs<T> args)
    {
        int count = args.Rows * args.Batch * args.Columns;
        for (int i = Work.First; i < count; i += Work.Step)
        {
            T sum = args.Parts[i];
            for (int part = 1; part < args.Count; part++) sum += args.Parts[(part * count) + i];
            int rest = i / args.Columns, row = rest / args.Batch;
            args.End.Store<R>(row, i - (rest * args.Columns), rest - (row * args.Batch), sum);
        }
    }
}

/// <summary>The parts of sums: [count, rows, batch, columns].</summary>
internal struct PartsArgs<T>
    where T : unmanaged, INumber<T>
{
    public ArrayView<T> Parts;
    public int Count, Rows, Batch, Columns;
    public Epilogue<T> End;
}
