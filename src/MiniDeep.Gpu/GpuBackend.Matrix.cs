using System.Numerics;
using ILGPU;

namespace MiniDeep;

internal sealed partial class GpuBackend
{
    public void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate)
    {
        if (c.DType == DType.Float32) MatMul<float, Real32>(a, transposeA, b, transposeB, c, accumulate);
        else MatMul<double, Real64>(a, transposeA, b, transposeB, c, accumulate);
    }

    public bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope)
    {
        if (y.DType == DType.Float32) Linear<float, Real32>(x, w, bias, activation, y, slope);
        else Linear<double, Real64>(x, w, bias, activation, y, slope);
        return true;
    }

    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias)
    {
        lock (_lock)
        {
            ActivationGrad(activation, saved, dy, dy, dbias, accumulateBias);
            if (!dw.IsNone) MatMul(x, true, dy, false, dw, accumulateW);
            if (!dx.IsNone) MatMul(dy, false, w, true, dx, accumulateX);
        }
        return true;
    }

    public void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias)
    {
        if (dz.DType == DType.Float32) ActivationGrad<float, Real32>(activation, saved, dy, dz, dbias, accumulateBias);
        else ActivationGrad<double, Real64>(activation, saved, dy, dz, dbias, accumulateBias);
    }

    private void MatMul<T, R>(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        int rank = c.Shape.Rank, m = c.Shape[rank - 2], n = c.Shape[rank - 1], k = a.Shape[transposeA ? ^2 : ^1], batch = 1;
        for (int axis = 0; axis < rank - 2; axis++) batch *= c.Shape[axis];
        bool oneA = a.Shape.Rank == 2, oneB = b.Shape.Rank == 2;
        if (oneB && !oneA && !transposeA)
        {
            // the matrices on the left are one high one
            m *= batch;
            batch = 1;
        }
        lock (_lock)
        {
            ProductArgs<T> args = Product<T>(a, b, m, n, k, batch);
            args.Left = new Matrix { RowStride = transposeA ? 1 : k, KStride = transposeA ? m : 1, BatchStride = oneA ? 0 : m * k, AlongK = transposeA ? 0 : 1 };
            args.Right = new Matrix { RowStride = transposeB ? k : 1, KStride = transposeB ? 1 : n, BatchStride = oneB ? 0 : k * n, AlongK = transposeB ? 1 : 0 };
            args.End = End<T>(c, n, accumulate);
            args.End.BatchStride = m * n;
            Run<T, R, MatrixOperands<T>>(args);
        }
    }

    private void Linear<T, R>(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        int n = y.Shape[1], k = x.Shape[1];
        lock (_lock)
        {
            ProductArgs<T> args = Product<T>(x, w, y.Shape[0], n, k, 1);
            args.Left = new Matrix { RowStride = k, KStride = 1, AlongK = 1 };
            args.Right = new Matrix { RowStride = 1, KStride = n };
            args.End = End<T>(y, n, false, bias, activation, slope);
            Run<T, R, MatrixOperands<T>>(args);
        }
    }

    private void ActivationGrad<T, R>(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        int columns = dz.Shape[^1], rows = columns == 0 ? 0 : dz.Shape.ElementCount / columns;
        bool inPlace = ReferenceEquals(dy.Storage, dz.Storage) && dy.Offset == dz.Offset, sums = !dbias.IsNone;
        bool stays = inPlace && activation.Kind == UnaryKind.Identity;
        if (columns == 0 || (!sums && (stays || rows == 0))) return;
        lock (_lock)
        {
            (int chunkRows, int chunks) = ColumnChunks(rows);
            ColumnArgs<T> args = new()
            {
                Dy = View<T>(dy),
                Saved = View<T>(saved),
                Dz = View<T>(dz),
                Sums = !sums || chunks == 1 ? View<T>(dbias) : _parts.Take<T>((long)chunks * columns),
                Rows = rows,
                Columns = columns,
                ChunkRows = chunkRows,
                ColumnBits = Math.Min(BitOperations.Log2((uint)Math.Min(Limits.MapGroup, 32)), BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)columns))),
                Activation = Kernel<T>(activation),
                WantsDz = stays ? 0 : 1,
                WantsSums = sums ? 1 : 0,
                Accumulate = chunks == 1 && accumulateBias ? 1 : 0,
            };
            int across = ((columns - 1) >> args.ColumnBits) + 1;
            _kernels.Launch<ColumnKernel<T, R>, ColumnArgs<T>>(new KernelConfig(across * chunks, Limits.MapGroup), args);
            if (sums && chunks > 1) Sum<T, R>(args.Sums, chunks, 1, 1, columns, End<T>(dbias, columns, accumulateBias));
        }
    }

    /// <summary>Rows that a group of threads sums, and how many groups there are. From the number of rows alone, so that sums have one order.</summary>
    private static (int Rows, int Chunks) ColumnChunks(int rows)
    {
        const int One = 256, Least = 128, Most = 256;
        if (rows <= One) return (Math.Max(rows, 1), 1);
        int chunkRows = Math.Max(Least, (int)(((long)rows + Most - 1) / Most));
        return (chunkRows, (int)(((long)rows + chunkRows - 1) / chunkRows));
    }

    private ProductArgs<T> Product<T>(in TensorView a, in TensorView b, int rows, int columns, int depth, int batch)
        where T : unmanaged, INumber<T> => new()
        {
            A = View<T>(a),
            B = View<T>(b),
            Winners = View<byte>(default),
            Parts = View<T>(default),
            Rows = rows,
            Columns = columns,
            Depth = depth,
            Batch = batch,
        };

    private Epilogue<T> End<T>(in TensorView y, int rowStride, bool accumulate, in TensorView bias = default, FusedActivation activation = default, in TensorView slope = default)
        where T : unmanaged, INumber<T> => new()
        {
            Y = View<T>(y),
            Bias = View<T>(bias),
            Slope = View<T>(slope),
            Places = View<byte>(default),
            RowStride = rowStride,
            HasBias = bias.IsNone ? 0 : 1,
            HasSlope = slope.IsNone ? 0 : 1,
            Accumulate = accumulate ? 1 : 0,
            Activation = Kernel<T>(activation),
        };

    private static Activation<T> Kernel<T>(FusedActivation activation)
        where T : unmanaged, INumber<T> => new() { Kind = (int)activation.Kind, Alpha = T.CreateTruncating(activation.Alpha), FromSlope = activation.GradientFromOutput ? 0 : 1 };

    /// <summary>Starts a product's kernel, and a second one where its sums are cut.</summary>
    private void Run<T, R, TOperands>(ProductArgs<T> args, bool narrow = false)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
        where TOperands : struct, IOperands<T, TOperands>
    {
        int elements = checked(args.Rows * args.Columns * args.Batch);
        if (elements == 0) return;
        bool whole = args.End.Windows != 0, tiles = Limits.HasTiles && !narrow;
        TilePlan plan = tiles
            ? TilePlan.Of(args.Rows, args.Columns, args.Depth, args.Batch, R.IsDouble ? int.MaxValue : Limits.LargeTiles, whole)
            : TilePlan.OfElements(args.Rows, args.Columns, args.Depth, args.Batch, whole);
        args.Shape = plan.Shape;
        args.Splits = plan.Splits;
        args.SplitDepth = plan.SplitDepth;
        if (plan.Splits > 1) args.Parts = _parts.Take<T>((long)plan.Splits * elements);
        if (!tiles) _kernels.Map<PlainKernel<T, R, TOperands>, ProductArgs<T>>((long)plan.Splits * elements, args);
        else if (plan.Large) _kernels.Launch<LargeTileKernel<T, R, TOperands>, ProductArgs<T>>(new KernelConfig(plan.Groups, ProductTile.Threads), args);
        else _kernels.Launch<TileKernel<T, R, TOperands>, ProductArgs<T>>(new KernelConfig(plan.Groups, ProductTile.Threads), args);
        if (plan.Splits > 1) Sum<T, R>(args.Parts, plan.Splits, args.Rows, args.Batch, args.Columns, args.End);
    }

    private void Sum<T, R>(ArrayView<T> parts, int count, int rows, int batch, int columns, Epilogue<T> end)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        PartsArgs<T> args = new() { Parts = parts, Count = count, Rows = rows, Batch = batch, Columns = columns, End = end };
        _kernels.Map<PartsKernel<T, R>, PartsArgs<T>>((long)rows * batch * columns, args);
    }
}
