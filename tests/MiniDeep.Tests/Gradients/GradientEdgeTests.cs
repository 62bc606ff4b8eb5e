namespace MiniDeep.Tests.Gradients;

/// <summary>Where there is no slope to compare with: kinks, ties, poles. And values that a slope can't tell apart.</summary>
public class GradientEdgeTests
{
    private const double Nan = double.NaN, Infinity = double.PositiveInfinity;

    [Fact]
    public void Kinks_have_the_documented_derivative()
    {
        double[] at = [-1, 0, 1];
        Assert.Equal([0, 0, 1], Gradient(at, static x => x.ReLU()));
        Assert.Equal([0.25, 0.25, 1], Gradient(at, static x => x.LeakyReLU(0.25)));
        Assert.Equal([-0.5, -0.5, 1], Gradient(at, static x => x.LeakyReLU(-0.5)));
        Assert.Equal([-1, 0, 1], Gradient(at, static x => x.Abs()));
        Assert.Equal([0, 0, 0], Gradient(at, static x => x.Sign()));
        Assert.Equal([0, 0, 0], Gradient(at, static x => x.Floor()));
        Assert.Equal([0, 1, 1], Gradient(at, static x => x.Maximum(0)));
        Assert.Equal([1, 1, 0], Gradient(at, static x => x.Minimum(0)));
        Assert.Equal([1, 1, 1], Gradient(at, static x => x.Clip(-1, 1)));
    }

    [Fact]
    public void Powers_of_zero()
    {
        Assert.Equal([0.0, 1, 0, 0], [
            Gradient([0], static x => x.Pow(2))[0], Gradient([0], static x => x.Pow(1))[0], Gradient([0], static x => x.Pow(0))[0],
            Gradient([0], static x => x.Pow(Tensor.Scalar(0, DType.Float64)))[0],
        ]);
        Assert.Equal([1], Gradient([0], static x => x.Pow(Tensor.Scalar(1, DType.Float64))));
        Assert.Equal([0], Gradient([2], static b => Tensor.Scalar(0, DType.Float64).Pow(b)));
        Assert.Equal([Infinity], Gradient([0], static x => x.Sqrt()));
    }

    [Fact]
    public void Equal_operands_share_the_gradient()
    {
        Tensor a = Leaf([1, 2, 3]), b = Leaf([1, 5, 0]);
        a.Maximum(b).Sum().Backward();
        Assert.Equal([0.5, 0, 1], a.Grad!.ToArray<double>());
        Assert.Equal([0.5, 1, 0], b.Grad!.ToArray<double>());

        Tensor c = Leaf([1, 2, 3]), d = Leaf([1, 5, 0]);
        c.Minimum(d).Sum().Backward();
        Assert.Equal([0.5, 1, 0], c.Grad!.ToArray<double>());
        Assert.Equal([0.5, 0, 1], d.Grad!.ToArray<double>());
    }

    [Fact]
    public void Equal_largest_elements_share_the_gradient()
    {
        Assert.Equal([0, 0.5, 0.5, 0], Gradient([1, 7, 7, 2], static x => x.Max()));
        Assert.Equal([1.0 / 3, 1.0 / 3, 0, 1.0 / 3], Gradient([1, 1, 2, 1], static x => x.Min()));
        Assert.Equal([0.5, 0.5, 1, 0], Gradient([3, 3, 5, 4], static x => x.Reshape(2, 2).Max(1)));
    }

    [Fact]
    public void The_first_of_equal_pixels_wins_its_window() =>
        Assert.Equal([0, 1, 0, 0], Gradient([1, 4, 4, 4], static x => MaxPool2DOp.Apply(x.Reshape(1, 2, 2, 1), new PoolSettings(2, 2, 2, 2, Padding.Valid))));

    [Fact]
    public void NaN_and_infinity_pass_through()
    {
        Assert.Equal([Nan, 1, Nan], Gradient([Nan, 1, Nan], static x => x.Square() * 0.5));
        Assert.Equal([-0.0, 1, 0], Gradient([double.NegativeInfinity, Infinity, -2], static x => x.ReLU()));
        Assert.True(double.IsNaN(Tensor.From([1.0, Nan, 3]).Max().Item()));
        Assert.True(double.IsNaN(Tensor.From([Nan]).ReLU().Item()));
    }

    /// <summary>Logits of +-1e4 would overflow in e^x.</summary>
    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Losses_stay_finite_for_large_logits(DType dtype)
    {
        Tensor logits = Tensor.From([1e4, -1e4, 0, -1e4, 1e4, 0]).To(dtype).Reshape(2, 3).Detach();
        logits.RequiresGrad = true;
        Tensor labels = Tensor.From([1, 1]), distribution = labels.OneHot(3, dtype);
        (string Name, Tensor Loss, double Expected)[] losses =
        [
            ("sparse", Loss.SparseCategoricalCrossentropy.Of(logits.Softmax(), labels), 1e4),
            ("categorical", Loss.CategoricalCrossentropy.Of(logits.Softmax(), distribution), 1e4),
            ("binary", Loss.BinaryCrossentropy.Of(logits.Sigmoid(), distribution), (2e4 + 2 * Math.Log(2)) / 6),
        ];
        foreach ((string name, Tensor loss, double expected) in losses)
        {
            Assert.True(Math.Abs(loss.Item() / expected - 1) < 1e-6, $"{name}: {loss.Item()}, expected {expected}");
            loss.Backward();
        }
        Assert.All(logits.Grad!.To(DType.Float64).ToArray<double>(), gradient => Assert.True(double.IsFinite(gradient)));
    }

    /// <summary>An error in one of the two factors of a product would show as half the gradient.</summary>
    [Fact]
    public void Gradients_of_a_known_function_are_exact()
    {
        Tensor x = Leaf([3]), y = Leaf([4]);
        ((x * y) + x.Square()).Sum().Backward();
        Assert.Equal([10], x.Grad!.ToArray<double>());
        Assert.Equal([3], y.Grad!.ToArray<double>());
    }

    private static Tensor Leaf(double[] values)
    {
        Tensor x = Tensor.From(values);
        x.RequiresGrad = true;
        return x;
    }

    private static double[] Gradient(double[] at, Func<Tensor, Tensor> function)
    {
        Tensor x = Leaf(at);
        function(x).Sum().Backward();
        return x.Grad!.ToArray<double>();
    }
}
