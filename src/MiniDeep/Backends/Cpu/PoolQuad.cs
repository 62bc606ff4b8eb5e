using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// The four outputs of a convolution under one 2 x 2 window, activated and pooled in registers. Where the activation never falls, the largest output is found first
/// and only that one is activated. Swish falls and then rises, so its largest value lies at one of the two extremes.
/// </summary>
internal static class PoolQuad<TSimd, TVec, T, TKind>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
    where TKind : struct, IConstant
{
    /// <summary>f of the winner, its place (0 to 3, row by row), and f' there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Pool(TVec alpha, TVec a, TVec b, TVec c, TVec d, out TVec place, out TVec slope)
    {
        TVec one = TSimd.Broadcast(Real<T>.Of(1)), two = TSimd.Broadcast(Real<T>.Of(2)), three = TSimd.Broadcast(Real<T>.Of(3));
        TVec top = a, bottom = c, topPlace = TSimd.Zero, bottomPlace = two;
        MaxPool<TSimd, TVec, T>.Better(b, one, ref top, ref topPlace);
        MaxPool<TSimd, TVec, T>.Better(d, three, ref bottom, ref bottomPlace);
        MaxPool<TSimd, TVec, T>.Better(bottom, bottomPlace, ref top, ref topPlace);
        place = topPlace;
        if (TKind.Value != (int)UnaryKind.Swish) return Activate<TSimd, TVec, T>.Forward((UnaryKind)TKind.Value, alpha, top, out slope);

        TVec low = a, right = c, lowPlace = TSimd.Zero, rightPlace = two;
        Less(b, one, ref low, ref lowPlace);
        Less(d, three, ref right, ref rightPlace);
        Less(right, rightPlace, ref low, ref lowPlace);
        TVec y = VectorMath<TSimd, TVec, T>.Swish(top, out slope), other = VectorMath<TSimd, TVec, T>.Swish(low, out TVec otherSlope);
        TVec lower = TSimd.GreaterThan(other, y);
        place = TSimd.Select(lower, lowPlace, topPlace);
        slope = TSimd.Select(lower, otherSlope, slope);
        return TSimd.Select(lower, other, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Less(TVec value, TVec number, ref TVec best, ref TVec place)
    {
        TVec better = TSimd.GreaterThan(best, value);
        best = TSimd.Select(better, value, best);
        place = TSimd.Select(better, number, place);
    }
}
