namespace MiniDeep.Tests.Gradients;

/// <summary>When a loss may go back to the logits behind probabilities, and when it must take the probabilities as they are.</summary>
public class ProbabilityTests
{
    private static readonly Tensor s_labels = Tensor.From([2, 0]);

    [Fact]
    public void Probabilities_without_gradients_still_give_a_stable_loss()
    {
        Tensor logits = Tensor.From(new double[,] { { 0, 0, -800 }, { -800, 0, 0 } });
        Assert.Equal(800 + Math.Log(2), Loss.SparseCategoricalCrossentropy.Of(logits.Softmax(), s_labels).Item(), 1e-9);
    }

    [Fact]
    public void Made_under_NoGrad_they_send_no_gradient_to_the_logits()
    {
        Tensor logits = Logits();
        Tensor probabilities;
        using (Tensor.NoGrad()) probabilities = logits.Softmax();
        Assert.False(Loss.SparseCategoricalCrossentropy.Of(probabilities, s_labels).RequiresGrad);
    }

    [Fact]
    public void As_a_leaf_they_gather_the_gradient_themselves()
    {
        Tensor probabilities = Tensor.From(new double[,] { { 1, 2, 3 }, { 3, 2, 1 } }).Softmax();
        probabilities.RequiresGrad = true;
        Loss.SparseCategoricalCrossentropy.Of(probabilities, s_labels).Backward();
        double p = probabilities[0, 2].Item();
        Assert.Equal(-1 / (2 * p), probabilities.Grad![0, 2].Item(), 1e-12);
    }

    [Fact]
    public void Changed_in_place_they_are_taken_as_they_are()
    {
        Tensor probabilities = Tensor.From(new double[,] { { 1, 2, 3 }, { 3, 2, 1 } }).Softmax();
        probabilities.Fill(0.5);
        Assert.Equal(Math.Log(2), Loss.SparseCategoricalCrossentropy.Of(probabilities, s_labels).Item(), 1e-12);
    }

    [Fact]
    public void Logits_changed_in_place_are_not_used()
    {
        Tensor logits = Tensor.From(new double[,] { { 0, 0, 0 }, { 0, 0, 0 } });
        Tensor probabilities = logits.Softmax();
        logits.CopyFrom(Tensor.From(new double[,] { { 9, 0, 0 }, { 0, 0, 9 } }));
        Assert.Equal(Math.Log(3), Loss.SparseCategoricalCrossentropy.Of(probabilities, s_labels).Item(), 1e-12);
    }

    [Fact]
    public void A_sigmoid_is_no_softmax()
    {
        Tensor logits = Tensor.From(new double[,] { { 0, 0, 0 }, { 0, 0, 0 } });
        Assert.Equal(Math.Log(2), Loss.SparseCategoricalCrossentropy.Of(logits.Sigmoid(), s_labels).Item(), 1e-12);
        Assert.Equal(Math.Log(3), Loss.SparseCategoricalCrossentropy.Of(logits.Softmax(), s_labels).Item(), 1e-12);
    }

    private static Tensor Logits()
    {
        Tensor logits = Tensor.From(new double[,] { { 1, 2, 3 }, { 3, 2, 1 } });
        logits.RequiresGrad = true;
        return logits;
    }
}
