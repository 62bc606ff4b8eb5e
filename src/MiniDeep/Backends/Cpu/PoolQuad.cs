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
    /// Stores the largest and its place (0 to 3, row by row); of both extremes the smallest too, and 4 times its place is added. Right where all four are finite:
    /// <paramref name="zeros"/> stays zero as long as they are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TPool>(TVec a, TVec b, TVec c, TVec d, T* y, T* low, byte* argmax, ref TVec zeros)
        where TPool : struct, IConstant
    {
        TVec top = TSimd.Max(TSimd.Max(a, b), TSimd.Max(c, d));
        zeros = TSimd.MultiplyAdd(TSimd.Zero, TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), zeros);
        TVec place = Place(a, b, c, top, 1);
        if (TPool.Value == Extremes.Value)
        {
            TVec bottom = TSimd.Min(TSimd.Min(a, b), TSimd.Min(c, d));
            TSimd.Store(low, bottom);
            place = TSimd.Add(place, Place(a, b, c, bottom, 4));
        }
        Store<TPool>(top, place, y, argmax);
    }

    /// <summary>As the other, the first NaN winning over all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreAny<TPool>(TVec a, TVec b, TVec c, TVec d, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        TVec top = a, bottom = c, place = TSimd.Zero, bottomPlace = Number(2);
        MaxPool<TSimd, TVec, T>.Better(b, Number(1), ref top, ref place);
        MaxPool<TSimd, TVec, T>.Better(d, Number(3), ref bottom, ref bottomPlace);
        MaxPool<TSimd, TVec, T>.Better(bottom, bottomPlace, ref top, ref place);
        if (TPool.Value == Extremes.Value)
        {
            // beside a NaN it doesn't matter which this is
            TVec smallest = TSimd.Min(TSimd.Min(a, b), TSimd.Min(c, d));
            TSimd.Store(low, smallest);
            place = TSimd.Add(place, Place(a, b, c, smallest, 4));
        }
        Store<TPool>(top, place, y, argmax);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TPool>(TVec top, TVec place, T* y, byte* argmax)
        where TPool : struct, IConstant
    {
        if (TPool.Value == Rectified.Value)
        {
            // where nothing is positive all four become 0, and the first wins
            place = TSimd.AndNot(place, TSimd.GreaterThanOrEqual(TSimd.Zero, top));
            top = TSimd.Max(TSimd.Zero, top);
        }
        TSimd.Store(y, top);
        if (argmax != null) ByteLanes<TSimd, TVec, T>.Store(argmax, place);
    }

    /// <summary>What Store left in vectors, as far as the channels exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyPart<TPool>(T* fromY, T* fromLow, byte* fromArgmax, int used, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        Lanes<TSimd, TVec, T>.Store(y, used, TSimd.Load(fromY));
        if (TPool.Value == Extremes.Value) Lanes<TSimd, TVec, T>.Store(low, used, TSimd.Load(fromLow));
        for (int lane = 0; lane < used && argmax != null; lane++) argmax[lane] = fromArgmax[lane];
    }

    /// <summary>The first of the four that is the winner, counted in units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Place(TVec a, TVec b, TVec c, TVec winner, int unit)
    {
        TVec place = TSimd.Select(TSimd.Equal(c, winner), Number(2 * unit), Number(3 * unit));
        place = TSimd.Select(TSimd.Equal(b, winner), Number(unit), place);
        return TSimd.AndNot(place, TSimd.Equal(a, winner));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Number(int value) => TSimd.Broadcast(Real<T>.Of(value));

    /// <summary>Where x sigmoid(x) is smallest: the root of 1 + x (1 - sigmoid(x)).</summary>
    private const double SwishMinimum = -1.2784645427610738;

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

    [MethodImpl(JitOptions.Kernel)]
    private static void SwishVectors(T* y, T* low, byte* argmax, bool slope, nint count)
    {
        TVec minimum = TSimd.Broadcast(Real<T>.Of(SwishMinimum));
        for (nint i = 0; i < count; i += TSimd.Count)
        {
            TVec top = TSimd.Load(y + i), bottom = TSimd.Load(low + i);
            // both to the left of the minimum: the smallest gives more; both to its right, or one positive: the largest does
            TVec lower = TSimd.GreaterThan(minimum, top);
            uint open = TSimd.Signs(TSimd.GreaterThan(TSimd.Zero, top)) & TSimd.Signs(TSimd.GreaterThan(minimum, bottom)) & ~TSimd.Signs(lower);
            TVec result = VectorMath<TSimd, TVec, T>.Swish(TSimd.Select(lower, bottom, top), out TVec derivative);
            if (open != 0)
            {
                TVec other = VectorMath<TSimd, TVec, T>.Swish(bottom, out TVec otherDerivative);
                TVec more = TSimd.And(TSimd.AndNot(TSimd.GreaterThan(TSimd.Zero, top), lower), TSimd.And(TSimd.GreaterThan(minimum, bottom), TSimd.GreaterThan(other, result)));
                result = TSimd.Select(more, other, result);
                derivative = TSimd.Select(more, otherDerivative, derivative);
                lower = TSimd.Or(lower, more);
            }
            TSimd.Store(y + i, result);
            if (slope) TSimd.Store(low + i, derivative);
            if (argmax != null) ByteLanes<TSimd, TVec, T>.TakeField(argmax + i, lower);
        }
    }
}
