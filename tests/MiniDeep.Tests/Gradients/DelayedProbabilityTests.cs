using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Gradients;

/// <summary>Probabilities are computed when somebody looks at them; nobody may be able to tell.</summary>
public class DelayedProbabilityTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_are_of_the_logits_as_they_were(bool sigmoid)
    {
        Tensor logits = Tensor.From(new double[,] { { 1, 2, 3 }, { 3, 2, 1 } });
        double[] expected = Probabilities(logits, sigmoid).ToArray<double>();

        Tensor filled = Probabilities(logits, sigmoid);
        Tensor twice = Probabilities(logits, sigmoid);
        logits.Detach().Fill(0.25);
        Assert.Equal(expected, filled.ToArray<double>());
        Assert.Equal(expected, twice.ToArray<double>());

        Tensor copied = Probabilities(logits, sigmoid);
        double[] later = Probabilities(logits, sigmoid).ToArray<double>();
        logits.CopyFrom<double>([1, 2, 3, 4, 5, 6]);
        Assert.Equal(later, copied.ToArray<double>());
    }

    [Fact]
    public void They_are_of_a_parameter_as_it_was_before_its_step()
    {
        var weights = new Parameter("w", Tensor.From([1.0, 2, 3]));
        Tensor probabilities = weights.Softmax();
        double[] expected = weights.Softmax().Clone().ToArray<double>();
        (weights * weights).Sum().Backward();
        new SGD(0.1).Step([weights]);
        Assert.Equal(expected, probabilities.ToArray<double>());
        Assert.NotEqual(expected, weights.Softmax().ToArray<double>());
    }

    [Fact]
    public void A_gradient_through_them_finds_a_change_of_theirs_but_not_of_their_logits()
    {
        Tensor logits = Tensor.From([0.5, -1, 2]);
        logits.RequiresGrad = true;
        Tensor weights = Tensor.From([1.0, 2, 3]);
        Tensor loss = (logits.Softmax() * weights).Sum();
        loss.Backward();
        double[] gradient = logits.Grad!.ToArray<double>();

        logits.ClearGrad();
        Tensor delayed = logits.Softmax();
        logits.Fill(7);
        (delayed * weights).Sum().Backward();
        Assert.Equal(gradient, logits.Grad!.ToArray<double>());

        Tensor changed = logits.Softmax();
        Tensor sum = (changed * weights).Sum();
        changed.Fill(1);
        Assert.Throws<GradientException>(sum.Backward);
    }

    [Fact]
    public void Many_threads_that_look_at_once_see_the_same()
    {
        Tensor logits = Tensor.From(new NumPyRandom(1).Randn(200, 30));
        float[] expected = logits.To(DType.Float32).Softmax().ToArray<float>();
        for (int round = 0; round < 50; round++)
        {
            Tensor probabilities = logits.To(DType.Float32).Softmax();
            int wrong = 0;
            Parallel.For(0, 8, _ =>
            {
                if (!probabilities.ToArray<float>().AsSpan().SequenceEqual(expected)) Interlocked.Increment(ref wrong);
            });
            Assert.Equal(0, wrong);
        }
    }

    [Fact]
    public void Those_of_a_step_that_is_over_are_stale()
    {
        int step = 0;
        Tensor? kept = null, saved = null;
        Sequential model = Nets.Empty().Dense(8).Add(new FunctionLayer((x, training) =>
        {
            if (training && ++step == 5)
            {
                kept = x.Softmax();
                saved = x.Softmax().Keep();
            }
            return x;
        })).Dense(3, Activation.Softmax).Compiled();
        model.Train(Nets.Points());
        Assert.True(model.TrainsOnArena);
        Assert.Throws<StaleTensorException>(() => kept!.ToArray<float>());
        Assert.Equal(1, saved![0].Sum().Item(), 1e-5);
    }

    private static Tensor Probabilities(Tensor logits, bool sigmoid) => sigmoid ? logits.Sigmoid() : logits.Softmax();
}
