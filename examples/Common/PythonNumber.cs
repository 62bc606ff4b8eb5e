using System.Globalization;
using System.Numerics;

namespace MiniDeep.Examples;

/// <summary>Numbers as Python prints them, to the letter: a notebook's output can be compared byte for byte.</summary>
public static class PythonNumber
{
    /// <summary>As <c>f"{value:.{digits}f}"</c>: rounded from the number's exact binary value, a tie to the even digit (0.125 gives 0.12, where .NET gives 0.13).</summary>
    public static string Fixed(double value, int digits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(digits);
        if (!double.IsFinite(value)) return NotFinite(value);
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) & 0x7FF;
        long fraction = bits & 0xF_FFFF_FFFF_FFFF;
        // value = ± mantissa · 2^power
        BigInteger mantissa = exponent == 0 ? fraction : fraction | 1L << 52;
        int power = Math.Max(exponent, 1) - 1075;
        BigInteger scaled = mantissa * BigInteger.Pow(10, digits);
        BigInteger whole = power >= 0 ? scaled << power : RoundHalfEven(scaled, -power);
        string text = whole.ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        string sign = bits < 0 ? "-" : "";
        return digits == 0 ? sign + text : $"{sign}{text[..^digits]}.{text[^digits..]}";
    }

    /// <summary>As <c>print(value)</c>: the fewest digits that read back to the same number, with ".0" for a whole one.</summary>
    public static string Shortest(double value)
    {
        if (!double.IsFinite(value)) return NotFinite(value);
        string scientific = Scientific(value);
        string[] parts = scientific.Split('E');
        int power = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (value != 0 && power is < -4 or >= 16)
            return string.Create(CultureInfo.InvariantCulture, $"{parts[0]}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}");
        string text = decimal.Parse(scientific, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        if (double.IsNegative(value) && value == 0) text = "-0";
        return text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
    }

    private static BigInteger RoundHalfEven(BigInteger value, int bits)
    {
        BigInteger whole = value >> bits;
        int side = (value - (whole << bits)).CompareTo(BigInteger.One << (bits - 1));
        return side > 0 || (side == 0 && !whole.IsEven) ? whole + 1 : whole;
    }

    /// <summary>The shortest digits that read back to the number, with an exponent.</summary>
    private static string Scientific(double value)
    {
        for (int digits = 0; ; digits++)
        {
            string text = value.ToString("E" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (digits == 16 || double.Parse(text, CultureInfo.InvariantCulture) == value) return text;
        }
    }

    private static string NotFinite(double value) => double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}
