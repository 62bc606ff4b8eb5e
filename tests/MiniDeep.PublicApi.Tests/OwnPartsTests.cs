using MiniDeep.Data;

namespace MiniDeep.PublicApi.Tests;

/// <summary>Layers, optimizers, losses, metrics, activations and callbacks that a user writes with what the package shows.</summary>
public sealed class OwnPartsTests
{
    private sealed class GatedUnit(int units) : Layer
    {
        private Parameter _value = null!, _gate = null!;

        protected override Shape Build(Shape input)
        {
            _value = AddWeight("value", [input[^1], units], Initializer.GlorotUniform);
            _gate = AddWeight("gate", [input[^1], units], Initializer.GlorotUniform);
            return input.WithLast(units);
        }

        protected override Tensor Forward(Tensor x, bool training) => x.MatMul(_value) * x.MatMul(_gate).Sigmoid();
    }

    /// <summary>Tieleman and Hinton 2012: v = rho v + (1 - rho) g², w -= lr g / (sqrt(v) + epsilon).</summary>
    private sealed class RmsProp(double learningRate = 0.001, double rho = 0.9) : Optimizer(learningRate)
    {
        protected override int StateCount => 1;

        protected override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state)
        {
            state[0].CopyFrom(rho * state[0] + (1 - rho) * gradient.Square());
            parameter.CopyFrom(parameter - LearningRate * gradient / (state[0].Sqrt() + 1e-7));
        }
    }

    /// <summary>Adam once more, tensor by tensor.</summary>
    private sealed class OwnAdam(double learningRate) : Optimizer(learningRate)
    {
        protected override int StateCount => 2;

        protected override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state)
        {
            state[0].CopyFrom(0.9 * state[0] + 0.1 * gradient);
            state[1].CopyFrom(0.999 * state[1] + 0.001 * gradient.Square());
            double rate = LearningRate * Math.Sqrt(1 - Math.Pow(0.999, Iterations)) / (1 - Math.Pow(0.9, Iterations));
            parameter.CopyFrom(parameter - rate * state[0] / (state[1].Sqrt() + 1e-7));
        }
    }

    private sealed class Forgetful() : Optimizer(0.1);

    private sealed class HalvingRate : Callback
    {
        public override void OnEpochEnd(TrainingProgress progress) => progress.Optimizer.LearningRate /= 2;
    }

    private static Dataset Rings(int count = 200)
    {
        var random = new NumPyRandom(3);
        double[] values = random.Randn(count * 2);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => (values[2 * i] * values[2 * i]) + (values[2 * i + 1] * values[2 * i + 1]) > 1.2 ? 1 : 0)];
        return new Dataset(Tensor.From(values, [count, 2]), Tensor.From(labels));
    }

    private static Sequential Model() => new Sequential([2], DType.Float64, seed: 4).Add(new GatedUnit(12)).Add(new GatedUnit(12)).Dense(2, Activation.Softmax);

    private static double Train(Sequential model, Optimizer optimizer, int epochs = 30)
    {
        model.Compile(optimizer, Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        History history = model.Fit(Rings(), epochs, 50, verbosity: Verbosity.Silent);
        Assert.True(history.Loss[^1] < 0.7 * history.Loss[0], $"{history.Loss[0]} -> {history.Loss[^1]}");
        return history.Loss[^1];
    }

    [Fact]
    public void A_layer_of_ones_own_has_its_gradients_checked()
    {
        GradientCheckResult result = GradientCheck.Run(new GatedUnit(5), inputShape: [4]).ThrowIfFailed();
        Assert.Equal(["gate", "input", "value"], result.Entries.Select(entry => entry.Name).Order());
    }

    [Fact]
    public void An_optimizer_of_ones_own_trains_a_layer_of_ones_own() => Train(Model(), new RmsProp(0.01));

    [Fact]
    public void Its_steps_are_those_of_the_formula()
    {
        var w = new Parameter("w", Tensor.From(new[] { 1.0, -2 }));
        var optimizer = new RmsProp(0.1, 0.5);
        double[] expected = [1, -2], v = [0, 0];
        for (int step = 0; step < 20; step++)
        {
            (w * w * w).Sum().Backward();
            optimizer.Step([w]);
            for (int i = 0; i < 2; i++)
            {
                double g = 3 * expected[i] * expected[i];
                v[i] = 0.5 * v[i] + 0.5 * g * g;
                expected[i] -= 0.1 * g / (Math.Sqrt(v[i]) + 1e-7);
            }
        }
        Assert.Equal(expected, w.ToArray<double>(), static (a, b) => Math.Abs(a - b) < 1e-12 * Math.Max(1, Math.Abs(b)));
        Assert.Equal(20, optimizer.Iterations);
        Assert.Null(w.Grad);
    }

    [Fact]
    public void Adam_written_by_a_user_takes_the_steps_of_the_one_in_the_package()
    {
        Sequential own = Model(), built = Model();
        Train(own, new OwnAdam(0.02));
        Train(built, new Adam(0.02));
        foreach ((string name, Tensor weight) in own.GetWeights())
            Assert.Equal(built.GetWeights()[name].ToArray<double>(), weight.ToArray<double>(), static (a, b) => Math.Abs(a - b) < 1e-8);
    }

    [Fact]
    public void An_optimizer_without_update_says_what_is_missing()
    {
        var w = new Parameter("w", Tensor.Ones([1]));
        w.Sum().Backward();
        var optimizer = new Forgetful();
        Assert.Contains("Forgetful", Assert.Throws<NotSupportedException>(() => optimizer.Step([w])).Message);
        Assert.Equal(0, optimizer.Iterations);
    }

    [Fact]
    public void Losses_metrics_activations_and_callbacks_of_ones_own_work_together()
    {
        Loss huber = Loss.Of("huber", static (p, t) =>
        {
            Tensor error = (p - t).Abs();
            return Tensor.Where(error < 1, error.Square() * 0.5, error - 0.5);
        });
        Metric largest = Metric.Of("largest_error", static (p, t) => (p - t).Abs().Max());
        Activation softsign = Activation.Of("softsign", static x => x / (x.Abs() + 1));
        Sequential model = new Sequential([2], seed: 1).Dense(16, softsign).Activation(softsign).Dense(1);
        model.Compile(new Nesterov(0.05), huber, largest, Metric.MeanSquaredError);
        Dataset rings = Rings();
        var data = new Dataset(rings.Features, rings.Labels.To(DType.Float32).Reshape(-1, 1));

        History history = model.Fit(data, 20, 32, verbosity: Verbosity.Silent, callbacks: [new HalvingRate()]);

        Assert.Equal(["loss", "largest_error", "mean_squared_error"], history.Names);
        Assert.True(history.Loss[^1] < history.Loss[0]);
        Assert.Equal(0.05 / (1 << 20), model.Optimizer!.LearningRate, 1e-12);
        Assert.Equal(0.5 * history["mean_squared_error"][^1], history.Loss[^1], 0.02);
    }

    [Fact]
    public void The_design_s_loop_trains()
    {
        Sequential model = Model();
        var optimizer = new Adam(0.02);
        Dataset train = Rings();
        List<double> losses = [];
        for (int epoch = 0; epoch < 30; epoch++)
        {
            foreach (var (x, y) in train.Shuffle(seed: 1).Batch(64))
            {
                Tensor loss = Loss.SparseCategoricalCrossentropy.Of(model.Call(x, training: true), y);
                loss.Backward();
                optimizer.Step(model.Parameters);
                losses.Add(loss.Item());
            }
        }
        Assert.True(losses[^1] < 0.5 * losses[0]);
    }

    [Fact]
    public void The_number_of_threads_and_the_instruction_set_can_be_seen()
    {
        Assert.InRange(Compute.Threads, 1, 64);
        Assert.Contains(Compute.InstructionSet, new[] { "AVX-512", "AVX2", "SSE", "AdvSimd", "none" });
    }
}
