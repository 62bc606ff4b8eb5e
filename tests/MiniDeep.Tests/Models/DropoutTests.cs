namespace MiniDeep.Tests.Models;

public sealed class DropoutTests
{
    [Theory]
    [InlineData(0.1, 6554)]
    [InlineData(0.5, 32768)]
    [InlineData(0.9, 58982)]
    [InlineData(1e-6, 0)]
    public void Masks_round_the_rate_to_16_bits_and_keep_the_mean(double rate, int dropped)
    {
        const int Count = 200_000;
        var layer = new Dropout(rate);
        Tensor x = Tensor.Ones([Count], DType.Float64);
        double[] y = layer.Call(x, training: true).ToArray<double>();
        double scale = 65536.0 / (65536 - dropped), share = dropped / 65536.0;
        Assert.All(y, value => Assert.True(value == 0 || Math.Abs(value - scale) < 1e-15 * scale, $"{value:R} is neither 0 nor {scale:R}"));
        // five standard deviations
        Assert.InRange(y.Count(value => value == 0) / (double)Count, share - (5 * Math.Sqrt(share * (1 - share) / Count)), share + (5 * Math.Sqrt(share * (1 - share) / Count)));
        Assert.Equal(rate, layer.Rate);
        Assert.Equal(x.ToArray<double>(), layer.Call(x).ToArray<double>());
    }
}
