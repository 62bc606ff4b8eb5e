using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Pool for an activation that never falls.</summary>
internal readonly struct Largest : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 0; }
}

/// <summary>Pool and ReLU.</summary>
internal readonly struct Rectified : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; }
}

/// <summary>Pool for an activation that falls and then rises.</summary>
internal readonly struct Extremes : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2; }
}

/// <summary>
/// The four outputs of a convolution under one 2 x 2 window, pooled in registers before the activation: where that never falls, its largest value is that of the
/// largest output. Swish falls and then rises, so its largest value lies at one of the two extremes, and both are kept until <see cref="Swish"/>.
/// </summary>
[SkipLocalsInit]
internal static unsafe class PoolQuad<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    /// <summary>
    /// Stores the largest and its place (0 to 3, row by row), and returns the largest. Of both extremes the smallest is stored too, and 4 times its place is added.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Store<TPool>(TVec a, TVec b, TVec c, TVec d, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        TVec one = TSimd.Broadcast(Real<T>.Of(1)), two = TSimd.Broadcast(Real<T>.Of(2)), three = TSimd.Broadcast(Real<T>.Of(3));
        TVec top = a, bottom = c, place = TSimd.Zero, bottomPlace = two;
        MaxPool<TSimd, TVec, T>.Better(b, one, ref top, ref place);
        MaxPool<TSimd, TVec, T>.Better(d, three, ref bottom, ref bottomPlace);
        MaxPool<TSimd, TVec, T>.Better(bottom, bottomPlace, ref top, ref place);
        if (TPool.Value == Rectified.Value)
        {
            // where nothing is positive all four become 0, and the first wins
            place = TSimd.AndNot(place, TSimd.GreaterThanOrEqual(TSimd.Zero, top));
            top = TSimd.Max(TSimd.Zero, top);
        }
        TSimd.Store(y, top);
        if (TPool.Value == Extremes.Value)
        {
            TVec four = TSimd.Broadcast(Real<T>.Of(4)), eight = TSimd.Broadcast(Real<T>.Of(8)), twelve = TSimd.Broadcast(Real<T>.Of(12));
            TVec left = a, right = c, leftPlace = TSimd.Zero, rightPlace = eight;
            Less(b, four, ref left, ref leftPlace);
            Less(d, twelve, ref right, ref rightPlace);
            Less(right, rightPlace, ref left, ref leftPlace);
            TSimd.Store(low, left);
            place = TSimd.Add(place, leftPlace);
        }
        if (argmax != null) ByteLanes<TSimd, TVec, T>.Store(argmax, place);
        return top;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Less(TVec value, TVec number, ref TVec best, ref TVec place)
    {
        TVec better = TSimd.GreaterThan(best, value);
        best = TSimd.Select(better, value, best);
        place = TSimd.Select(better, number, place);
    }

    /// <summary>Swish of whichever extreme gives more: y holds the largest, low the smallest outputs, which f' replaces where it is wanted.</summary>
    public static void Swish(T* y, T* low, byte* argmax, bool slope, nint count)
    {
        nint whole = count / TSimd.Count * TSimd.Count, rest = count - whole;
        SwishVectors(y, low, argmax, slope, whole);
        if (rest == 0) return;
        // the tail goes through whole vectors too, so that an element has the same bits wherever it stands
        T* lanes = stackalloc T[32];
        byte* places = stackalloc byte[16];
        new Span<T>(lanes, 32).Clear();
        new Span<byte>(places, 16).Clear();
        for (nint i = 0; i < rest; i++) (lanes[i], lanes[16 + i]) = (y[whole + i], low[whole + i]);
        for (nint i = 0; i < rest && argmax != null; i++) places[i] = argmax[whole + i];
        SwishVectors(lanes, lanes + 16, places, slope, TSimd.Count);
        for (nint i = 0; i < rest; i++) (y[whole + i], low[whole + i]) = (lanes[i], lanes[16 + i]);
        for (nint i = 0; i < rest && argmax != null; i++) argmax[whole + i] = places[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SwishVectors(T* y, T* low, byte* argmax, bool slope, nint count)
    {
        TVec quarter = TSimd.Broadcast(Real<T>.Of(0.25)), offset = TSimd.Broadcast(Real<T>.Of(-0.375)), minusFour = TSimd.Broadcast(Real<T>.Of(-4));
        for (nint i = 0; i < count; i += TSimd.Count)
        {
            TVec result = VectorMath<TSimd, TVec, T>.Swish(TSimd.Load(y + i), out TVec derivative);
            TVec other = VectorMath<TSimd, TVec, T>.Swish(TSimd.Load(low + i), out TVec otherDerivative);
            TVec lower = TSimd.GreaterThan(other, result);
            TSimd.Store(y + i, TSimd.Select(lower, other, result));
            if (slope) TSimd.Store(low + i, TSimd.Select(lower, otherDerivative, derivative));
            if (argmax == null) continue;
            TVec places = ByteLanes<TSimd, TVec, T>.Load(argmax + i);
            TVec lowPlace = TSimd.Round(TSimd.MultiplyAdd(places, quarter, offset));
            ByteLanes<TSimd, TVec, T>.Store(argmax + i, TSimd.Select(lower, lowPlace, TSimd.MultiplyAdd(lowPlace, minusFour, places)));
        }
    }
}
