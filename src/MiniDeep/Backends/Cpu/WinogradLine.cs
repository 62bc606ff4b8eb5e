using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The constants a, b, their squares, and what <see cref="WinogradLine{TSimd, TVec, T}"/> needs besides.</summary>
internal struct WinogradNumbers<TVec>
    where TVec : unmanaged
{
    public TVec A, B, A2, B2, MinusA2, MinusB2;

    /// <summary>-(a² + b²) and a² - b².</summary>
    public TVec MinusSum, Difference;
}

/// <summary>
/// Winograd's transforms along one line, by Toom and Cook at the points 0, ±a, ±b and infinity: 6 products for F(4, 3), four results under three taps, and for F(3, 4), the
/// gradient to the taps. a = 3/4 and b = 4/3 keep float32's errors to some 1e-6 of the largest result (0, ±1, ±2 give five times that: Barabasz et al., "Error Analysis
/// and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020), and ab = 1 saves products.
/// </summary>
/// <remarks>
/// Each point may scale its products as it likes, as long as both factors and the result know: here ±a and ±b are scaled so that <see cref="SourcePair"/>, <see cref="Top"/>,
/// <see cref="Bottom"/> and <see cref="GradientPair"/>, which run for every tile, multiply least.
/// </remarks>
internal static class WinogradLine<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private const double PointA = 3.0 / 4, PointB = 4.0 / 3, SquareA = PointA * PointA, SquareB = PointB * PointB;

    /// <summary>The product of a point's distances to the other finite points, for ±a and for ±b.</summary>
    private const double DistancesA = 2 * SquareA * (SquareA - SquareB), DistancesB = 2 * SquareB * (SquareB - SquareA);

    /// <summary>The constants of what runs for every tile. Kernels are given them, and copy them to locals: as constants in the code they would be read from memory each time.</summary>
    public static WinogradNumbers<TVec> Numbers => new()
    {
        A = Number(PointA),
        B = Number(PointB),
        A2 = Number(SquareA),
        B2 = Number(SquareB),
        MinusA2 = Number(-SquareA),
        MinusB2 = Number(-SquareB),
        MinusSum = Number(-SquareA - SquareB),
        Difference = Number(SquareA - SquareB),
    };

    [MethodImpl(Inline)]
    private static TVec Number(double value) => TSimd.Broadcast(Real<T>.Of(value));

    /// <summary>a * b, which no subnormal number slows down: see <see cref="VectorMath{TSimd, TVec, T}.Product"/>. The sign of a 0 doesn't matter here.</summary>
    [MethodImpl(Inline)]
    private static TVec Product(TVec a, TVec b) => TSimd.MultiplyAdd(a, b, TSimd.Zero);

    /// <summary>The source at 0 and at infinity.</summary>
    [MethodImpl(Inline)]
    public static void SourceEnds(TVec minusSum, TVec d0, TVec d1, TVec d2, TVec d3, TVec d4, TVec d5, out TVec zero, out TVec infinity)
    {
        zero = TSimd.MultiplyAdd(minusSum, d2, TSimd.Add(d0, d4));
        infinity = TSimd.MultiplyAdd(minusSum, d3, TSimd.Add(d1, d5));
    }

    /// <summary>The source at ±<paramref name="point"/>; <paramref name="minusOther"/> is the other point's square, negative.</summary>
    [MethodImpl(Inline)]
    public static void SourcePair(TVec point, TVec minusOther, TVec d1, TVec d2, TVec d3, TVec d4, out TVec plus, out TVec minus)
    {
        TVec even = TSimd.MultiplyAdd(minusOther, d2, d4), odd = Product(point, TSimd.MultiplyAdd(minusOther, d1, d3));
        plus = TSimd.Add(even, odd);
        minus = TSimd.Subtract(even, odd);
    }

    /// <summary>The source of two results at 0 and at infinity.</summary>
    [MethodImpl(Inline)]
    public static void EdgeEnds(TVec minusA2, TVec minusB2, TVec d0, TVec d1, TVec d2, TVec d3, out TVec zero, out TVec infinity)
    {
        // 1 / a² = b²
        zero = TSimd.MultiplyAdd(minusB2, d2, d0);
        infinity = TSimd.MultiplyAdd(minusA2, d1, d3);
    }

    /// <summary>The source of two results at ±a, times a² - b²: as the kernel and the taps have it for four.</summary>
    [MethodImpl(Inline)]
    public static void EdgePair(TVec a, TVec difference, TVec d1, TVec d2, out TVec plus, out TVec minus)
    {
        TVec even = Product(difference, d2), odd = Product(a, Product(difference, d1));
        plus = TSimd.Add(even, odd);
        minus = TSimd.Subtract(even, odd);
    }

    /// <summary>Two results.</summary>
    [MethodImpl(Inline)]
    public static void Edge(TVec b, TVec m0, TVec m1, TVec m2, TVec m5, out TVec y0, out TVec y1)
    {
        y0 = TSimd.MultiplyAdd(b, TSimd.Add(m1, m2), m0);
        y1 = TSimd.Add(TSimd.Subtract(m1, m2), m5);
    }

    /// <summary>The first two of four results.</summary>
    [MethodImpl(Inline)]
    public static void Top(TVec a, TVec b, TVec m0, TVec m1, TVec m2, TVec m3, TVec m4, out TVec y0, out TVec y1)
    {
        // 1 / a = b
        y0 = TSimd.MultiplyAdd(a, TSimd.Add(m3, m4), TSimd.MultiplyAdd(b, TSimd.Add(m1, m2), m0));
        y1 = TSimd.Add(TSimd.Subtract(m1, m2), TSimd.Subtract(m3, m4));
    }

    /// <summary>The last two of four results.</summary>
    [MethodImpl(Inline)]
    public static void Bottom(TVec a, TVec b, TVec a2, TVec b2, TVec m1, TVec m2, TVec m3, TVec m4, TVec m5, out TVec y2, out TVec y3)
    {
        y2 = TSimd.MultiplyAdd(a, TSimd.Add(m1, m2), Product(b, TSimd.Add(m3, m4)));
        y3 = TSimd.MultiplyAdd(a2, TSimd.Subtract(m1, m2), TSimd.MultiplyAdd(b2, TSimd.Subtract(m3, m4), m5));
    }

    /// <summary>Three taps at the six points, for <see cref="Top"/> and <see cref="Bottom"/>.</summary>
    [MethodImpl(Inline)]
    public static void Kernel(TVec g0, TVec g1, TVec g2, out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec r4, out TVec r5)
    {
        TVec evenA = TSimd.Multiply(Number(PointA / DistancesA), TSimd.MultiplyAdd(Number(SquareA), g2, g0)), oddA = TSimd.Multiply(Number(SquareA / DistancesA), g1);
        TVec evenB = TSimd.Multiply(Number(PointB / DistancesB), TSimd.MultiplyAdd(Number(SquareB), g2, g0)), oddB = TSimd.Multiply(Number(SquareB / DistancesB), g1);
        r0 = g0;
        r1 = TSimd.Add(evenA, oddA);
        r2 = TSimd.Subtract(evenA, oddA);
        r3 = TSimd.Add(evenB, oddB);
        r4 = TSimd.Subtract(evenB, oddB);
        r5 = g2;
    }

    /// <summary>Four results' gradients at ±<paramref name="point"/>, whose square is given too; at 0 and infinity they are the first and the last.</summary>
    [MethodImpl(Inline)]
    public static void GradientPair(TVec point, TVec square, TVec y0, TVec y1, TVec y2, TVec y3, out TVec plus, out TVec minus)
    {
        TVec even = TSimd.MultiplyAdd(square, y2, y0), odd = Product(point, TSimd.MultiplyAdd(square, y3, y1));
        plus = TSimd.Add(even, odd);
        minus = TSimd.Subtract(even, odd);
    }

    /// <summary>Two results' gradients at ±a; at 0 and infinity they are the first and the second.</summary>
    [MethodImpl(Inline)]
    public static void EdgeGradientPair(TVec a, TVec y0, TVec y1, out TVec plus, out TVec minus)
    {
        TVec odd = Product(a, y1);
        plus = TSimd.Add(y0, odd);
        minus = TSimd.Subtract(y0, odd);
    }

    /// <summary>The taps' gradients from the sums of products of <see cref="SourceEnds"/>, <see cref="SourcePair"/> and <see cref="GradientPair"/>.</summary>
    [MethodImpl(Inline)]
    public static void Taps(TVec m0, TVec m1, TVec m2, TVec m3, TVec m4, TVec m5, out TVec g0, out TVec g1, out TVec g2)
    {
        TVec evenA = TSimd.Multiply(Number(1 / DistancesA), TSimd.Add(m1, m2)), oddA = TSimd.Multiply(Number(PointA / DistancesA), TSimd.Subtract(m1, m2));
        TVec evenB = TSimd.Multiply(Number(1 / DistancesB), TSimd.Add(m3, m4)), oddB = TSimd.Multiply(Number(PointB / DistancesB), TSimd.Subtract(m3, m4));
        g0 = TSimd.Add(m0, TSimd.Add(evenA, evenB));
        g1 = TSimd.Add(oddA, oddB);
        g2 = TSimd.MultiplyAdd(Number(SquareA), evenA, TSimd.MultiplyAdd(Number(SquareB), evenB, m5));
    }
}
