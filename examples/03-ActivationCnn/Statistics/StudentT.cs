namespace ActivationCnn;

/// <summary>Student's t distribution with a whole number of degrees of freedom.</summary>
internal static class StudentT
{
    private const double Tiny = 1e-300;
    private const double Precision = 1e-15;
    private const int MaxTerms = 1000;

    /// <summary>The probability of a value at least as far from 0 as <paramref name="t"/>: I_x(n/2, 1/2) at x = n / (n + t²) (DLMF 8.17, Abramowitz and Stegun 26.7.1).</summary>
    /// <param name="t">The statistic; infinite ones give 0.</param>
    /// <param name="degreesOfFreedom">At least 1.</param>
    public static double TwoSided(double t, int degreesOfFreedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degreesOfFreedom, 1);
        double n = degreesOfFreedom, square = t * t;
        if (double.IsPositiveInfinity(square)) return 0;
        return RegularizedBeta(n / (n + square), square / (n + square), degreesOfFreedom);
    }

    /// <summary>I_x(n/2, 1/2).</summary>
    /// <param name="x">From 0 to 1.</param>
    /// <param name="rest">1 - x, given because the difference would lose digits.</param>
    /// <param name="n">Twice the first parameter.</param>
    private static double RegularizedBeta(double x, double rest, int n)
    {
        if (x == 0 || rest == 0) return x == 0 ? 0 : 1;
        double a = n / 2.0, front = Math.Pow(x, a) * Math.Sqrt(rest) / HalfBeta(n);
        // the fraction converges fast below its mean; above it the other end does
        return x < (a + 1) / (a + 2.5) ? front * Fraction(a, 0.5, x) / a : 1 - (front * Fraction(0.5, a, rest) / 0.5);
    }

    /// <summary>B(n/2, 1/2), up from B(1/2, 1/2) = π or B(1, 1/2) = 2 by B(a + 1, b) = B(a, b) a / (a + b).</summary>
    private static double HalfBeta(int n)
    {
        double value = n % 2 == 1 ? Math.PI : 2;
        for (double a = n % 2 == 1 ? 0.5 : 1; a < n / 2.0; a++) value *= a / (a + 0.5);
        return value;
    }

    /// <summary>The continued fraction of DLMF 8.17.22, evaluated by Lentz's method (Thompson and Barnett 1986).</summary>
    private static double Fraction(double a, double b, double x)
    {
        double c = 1, d = Away(1 - ((a + b) * x / (a + 1))), value = 1 / d;
        d = 1 / d;
        for (int m = 1; m <= MaxTerms; m++)
        {
            Multiply(m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m))));
            double last = Multiply(-(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1)));
            if (Math.Abs(last - 1) < Precision) break;
        }
        return value;

        double Multiply(double term)
        {
            d = 1 / Away(1 + (term * d));
            c = Away(1 + (term / c));
            value *= c * d;
            return c * d;
        }

        static double Away(double number) => Math.Abs(number) < Tiny ? Tiny : number;
    }
}
