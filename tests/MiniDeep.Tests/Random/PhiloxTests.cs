using System.Numerics;
using CsCheck;

namespace MiniDeep.Tests.Random;

public class PhiloxTests
{
    // kat_vectors of Random123 1.14, philox4x32 with 10 rounds
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822UL, 0x0370734413198a2eUL, 0x85a308d3243f6a88UL, 0xd16cfe09u, 0x94fdcceb, 0x5001e420u, 0x24126ea1u)]
    public void Block_gives_the_published_answers(ulong key, ulong high, ulong low, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal(new PhiloxBlock(x0, x1, x2, x3), Philox.Block(key, high, low));

    [Fact]
    public void Words_are_those_of_the_blocks_in_order() =>
        Gen.Select(Gen.Int[0, 200], Gen.ULong, Gen.ULong, Gen.Long[0, 1L << 40]).Sample((count, key, stream, start) =>
        {
            var words = new uint[count];
            Philox.FillWords(words, key, stream, start);
            for (int i = 0; i < count; i++)
                Assert.Equal(Philox.Block(key, stream, (ulong)(start + i) / 4)[(int)((start + i) % 4)], words[i]);
        }, iter: 1000, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void A_float_is_the_top_24_bits_of_one_word_and_a_double_53_bits_of_two()
    {
        var floats = new float[8];
        var doubles = new double[4];
        Philox.FillUniform<float>(floats, key: 7, stream: 9, 0, 1);
        Philox.FillUniform<double>(doubles, key: 7, stream: 9, 0, 1);
        PhiloxBlock second = Philox.Block(7, 9, 1);
        Assert.Equal((second.X1 >> 8) / 16777216f, floats[5]);
        Assert.Equal(((((ulong)second.X2 << 32) | second.X3) >> 11) / 9007199254740992.0, doubles[3]);
    }

    [Fact]
    public void Any_split_of_a_fill_gives_the_same_numbers() =>
        Gen.Select(Gen.Int[0, 600], Gen.Int[0, 600], Gen.ULong, Gen.ULong, Gen.Long[0, 1L << 40]).Sample((first, second, key, stream, start) =>
        {
            Check<float>(first, second, (span, from) => Philox.FillUniform(span, key, stream, -1, 3, start + from));
            Check<double>(first, second, (span, from) => Philox.FillUniform(span, key, stream, -1, 3, start + from));
            Check<float>(first, second, (span, from) => Philox.FillNormal(span, key, stream, 1, 2, start + from));
            Check<double>(first, second, (span, from) => Philox.FillNormal(span, key, stream, 1, 2, start + from));
            Check<double>(first, second, (span, from) => Philox.FillTruncatedNormal(span, key, stream, 1, 2, start + from));
        }, iter: 500, seed: "0N0XIzNsQ0O2");

    private delegate void Filler<T>(Span<T> span, long from);

    private static void Check<T>(int first, int second, Filler<T> fill)
    {
        T[] whole = new T[first + second], parts = new T[first + second];
        fill(whole, 0);
        fill(parts.AsSpan(first), first);
        fill(parts.AsSpan(0, first), 0);
        Assert.Equal(whole, parts);
    }

    [Fact]
    public void Float_normals_are_the_rounded_doubles()
    {
        var floats = new float[1001];
        var doubles = new double[1001];
        Philox.FillNormal<float>(floats, 3, 4, 0.5, 2);
        Philox.FillNormal<double>(doubles, 3, 4, 0.5, 2);
        Assert.Equal(doubles.Select(d => (float)d), floats);
        Philox.FillTruncatedNormal<float>(floats, 3, 4, 0.5, 2);
        Philox.FillTruncatedNormal<double>(doubles, 3, 4, 0.5, 2);
        Assert.Equal(doubles.Select(d => (float)d), floats);
    }

    [Fact]
    public void Uniform_numbers_keep_below_their_upper_bound_even_where_rounding_would_reach_it()
    {
        var values = new float[10_000];
        Philox.FillUniform<float>(values, 1, 1, 16_777_214, 16_777_216);    // the floats here are 1 apart
        Assert.Equal([16_777_214f, 16_777_215f], values.Distinct().Order());
        Philox.FillUniform<float>(values, 1, 1, 0.25, 0.25);
        Assert.All(values, v => Assert.Equal(0.25f, v));
    }

    // the Kolmogorov-Smirnov statistic times sqrt(n) lies above 1.95 once in a thousand times; the seeds are fixed
    private const double KolmogorovLimit = 1.95;

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(ulong.MaxValue)]
    public void Distributions_are_the_ones_asked_for(ulong key)
    {
        const int n = 200_000;
        Assert.InRange(Kolmogorov<float>(n, span => Philox.FillUniform(span, key, 5, -2, 2), x => (x + 2) / 4), 0, KolmogorovLimit);
        Assert.InRange(Kolmogorov<double>(n, span => Philox.FillUniform(span, key, 5, -2, 2), x => (x + 2) / 4), 0, KolmogorovLimit);
        Assert.InRange(Kolmogorov<double>(n, span => Philox.FillNormal(span, key, 5, 3, 2), x => NormalCdf((x - 3) / 2)), 0, KolmogorovLimit);
        double tail = NormalCdf(-2);
        Assert.InRange(Kolmogorov<double>(n, span => Philox.FillTruncatedNormal(span, key, 5, 3, 2), x => (NormalCdf((x - 3) / 2) - tail) / (1 - 2 * tail)), 0, KolmogorovLimit);
    }

    [Fact]
    public void Truncated_normals_stay_within_two_standard_deviations_and_have_Keras_spread()
    {
        var values = new double[200_000];
        Philox.FillTruncatedNormal<double>(values, 11, 0, 1, 0.5);
        Assert.InRange(values.Min(), 0, 0.001);
        Assert.InRange(values.Max(), 1.999, 2);
        double mean = values.Average();
        Assert.Equal(0.87962566 * 0.5, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), 0.002);
    }

    private delegate void Whole<T>(Span<T> span);

    private static double Kolmogorov<T>(int n, Whole<T> fill, Func<double, double> distribution) where T : INumber<T>
    {
        var values = new T[n];
        fill(values);
        double[] sorted = [.. values.Select(double.CreateChecked).Order()];
        double worst = 0;
        for (int i = 0; i < n; i++)
        {
            double p = distribution(sorted[i]);
            worst = Math.Max(worst, Math.Max(p - (double)i / n, (double)(i + 1) / n - p));
        }
        return worst * Math.Sqrt(n);
    }

    /// <summary>The normal distribution function to 1e-9 or better: Simpson's rule on the density.</summary>
    private static double NormalCdf(double z)
    {
        if (Math.Abs(z) > 8)
            return z < 0 ? 0 : 1;
        const int steps = 100;
        double h = z / steps, sum = 1 + Math.Exp(-z * z / 2);
        for (int i = 1; i < steps; i++)
            sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-h * i * h * i / 2);
        return 0.5 + sum * h / 3 / Math.Sqrt(2 * Math.PI);
    }

    [Fact]
    public void Every_order_of_a_permutation_is_equally_likely()
    {
        const int draws = 48_000;
        var counts = new Dictionary<int, int>();
        for (int i = 0; i < draws; i++)
        {
            int code = Philox.Permutation(4, 99, (ulong)i).Aggregate(0, (c, x) => 4 * c + x);
            counts[code] = counts.GetValueOrDefault(code) + 1;
        }
        Assert.Equal(24, counts.Count);
        double expected = draws / 24.0;
        double chiSquare = counts.Values.Sum(c => (c - expected) * (c - expected) / expected);
        Assert.InRange(chiSquare, 7, 49.7);    // 23 degrees of freedom: 99.9 % below 49.7, 0.1 % below 7.5
    }

    [Fact]
    public void A_permutation_holds_each_number_once_and_depends_on_key_and_stream() =>
        Gen.Select(Gen.Int[0, 300], Gen.ULong, Gen.ULong).Sample((n, key, stream) =>
        {
            int[] order = Philox.Permutation(n, key, stream);
            Assert.Equal(Enumerable.Range(0, n), order.Order());
            Assert.Equal(order, Philox.Permutation(n, key, stream));
            if (n > 20)
            {
                Assert.NotEqual(order, Philox.Permutation(n, key + 1, stream));
                Assert.NotEqual(order, Philox.Permutation(n, key, stream + 1));
            }
        }, iter: 300, seed: "0N0XIzNsQ0O2");

    [Fact]
    public void Bad_arguments_are_refused_by_name()
    {
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => Philox.FillUniform<float>(new float[1], 0, 0, 2, 1)).ParamName);
        Assert.Equal("high", Assert.Throws<ArgumentOutOfRangeException>(() => Philox.FillUniform<float>(new float[1], 0, 0, 0, double.NaN)).ParamName);
        Assert.Equal("stddev", Assert.Throws<ArgumentOutOfRangeException>(() => Philox.FillNormal<float>(new float[1], 0, 0, 0, -1)).ParamName);
        Assert.Equal("mean", Assert.Throws<ArgumentOutOfRangeException>(() => Philox.FillTruncatedNormal<float>(new float[1], 0, 0, double.NaN, 1)).ParamName);
        Assert.Equal("start", Assert.Throws<ArgumentOutOfRangeException>(() => Philox.FillNormal<float>(new float[1], 0, 0, 0, 1, -1)).ParamName);
        Assert.Equal("n", Assert.Throws<ArgumentOutOfRangeException>(() => Philox.Permutation(-1, 0, 0)).ParamName);
        Assert.Throws<NotSupportedException>(() => Philox.FillUniform<Half>(new Half[1], 0, 0, 0, 1));
    }
}
