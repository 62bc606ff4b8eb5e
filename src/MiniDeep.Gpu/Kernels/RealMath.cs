using System.Numerics;
using ILGPU;
using ILGPU.Algorithms;

namespace MiniDeep;

/// <summary>
/// Elementary functions for both float types and all devices, to about two units in the last place: argument reduction by Cody and Waite (1980), then Taylor polynomials
/// on the reduced range. Special values as IEEE 754 says.
/// </summary>
internal static class RealMath
{
    public static T NaN<T, R>() where T : unmanaged, INumber<T> where R : struct, IReal<T> => R.Of(double.NaN);

    public static T Infinity<T, R>() where T : unmanaged, INumber<T> where R : struct, IReal<T> => R.Of(double.PositiveInfinity);

    /// <summary>e^x.</summary>
    public static T Exp<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        if (T.IsNaN(x)) return x;
        if (x > R.Of(R.IsDouble ? 709.79 : 88.73)) return Infinity<T, R>();
        if (x < R.Of(R.IsDouble ? -745.2 : -104)) return T.Zero;
        int n = R.ToInt(R.Floor((x * R.Of(1.4426950408889634)) + R.Of(0.5)));
        T k = R.FromInt(n);
        // ln 2 in two parts, the first with so few bits that its product with n is exact
        T r = R.IsDouble
            ? (x - (k * R.Of(0.693147180369123816490))) - (k * R.Of(1.90821492927058770002e-10))
            : (x - (k * R.Of(0.693359375))) + (k * R.Of(2.12194440054690583e-4));
        T y = T.One + ExpMinusOnePolynomial<T, R>(r);
        // in two factors: the result may be subnormal, or the power too large by one
        int half = n / 2;
        return y * R.PowerOfTwo(half) * R.PowerOfTwo(n - half);
    }

    /// <summary>e^x - 1, precise near 0.</summary>
    public static T ExpMinusOne<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T> =>
        x > R.Of(-0.35) && x < R.Of(0.35) ? ExpMinusOnePolynomial<T, R>(x) : Exp<T, R>(x) - T.One;

    /// <summary>Natural logarithm.</summary>
    public static T Log<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        if (!(x > T.Zero)) return x == T.Zero ? -Infinity<T, R>() : NaN<T, R>();
        if (x == Infinity<T, R>()) return x;
        int shift = 0;
        if (x < R.Of(R.IsDouble ? 2.2250738585072014e-308 : 1.17549435e-38))
        {
            shift = R.IsDouble ? 54 : 25;
            x *= R.PowerOfTwo(shift);
        }
        int e = R.Exponent(x);
        // halved first: 2^-e itself may be out of range
        T m = x * R.PowerOfTwo(-(e / 2)) * R.PowerOfTwo((e / 2) - e);
        if (m > R.Of(1.4142135623730951))
        {
            m *= R.Of(0.5);
            e++;
        }
        // log m = 2 artanh s
        T s = (m - T.One) / (m + T.One), z = s * s;
        T p = R.Of(1.0 / 9);
        if (R.IsDouble)
        {
            p = R.Of(1.0 / 23);
            p = (p * z) + R.Of(1.0 / 21);
            p = (p * z) + R.Of(1.0 / 19);
            p = (p * z) + R.Of(1.0 / 17);
            p = (p * z) + R.Of(1.0 / 15);
            p = (p * z) + R.Of(1.0 / 13);
            p = (p * z) + R.Of(1.0 / 11);
            p = (p * z) + R.Of(1.0 / 9);
        }
        p = (p * z) + R.Of(1.0 / 7);
        p = (p * z) + R.Of(1.0 / 5);
        p = (p * z) + R.Of(1.0 / 3);
        T k = R.FromInt(e - shift), twice = s + s;
        T tail = twice * z * p;
        return R.IsDouble
            ? (k * R.Of(0.693147180369123816490)) + (twice + (tail + (k * R.Of(1.90821492927058770002e-10))))
            : (k * R.Of(0.693359375)) + (twice + (tail - (k * R.Of(2.12194440054690583e-4))));
    }

    /// <summary>log(1 + x) for x in [0, 1], precise near 0 (Kahan).</summary>
    public static T LogOnePlus<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        T u = T.One + x;
        return u == T.One ? x : Log<T, R>(u) * (x / (u - T.One));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    public static T Sigmoid<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T> => T.One / (T.One + Exp<T, R>(-x));

    /// <summary>(e^2x - 1) / (e^2x + 1).</summary>
    public static T Tanh<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        if (T.IsNaN(x)) return x;
        bool negative = x < T.Zero;
        T size = negative ? -x : x;
        if (size == T.Zero) return x;
        T t = ExpMinusOne<T, R>(-(size + size));
        T y = -t / (t + R.Of(2));
        return negative ? -y : y;
    }

    /// <summary>log(1 + e^x), without overflow.</summary>
    public static T Softplus<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        if (T.IsNaN(x)) return x;
        bool negative = x < T.Zero;
        return (negative ? T.Zero : x) + LogOnePlus<T, R>(Exp<T, R>(negative ? x : -x));
    }

    /// <summary>x sigmoid(x), with the limit 0 at -infinity.</summary>
    public static T Swish<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T> =>
        x == -Infinity<T, R>() ? T.Zero : x * Sigmoid<T, R>(x);

    /// <summary>The derivative of <see cref="Swish"/>.</summary>
    public static T SwishSlope<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        if (x == -Infinity<T, R>()) return T.Zero;
        T s = Sigmoid<T, R>(x);
        // at infinity s is 1, and infinity times 0 would be NaN
        T rest = T.One - s;
        return rest == T.Zero ? s : s * (T.One + (x * rest));
    }

    public static T Sin<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T> => Wave<T, R>(x, 0);

    public static T Cos<T, R>(T x) where T : unmanaged, INumber<T> where R : struct, IReal<T> => Wave<T, R>(x, 1);

    /// <summary>x^y, by the logarithm in 53 bits; exact signs and special values as C's pow.</summary>
    public static double Pow(double x, double y)
    {
        if (y == 0 || x == 1) return 1;
        if (double.IsNaN(x) || double.IsNaN(y)) return double.NaN;
        bool whole = XMath.Floor(y) == y;
        bool odd = whole && XMath.Floor(y * 0.5) * 2 != y;
        double size = x < 0 ? -x : x;
        double power;
        if (size == 0) power = y < 0 ? double.PositiveInfinity : 0;
        else if (y == double.PositiveInfinity) return size == 1 ? 1 : size > 1 ? double.PositiveInfinity : 0;
        else if (y == double.NegativeInfinity) return size == 1 ? 1 : size > 1 ? 0 : double.PositiveInfinity;
        else if (size == double.PositiveInfinity) power = y < 0 ? 0 : double.PositiveInfinity;
        else if (x < 0 && !whole) return double.NaN;
        else if (size == 1) power = 1;
        else if (whole && y > 0 && y <= 64) power = SmallPower(size, (int)y);
        else if (whole && y < 0 && y >= -64) power = 1 / SmallPower(size, (int)-y);
        else power = Exp<double, Real64>(y * Log<double, Real64>(size));
        return odd && (Interop.FloatAsInt(x) >> 63) != 0 ? -power : power;
    }

    private static double SmallPower(double x, int n)
    {
        double power = 1;
        for (; n > 0; n >>= 1)
        {
            if ((n & 1) != 0) power *= x;
            x *= x;
        }
        return power;
    }

    /// <summary>e^r - 1 for |r| up to 0.35.</summary>
    private static T ExpMinusOnePolynomial<T, R>(T r) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        T p = R.Of(1.0 / 5040);
        if (R.IsDouble)
        {
            p = R.Of(1.0 / 6227020800);
            p = (p * r) + R.Of(1.0 / 479001600);
            p = (p * r) + R.Of(1.0 / 39916800);
            p = (p * r) + R.Of(1.0 / 3628800);
            p = (p * r) + R.Of(1.0 / 362880);
            p = (p * r) + R.Of(1.0 / 40320);
            p = (p * r) + R.Of(1.0 / 5040);
        }
        p = (p * r) + R.Of(1.0 / 720);
        p = (p * r) + R.Of(1.0 / 120);
        p = (p * r) + R.Of(1.0 / 24);
        p = (p * r) + R.Of(1.0 / 6);
        p = (p * r) + R.Of(0.5);
        return (p * r * r) + r;
    }

    /// <summary>sin(x + quarters pi / 2). The reduced argument is a float of x's own type, the reduction is in 53 bits.</summary>
    private static T Wave<T, R>(T x, int quarters) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        double wide = R.ToDouble(x);
        double size = wide < 0 ? -wide : wide;
        // NaN too
        if (!(size < double.PositiveInfinity)) return NaN<T, R>();
        if (size > 5e8) return R.Of(quarters == 0 ? XMath.Sin(wide) : XMath.Cos(wide));
        double turns = XMath.Floor((wide * 0.63661977236758134) + 0.5);
        int n = (int)turns + quarters;
        // pi / 2 in three parts of 33 bits each, so that the first products are exact
        double reduced = ((wide - (turns * 1.57079632673412561417)) - (turns * 6.07710050630396597660e-11)) - (turns * 2.02226624879595063154e-21);
        T r = R.Of(reduced), z = r * r;
        T y = (n & 1) == 0 ? SinPolynomial<T, R>(r, z) : CosPolynomial<T, R>(z);
        return (n & 2) == 0 ? y : -y;
    }

    private static T SinPolynomial<T, R>(T r, T z) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        T p = R.Of(1.0 / 362880);
        if (R.IsDouble)
        {
            p = R.Of(-1.0 / 121645100408832000);
            p = (p * z) + R.Of(1.0 / 355687428096000);
            p = (p * z) - R.Of(1.0 / 1307674368000);
            p = (p * z) + R.Of(1.0 / 6227020800);
            p = (p * z) - R.Of(1.0 / 39916800);
            p = (p * z) + R.Of(1.0 / 362880);
        }
        p = (p * z) - R.Of(1.0 / 5040);
        p = (p * z) + R.Of(1.0 / 120);
        p = (p * z) - R.Of(1.0 / 6);
        return (p * z * r) + r;
    }

    private static T CosPolynomial<T, R>(T z) where T : unmanaged, INumber<T> where R : struct, IReal<T>
    {
        T p = R.Of(-1.0 / 3628800);
        if (R.IsDouble)
        {
            p = R.Of(1.0 / 2432902008176640000);
            p = (p * z) - R.Of(1.0 / 6402373705728000);
            p = (p * z) + R.Of(1.0 / 20922789888000);
            p = (p * z) - R.Of(1.0 / 87178291200);
            p = (p * z) + R.Of(1.0 / 479001600);
            p = (p * z) - R.Of(1.0 / 3628800);
        }
        p = (p * z) + R.Of(1.0 / 40320);
        p = (p * z) - R.Of(1.0 / 720);
        p = (p * z) + R.Of(1.0 / 24);
        p = (p * z) - R.Of(0.5);
        return (p * z) + T.One;
    }
}
