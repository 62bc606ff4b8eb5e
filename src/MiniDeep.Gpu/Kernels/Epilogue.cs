using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>What becomes of a product's sums: bias, activation and slope, then stored or added; or the largest of each window of four rows.</summary>
internal struct Epilogue<T>
    where T : unmanaged, INumber<T>
{
    public ArrayView<T> Y, Bias, Slope;

    /// <summary>The winners' places in their windows.</summary>
    public ArrayView<byte> Places;

    /// <summary>From one row of the result, and from one view of the batch, to the next; the same of the bias.</summary>
    public int RowStride, BatchStride, BiasStride;

    public int HasBias, HasSlope, HasPlaces, Accumulate, Windows;
    public Activation<T> Activation;

    public readonly void Store<R>(int row, int column, int batch, T sum)
        where R : struct, IReal<T>
    {
        int at = (row * RowStride) + (batch * BatchStride) + column;
        T z = HasBias != 0 ? sum + Bias[(batch * BiasStride) + column] : sum;
        if (HasSlope != 0) Slope[at] = Activation.Slope<R>(z);
        T y = Activation.Apply<R>(z);
        Y[at] = Accumulate != 0 ? Y[at] + y : y;
    }

    /// <summary>A window with one more pixel; the first of equals stays the largest, and the first NaN.</summary>
    public readonly Window<T> Add<R>(Window<T> window, int place, int column, int batch, T sum)
        where R : struct, IReal<T>
    {
        T z = HasBias != 0 ? sum + Bias[(batch * BiasStride) + column] : sum, y = Activation.Apply<R>(z);
        if (place > 0 && (T.IsNaN(window.Y) || (!T.IsNaN(y) && !(y > window.Y)))) return window;
        window.Y = y;
        window.Z = z;
        window.Place = place;
        return window;
    }

    public readonly void Store<R>(int row, int column, int batch, Window<T> window)
        where R : struct, IReal<T>
    {
        int at = (row * RowStride) + (batch * BatchStride) + column;
        Y[at] = window.Y;
        if (HasPlaces != 0) Places[at] = (byte)window.Place;
        if (HasSlope != 0) Slope[at] = Activation.Slope<R>(window.Z);
    }
}

/// <summary>The largest element of a window so far: its value after and before the activation, and its place.</summary>
internal struct Window<T>
    where T : unmanaged
{
    public T Y, Z;
    public int Place;
}

/// <summary>An activation and its constant.</summary>
internal struct Activation<T>
    where T : unmanaged, INumber<T>
{
    /// <summary>One of the kinds of <see cref="FusedActivation"/>.</summary>
    public int Kind;

    public T Alpha;

    /// <summary>Whether the gradient is told the slope, not the result.</summary>
    public int FromSlope;

    public readonly T Apply<R>(T z)
        where R : struct, IReal<T>
    {
        switch ((UnaryKind)Kind)
        {
            case UnaryKind.Relu: return T.IsNaN(z) || z > T.Zero ? z : T.Zero;
            case UnaryKind.LeakyRelu: return z > T.Zero ? z : Alpha * z;
            case UnaryKind.Sigmoid: return RealMath.Sigmoid<T, R>(z);
            case UnaryKind.Tanh: return RealMath.Tanh<T, R>(z);
            case UnaryKind.Swish: return RealMath.Swish<T, R>(z);
            default: return z;
        }
    }

    /// <summary>f'(z).</summary>
    public readonly T Slope<R>(T z)
        where R : struct, IReal<T>
    {
        if ((UnaryKind)Kind == UnaryKind.Swish) return RealMath.SwishSlope<T, R>(z);
        if ((UnaryKind)Kind == UnaryKind.LeakyRelu) return z > T.Zero ? T.One : Alpha;
        return SlopeOfResult(Apply<R>(z));
    }

    /// <summary>f' from what the forward pass keeps.</summary>
    public readonly T SlopeFromSaved(T saved) => FromSlope != 0 ? saved : SlopeOfResult(saved);

    private readonly T SlopeOfResult(T y)
    {
        switch ((UnaryKind)Kind)
        {
            case UnaryKind.Relu: return y > T.Zero ? T.One : T.Zero;
            case UnaryKind.LeakyRelu: return y > T.Zero ? T.One : Alpha;
            case UnaryKind.Sigmoid: return y * (T.One - y);
            case UnaryKind.Tanh: return T.One - (y * y);
            default: return T.One;
        }
    }
}

/// <summary>The end of a tile: its sums lie in shared memory, slice by slice, row by row.</summary>
internal static class Ending
{
    public static void Write<T, R>(ProductArgs<T> args, ArrayView<T> cells, TilePlace place, int firstRow, int firstColumn, int rowBits, int columnBits, int slices)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        int cellCount = 1 << (rowBits + columnBits);
        if (args.End.Windows != 0)
        {
            for (int i = Group.IdxX; i < cellCount / 4; i += ProductTile.Threads)
            {
                int window = i >> columnBits, inTile = i & ((1 << columnBits) - 1), row = firstRow + (4 * window), column = firstColumn + inTile;
                if (row < args.Rows && column < args.Columns) Largest<T, R>(args.End, cells, (window << (columnBits + 2)) + inTile, columnBits, cellCount, slices, row / 4, column, place.Batch);
            }
            return;
        }
        for (int i = Group.IdxX; i < cellCount; i += ProductTile.Threads)
        {
            int row = firstRow + (i >> columnBits), column = firstColumn + (i & ((1 << columnBits) - 1));
            if (row >= args.Rows || column >= args.Columns) continue;
            T sum = Sum(cells, i, cellCount, slices);
            if (args.Splits > 1) args.Parts[args.Part(place.Split, row, place.Batch, column)] = sum;
            else args.End.Store<R>(row, column, place.Batch, sum);
        }
    }

    private static void Largest<T, R>(Epilogue<T> end, ArrayView<T> cells, int cell, int columnBits, int cellCount, int slices, int row, int column, int batch)
        where T : unmanaged, INumber<T>
        where R : struct, IReal<T>
    {
        Window<T> best = default;
        for (int i = 0; i < 4; i++) best = end.Add<R>(best, i, column, batch, Sum(cells, cell + (i << columnBits), cellCount, slices));
        end.Store<R>(row, column, batch, best);
    }

    private static T Sum<T>(ArrayView<T> cells, int cell, int cellCount, int slices)
        where T : unmanaged, INumber<T>
    {
        T sum = cells[cell];
        for (int slice = 1; slice < slices; slice++) sum += cells[cell + (slice * cellCount)];
        return sum;
    }
}
