namespace MiniDeep.Tests.Gradients;

/// <summary>The check that users point at their own layers: what it finds, what it says, what it leaves behind.</summary>
public class GradientCheckTests
{
    [Fact]
    public void A_right_function_passes()
    {
        GradientCheckResult result = GradientCheck.Run(static x => (x[0] * x[1]).Tanh(), Tensor.From([0.5, -1.5]), Tensor.From([2.0, 0.3]));
        Assert.True(result.Passed());
        Assert.InRange(result.LargestError, 0, 1e-9);
        Assert.Equal(["input 0", "input 1"], result.Entries.Select(entry => entry.Name).Order());
        Assert.Same(result, result.ThrowIfFailed());
    }

    [Fact]
    public void A_value_that_leaves_the_tensors_is_found()
    {
        GradientCheckResult result = GradientCheck.Run(static x => x[0] * x[0].Detach(), Tensor.From([1.0, 2.0]));
        Assert.False(result.Passed());
        Assert.Equal(0.5, result.LargestError, 1e-6);
        GradientException error = Assert.Throws<GradientException>(() => result.ThrowIfFailed());
        Assert.StartsWith("Gradients differ from the function's slopes by more than 1E-7. The function: largest relative error 0.5\n  input [2]: 0.5 (all elements; worst at ", error.Message);
        Assert.Contains("Detach", error.Message);
    }

    /// <summary>The weights of the sum are random: with ones in their place, softmax's rows would sum to a constant and hide everything.</summary>
    [Fact]
    public void An_error_that_a_plain_sum_would_hide_is_found() =>
        Assert.False(GradientCheck.Run(static x => x[0].Softmax().Detach() + (x[0] * 0), Tensor.From([1.0, 2.0, 3.0])).Passed());

    [Fact]
    public void A_small_error_is_found()
    {
        // 1e-5 of the gradient is missing
        GradientCheckResult result = GradientCheck.Run(static x => (x[0] * (1 - 1e-5)) + (x[0].Detach() * 1e-5), Tensor.From([1.0, 2.0]));
        Assert.Equal(1e-5, result.LargestError, 1e-8);
        Assert.False(result.Passed());
        Assert.True(result.Passed(1e-4));
    }

    [Fact]
    public void A_missing_parameter_is_named()
    {
        GradientCheckResult result = GradientCheck.Run(new Forgetful(), [3]);
        Assert.Equal("scale", result.Entries[0].Name);
        Assert.Equal(1, result.Entries[0].Error, 1e-9);
        Assert.Equal(0, result.Entries[0].Gradient);
        Assert.Contains("Layer 'forgetful' (Forgetful)", result.ToString());
    }

    [Fact]
    public void The_layer_is_left_as_it_was()
    {
        Sequential model = new Sequential([4], DType.Float64, seed: 3).Dense(5, Activation.Tanh).Dropout(0.5).Dense(2);
        double[][] before = [.. model.Parameters.Select(p => p.ToArray<double>())];
        GradientCheck.Run(model, [4], training: true).ThrowIfFailed();
        Assert.Equal(before, model.Parameters.Select(p => p.ToArray<double>()));
        Assert.All(model.Parameters, p => Assert.Null(p.Grad));
    }

    [Fact]
    public void Inputs_stay_as_they_are_and_integers_are_handed_on()
    {
        Tensor x = Tensor.From(new float[,] { { 1, 2 }, { 3, 4 } }), labels = Tensor.From([0, 1]);
        GradientCheckResult result = GradientCheck.Run(static t => Loss.SparseCategoricalCrossentropy.Of(t[0].Softmax(), t[1]), x, labels);
        result.ThrowIfFailed();
        Assert.Equal("input 0", Assert.Single(result.Entries).Name);
        Assert.Equal([1f, 2, 3, 4], x.ToArray<float>());
        Assert.False(x.RequiresGrad);
    }

    [Fact]
    public void Large_tensors_are_sampled()
    {
        GradientCheckResult result = GradientCheck.Run(static x => x[0].Square(), Tensor.Ones([1000], DType.Float64));
        Assert.Equal(GradientCheck.CheckedElements, result.Entries[0].Elements);
        Assert.Contains($"({GradientCheck.CheckedElements} of 1000 elements; ", result.ToString());
    }

    [Fact]
    public void Frozen_parameters_are_left_out()
    {
        var layer = new Dense(2);
        layer.Call(Tensor.Ones([1, 3], DType.Float64));
        layer.Trainable = false;
        Assert.Equal("input", Assert.Single(GradientCheck.Run(layer, [3]).Entries).Name);
    }

    [Fact]
    public void The_same_seed_gives_the_same_result()
    {
        string Text(long seed) => GradientCheck.Run(new Dense(3, Activation.Tanh), [4], seed: seed).ToString();
        Assert.Equal(Text(1), Text(1));
        Assert.NotEqual(Text(1), Text(2));
    }

    [Fact]
    public void A_layer_built_in_Float32_is_an_error()
    {
        var layer = new Dense(2);
        layer.Call(Tensor.Ones([1, 3]));
        DTypeException error = Assert.Throws<DTypeException>(() => GradientCheck.Run(layer, [3]));
        Assert.Equal("A gradient check computes in Float64, but Layer 'dense' (Dense) was built in Float32. Check a layer that isn't built yet, or a model made with DType.Float64.", error.Message);
        Assert.Throws<DTypeException>(() => GradientCheck.Run(new Sequential().Dense(2), [3]));
    }

    [Fact]
    public void A_result_in_Float32_is_an_error()
    {
        DTypeException error = Assert.Throws<DTypeException>(() => GradientCheck.Run(static x => x[0].To(DType.Float32), Tensor.From([1.0])));
        Assert.StartsWith("The function turned Float64 into Float32. Compute in the input's dtype", error.Message);
        Assert.Throws<DTypeException>(() => GradientCheck.Run(static x => x[0] + Tensor.Scalar(1), Tensor.From([1.0])));
        Assert.Throws<DTypeException>(() => GradientCheck.Run(
            static x => x[0], [Tensor.From([1.0])], [new Parameter("w", Tensor.From([1f]))]));
    }

    [Fact]
    public void A_detour_through_Float32_is_told()
    {
        GradientCheckResult result = GradientCheck.Run(static x => x[0].To(DType.Float32).Tanh().To(DType.Float64), Tensor.From([0.1, 0.2, 0.3, 0.4, 0.5]));
        GradientException error = Assert.Throws<GradientException>(() => result.ThrowIfFailed());
        Assert.Contains("Every result is a Float32 number", error.Message);
    }

    [Fact]
    public void A_function_with_a_memory_is_an_error()
    {
        int calls = 0;
        GradientException error = Assert.Throws<GradientException>(() => GradientCheck.Run(x => x[0] * ++calls, Tensor.From([1.0])));
        Assert.StartsWith("The function gave other results from the same inputs", error.Message);
    }

    [Fact]
    public void NaN_is_an_error()
    {
        GradientException error = Assert.Throws<GradientException>(() => GradientCheck.Run(static x => x[0].Log(), Tensor.From([-1.0])));
        Assert.StartsWith("The function gave NaN or infinity", error.Message);
        Assert.Equal(double.PositiveInfinity, GradientCheck.Run(static x => x[0].Square().Sqrt() * 1, Tensor.From([1.0, 0.0])).LargestError);
    }

    [Fact]
    public void Nothing_to_check_is_an_error()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => GradientCheck.Run(static x => x[0], Tensor.From([1])));
        Assert.StartsWith("There is nothing to check", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run(new Flatten(), [3], step: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientCheck.Run(new Flatten(), [3], batch: 0));
        Assert.Throws<ArgumentNullException>(() => GradientCheck.Run(null!, [3]));
    }

    private sealed class Forgetful : Layer
    {
        private Parameter _scale = null!;

        protected override Shape Build(Shape input)
        {
            _scale = AddWeight("scale", input, Initializer.Ones);
            return input;
        }

        protected override Tensor Forward(Tensor x, bool training) => x * _scale.Detach();
    }
}
