using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>A step that fails half way, and the steps after it.</summary>
public sealed class ExceptionTests
{
    private static Sequential Network(Device device)
    {
        Sequential model = new Sequential([6, 6, 1], seed: 3)
            .Conv2D(2, 3, Padding.Same, Activation.Swish)
            .MaxPool2D(2)
            .Flatten()
            .Dense(5, Activation.Tanh)
            .Add(new FunctionLayer(static (x, _) => x * x + x))
            .Dense(3, Activation.Softmax);
        model.To(device);
        model.Compile(new Adam(0.01), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        return model;
    }

    private static Dataset Images()
    {
        Tensor x = Tensor.From(Nets.Points(27).Features.ToArray<float>(), [3, 6, 6, 1]);
        return new Dataset(x, Tensor.From([0, 1, 2]));
    }

    /// <summary>Fit's step dies in each of its calls to the backend in turn: forward, backward, update.</summary>
    [Fact]
    public void Wherever_a_step_fails_the_next_is_right()
    {
        var backend = new FaultyBackend();
        var device = new Device("faulty", backend);
        Dataset data = Images();
        string[] expected = new string[4];
        Sequential reference = Network(device);
        for (int step = 0; step < expected.Length; step++)
        {
            reference.Train(data, 1);
            expected[step] = reference.Bits();
        }
        int before = backend.Calls;
        reference.Train(data, 1);
        int calls = backend.Calls - before;
        Assert.InRange(calls, 20, 200);

        int failed = 0;
        for (int at = 1; at <= calls; at++)
        {
            Sequential model = Network(device);
            model.Train(data, 1);
            backend.FailAt = backend.Calls + at;
            try
            {
                model.Train(data, 1);
            }
            catch (FaultyBackend.InjectedException)
            {
                failed++;
            }
            bool stepped = model.Optimizer!.Iterations == 2;
            backend.FailAt = 0;
            Assert.Equal(expected[stepped ? 1 : 0], model.Bits());      // no step half done
            Assert.All(model.Parameters, static p => Assert.Null(p.Grad));
            while (model.Optimizer.Iterations < 4) model.Train(data, 1);
            Assert.Equal(expected[3], model.Bits());
        }
        Assert.Equal(calls, failed);
    }

    [Fact]
    public void A_backward_pass_that_fails_half_way_leaves_no_half_made_gradient()
    {
        var backend = new FaultyBackend();
        var device = new Device("faulty", backend);
        Sequential model = Network(device);
        Batch batch = Images().To(device).Batch(3).Single();
        Tensor Loss() => MiniDeep.Loss.SparseCategoricalCrossentropy.Of(model.Call(batch.Features, training: true), batch.Labels);

        Loss().Backward();
        float[][] expected = [.. model.Parameters.Select(static p => p.Grad!.ToArray<float>())];
        foreach (Parameter parameter in model.Parameters) parameter.ClearGrad();
        Tensor loss = Loss();
        int before = backend.Calls;
        loss.Backward();
        int calls = backend.Calls - before;
        foreach (Parameter parameter in model.Parameters) parameter.ClearGrad();

        for (int at = 1; at <= calls; at++)
        {
            loss = Loss();
            backend.FailAt = backend.Calls + at;
            Assert.Throws<FaultyBackend.InjectedException>(loss.Backward);
            backend.FailAt = 0;
            Assert.All(model.Parameters, static p => Assert.Null(p.Grad));

            Loss().Backward();
            Assert.Equal(expected, model.Parameters.Select(static p => p.Grad!.ToArray<float>()));
            foreach (Parameter parameter in model.Parameters) parameter.ClearGrad();
        }
    }

    [Fact]
    public void A_second_backward_through_the_rest_of_a_failed_graph_is_an_error()
    {
        var backend = new FaultyBackend();
        var device = new Device("faulty", backend);
        var w = new Parameter("w", Tensor.Full([2], 3, device: device));
        Tensor y = w * w;
        Tensor loss = (y * 2).Sum();
        backend.FailAt = backend.Calls + 5;

        Assert.Throws<FaultyBackend.InjectedException>(loss.Backward);
        backend.FailAt = 0;

        var error = Assert.Throws<GradientException>(loss.Backward);
        Assert.Contains("already used by a Backward()", error.Message);
        Assert.Null(w.Grad);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void An_exception_in_a_layer_comes_out_as_it_is_and_the_model_is_as_after_the_last_step(int failingStep)
    {
        int step = 0;
        Sequential model = Nets.Empty().Dense(8, Activation.Tanh)
            .Add(new FunctionLayer((x, training) => ++step == failingStep ? throw new TimeoutException("mine") : x))
            .Dense(3, Activation.Softmax).Compiled();
        Sequential reference = Nets.Empty().Dense(8, Activation.Tanh).Add(new FunctionLayer(static (x, _) => x)).Dense(3, Activation.Softmax).Compiled();
        Dataset data = Nets.Points(160);
        reference.Train(data, 2, 32, new Hooks { StepEnd = p => p.StopTraining = p.Epoch * 5 + p.Step >= failingStep - 1, TrainBegin = p => p.StopTraining = failingStep == 1 });

        var error = Assert.Throws<TimeoutException>(() => model.Train(data, 2));

        Assert.Equal("mine", error.Message);
        Assert.Equal(reference.Bits(), model.Bits());
        model.Train(data, 1);
        reference.Train(data, 1);
        Assert.Equal(reference.Bits(), model.Bits());
    }
}
