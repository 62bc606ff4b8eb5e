using System.Globalization;
using MiniDeep.Examples;

namespace MiniDeep.Tests;

/// <summary>Numbers, tables and languages.</summary>
public class TextTests
{
    // expected values: Python 3.11
    [Theory]
    [InlineData(0.125, 2, "0.12")]
    [InlineData(0.375, 2, "0.38")]
    [InlineData(0.03125, 4, "0.0312")]
    [InlineData(1.005, 2, "1.00")]
    [InlineData(2.5, 0, "2")]
    [InlineData(-0.00001, 4, "-0.0000")]
    [InlineData(-1.5, 1, "-1.5")]
    [InlineData(0.99999, 4, "1.0000")]
    [InlineData(1e22, 1, "10000000000000000000000.0")]
    [InlineData(5e-324, 3, "0.000")]
    [InlineData(123456.789, 1, "123456.8")]
    [InlineData(double.NaN, 4, "nan")]
    [InlineData(double.NegativeInfinity, 4, "-inf")]
    public void Fixed_rounds_as_Python_does(double value, int digits, string expected) => Assert.Equal(expected, PythonNumber.Fixed(value, digits));

    [Theory]
    [InlineData(0.55, "0.55")]
    [InlineData(1.0, "1.0")]
    [InlineData(0.0, "0.0")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(1.0 / 3, "0.3333333333333333")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1.25e-7, "1.25e-07")]
    [InlineData(123456789012345680.0, "1.2345678901234568e+17")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1234567890123456.0, "1234567890123456.0")]
    [InlineData(double.PositiveInfinity, "inf")]
    public void Shortest_prints_as_Python_does(double value, string expected) => Assert.Equal(expected, PythonNumber.Shortest(value));

    [Fact]
    public void Standardized_columns_have_mean_0_and_deviation_1()
    {
        double[,] x = Standardization.Of(new double[,] { { 1, 10 }, { 2, 30 }, { 6, 20 }, { 7, -4 } });

        for (int column = 0; column < 2; column++)
        {
            double[] values = [.. Enumerable.Range(0, 4).Select(row => x[row, column])];
            Assert.Equal(0, values.Average(), 1e-15);
            Assert.Equal(1, Math.Sqrt(values.Average(static v => v * v)), 1e-15);
        }
        // (1 - 4) / sqrt((9 + 4 + 4 + 9) / 4)
        Assert.Equal(-3 / Math.Sqrt(6.5), x[0, 0]);
    }

    [Fact]
    public void A_table_aligns_its_columns()
    {
        var table = new TextTable("what", "much");
        table.Add("a longer name", "1");
        table.Add("b", "1234567");
        using var output = new StringWriter { NewLine = "\n" };
        table.Print(output);

        Assert.Equal("what              much\n-------------  -------\na longer name        1\nb              1234567\n", output.ToString());
        Assert.Equal("The table has 2 columns, the row 1. (Parameter 'cells')", Assert.Throws<ArgumentException>(() => table.Add("a")).Message);
    }

    [Theory]
    [InlineData("fr-CA", "", "fr")]
    [InlineData("en-GB", "", "en")]
    [InlineData("ja-JP", "", "en")]
    [InlineData("fr-FR", "--lang en", "en")]
    [InlineData("en-US", "--lang=fr", "fr")]
    [InlineData("en-US", "--lang:fr --seed 1", "fr")]
    [InlineData("fr-FR", "--lang", "fr")]
    public void The_language_is_the_option_or_the_culture(string culture, string arguments, string code) =>
        Assert.Equal(code, Language.Of(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), new CultureInfo(culture)).Code);

    [Fact]
    public void French_numbers_have_a_comma()
    {
        Assert.Equal("0,50 et 1 234", Language.French.Write($"", $"{0.5:F2} et {1234:#,0}").Replace('\u202F', ' '));
        Assert.Equal("0.50 and 1,234", Language.English.Write($"{0.5:F2} and {1234:#,0}", $""));
        Assert.Equal("a, b et c", Language.French.List(["a", "b", "c"]));
        Assert.Equal("a", Language.English.List(["a"]));
    }
}
