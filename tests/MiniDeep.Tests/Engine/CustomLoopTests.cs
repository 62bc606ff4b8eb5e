using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>Loops of the user's own, where buffers belong to their handles and nobody disposes of anything.</summary>
[Collection(Alone.Name)]
public sealed class CustomLoopTests
{
    private static (Sequential Model, Batch Batch) Wide(int units = 128, int rows = 64)
    {
        Sequential model = new Sequential([32], seed: 2).Dense(units, Activation.Tanh).Dense(units, Activation.Swish).Dense(3, Activation.Softmax).Compiled();
        Tensor x = Tensor.From(Nets.Points(rows * 8).Features.ToArray<float>(), [rows, 32]);
        return (model, new Batch(x, Nets.Points(rows).Labels));
    }

    private static Tensor LossOf(Sequential model, in Batch batch) =>
        Loss.SparseCategoricalCrossentropy.Of(model.Call(batch.Features, training: true), batch.Labels);

    private static long LiveBytes()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static Sequential Chain(string kind, bool fuse = true)
    {
        Sequential model = kind switch
        {
            "dense" => Nets.Empty().Dense(64, Activation.Tanh).Dense(32, Activation.Swish).Dense(16, Activation.ReLU).Dense(3, Activation.Softmax),
            "activations" => Nets.Empty().Dense(64).Activation(Activation.ReLU).Dropout(0.2).Activation(Activation.Linear).Dense(32).Activation(Activation.Tanh).Dense(3, Activation.Softmax),
            "own activation" => Nets.Empty().Dense(64, Activation.Tanh).Dense(32, Activation.Of("cube", static x => x * x * x)).Dense(16, Activation.ReLU).Dense(3, Activation.Softmax),
            "softmax inside" => Nets.Empty().Dense(64, Activation.Softmax).Dense(32, Activation.Softmax).Dense(3, Activation.Softmax),
            "flat end" => Nets.Empty().Dense(64, Activation.Tanh).Dense(3).Flatten().Dropout(0.1),
            _ => new Sequential([8, 8, 2], seed: 3).Conv2D(16, 3, Padding.Same, Activation.ReLU).MaxPool2D(2).Conv2D(8, 3, Padding.Same).MaxPool2D(2).Flatten().Dropout(0.1).Dense(3, Activation.Softmax),
        };
        model.FuseLayers = fuse;
        return model.Compiled(new SGD(0.05));
    }

    /// <summary>Results between layers go back to the pool during Backward, and are soon something else: that must not show in any gradient.</summary>
    [Theory]
    [InlineData("dense", false)]
    [InlineData("activations", false)]
    [InlineData("activations", true)]
    [InlineData("own activation", false)]
    [InlineData("softmax inside", false)]
    [InlineData("flat end", true)]
    [InlineData("images", false)]
    [InlineData("images", true)]
    public void A_chain_has_the_gradients_of_its_layers_one_by_one(string kind, bool fuse)
    {
        Sequential chain = Chain(kind, fuse), layers = Chain(kind);
        Dataset points = Nets.Points(512);
        Tensor x = Tensor.From(points.Features.ToArray<float>(), kind == "images" ? [16, 8, 8, 2] : [512, 4]);
        Tensor y = kind == "images" ? points.Labels[..16] : points.Labels;
        Loss loss = Loss.SparseCategoricalCrossentropy with { FromLogits = kind == "flat end" };
        List<(Tensor Result, float[] Values)> results = [];
        for (int step = 0; step < 5; step++)
        {
            Tensor predicted = chain.Call(x, training: true), result = x;
            foreach (Layer layer in layers.Layers)
            {
                result = layer.Call(result, training: true);
                results.Add((result, result.ToArray<float>()));
            }
            results.Add((predicted, predicted.ToArray<float>()));
            loss.Of(predicted, y).Backward();
            loss.Of(result, y).Backward();
            foreach ((Parameter a, Parameter b) in chain.Parameters.Zip(layers.Parameters))
            {
                float[] expected = b.Grad!.ToArray<float>();
                double scale = expected.Max(MathF.Abs);
                Assert.All(a.Grad!.ToArray<float>().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, fuse ? 1e-5 * scale : 0));
            }
            layers.Optimizer!.Step(layers.Parameters);
            chain.Optimizer!.Step(chain.Parameters);
            for (int i = 0; i < layers.Parameters.Count; i++) chain.Parameters[i].CopyFrom(layers.Parameters[i]);
        }
        Assert.All(results, static kept => Assert.Equal(kept.Values, kept.Result.ToArray<float>()));
    }

    [Fact]
    public void What_a_layer_of_ones_own_keeps_stays_whatever_stands_around_it()
    {
        List<(Tensor Input, float[] Values)> kept = [];
        Tensor Keep(Tensor x)
        {
            // the run that only looks for shapes has no values
            if (x.Device == Device.Cpu) kept.Add((x, x.ToArray<float>()));
            return x;
        }
        Sequential model = Nets.Empty().Dense(64, Activation.Tanh).Dense(64, Activation.ReLU).Add(new FunctionLayer((x, _) => Keep(x))).Flatten()
            .Dense(64, Activation.Of("kept", Keep)).Dense(32, Activation.Swish).Activation(Activation.Of("kept too", Keep)).Dense(3, Activation.Softmax).Compiled();
        Batch batch = Nets.Points(128).Batch(128).Single();
        for (int step = 0; step < 10; step++)
        {
            LossOf(model, batch).Backward();
            model.Optimizer!.Step(model.Parameters);
        }

        Assert.Equal(30, kept.Count);
        Assert.All(kept, static k => Assert.Equal(k.Values, k.Input.ToArray<float>()));
    }

    [Fact]
    public void Losses_kept_in_a_list_never_change_and_hold_nothing_but_themselves()
    {
        (Sequential model, Batch batch) = Wide();
        List<Tensor> losses = [];
        List<double> values = [];
        long before = 0;
        for (int i = 0; i < 400; i++)
        {
            Tensor loss = LossOf(model, batch);
            loss.Backward();
            model.Optimizer!.Step(model.Parameters);
            losses.Add(loss);
            values.Add(loss.Item());
            if (i == 99) before = LiveBytes();
        }
        long grown = LiveBytes() - before;

        Assert.Equal(values, losses.Select(static l => l.Item()));
        Assert.True(values[^1] < values[0] / 2);
        Assert.True(grown < 300 * 2_000, $"300 kept losses hold {grown:N0} bytes.");     // a step's activations are 200 KB
    }

    [Fact]
    public void A_running_total_of_losses_holds_memory_flat()
    {
        (Sequential model, Batch batch) = Wide();
        Tensor total = Tensor.Scalar(0);
        double expected = 0;
        long before = 0;
        for (int i = 0; i < 2_000; i++)
        {
            Tensor loss = LossOf(model, batch);
            loss.Backward();
            model.Optimizer!.Step(model.Parameters);
            total += loss;
            expected += loss.Item();
            if (i == 99) before = LiveBytes();
        }
        long grown = LiveBytes() - before;

        Assert.Equal(expected, total.Item(), expected * 1e-4);
        Assert.True(grown < 1_900 * 2_000, $"The total of 1,900 losses holds {grown:N0} bytes.");
        Assert.Contains("already used by a Backward()", Assert.Throws<GradientException>(total.Backward).Message);
    }

    [Fact]
    public void The_sum_of_many_losses_sends_back_the_sum_of_their_gradients()
    {
        Sequential model = Nets.Plain();
        Dataset data = Nets.Points(64);
        Tensor total = Tensor.Scalar(0);
        for (int i = 0; i < 2_000; i++) total += LossOf(model, data.Skip(i % 60).Batch(4).First());
        total.Backward();
        float[][] sum = [.. model.Parameters.Select(static p => p.Grad!.ToArray<float>())];
        foreach (Parameter parameter in model.Parameters) parameter.ClearGrad();

        for (int i = 0; i < 2_000; i++) LossOf(model, data.Skip(i % 60).Batch(4).First()).Backward();

        for (int i = 0; i < sum.Length; i++)
        {
            double largest = sum[i].Max(Math.Abs);
            Assert.Equal(sum[i], model.Parameters[i].Grad!.ToArray<float>(), (a, b) => Math.Abs(a - b) <= 1e-4 * largest);
        }
    }

    [Fact]
    public void Memory_stays_flat_over_2000_steps_without_dispose()
    {
        var backend = new FaultyBackend();
        var device = new Device("counted", backend);
        (Sequential model, Batch here) = Wide(units: 160, rows: 128);      // 1 MB a step, in pooled buffers
        model.To(device);
        var batch = new Batch(here.Features.To(device), here.Labels.To(device));
        long heap = 0, pooled = 0;
        for (int i = 0; i < 2_000; i++)
        {
            LossOf(model, batch).Backward();
            model.Optimizer!.Step(model.Parameters);
            if (i == 500) (heap, pooled) = (LiveBytes(), backend.PooledBytes);
        }
        long grown = LiveBytes() - heap - (backend.PooledBytes - pooled);

        Assert.True(grown < 1 << 20, $"Beside the pool's blocks {grown:N0} bytes more are alive after 1,500 steps.");
        Assert.InRange(backend.PooledBytes, 1 << 20, 72L << 20);        // 64 MB of slack, twice what is alive, and the last step
    }

    /// <summary>Exercise 1's network: 4-5-4-3, float64, 100 samples.</summary>
    private static (Sequential Model, Dataset Data) Exercise1()
    {
        Sequential model = new Sequential([4], DType.Float64, seed: 1).Dense(5, Activation.ReLU).Dense(4, Activation.ReLU).Dense(3, Activation.Softmax);
        model.Compile(new SGD(0.01), Loss.SparseCategoricalCrossentropy);
        Dataset points = Nets.Points(100);
        return (model, new Dataset(points.Features.To(DType.Float64), points.Labels));
    }

    /// <summary>What a step may allocate: 150 bytes an op, of which there are four, and what Fit itself needs.</summary>
    [Fact]
    public void A_step_of_fit_allocates_little()
    {
        (Sequential model, Dataset data) = Exercise1();
        long start = 0, end = 0;
        int steps = 0;
        model.Fit(data, 3_000, 100, shuffle: false, verbosity: Verbosity.Silent, callbacks:
        [
            new Hooks
            {
                StepEnd = _ =>
                {
                    steps++;
                    if (steps == 1_000) start = GC.GetAllocatedBytesForCurrentThread();
                    if (steps == 3_000) end = GC.GetAllocatedBytesForCurrentThread();
                },
            },
        ]);

        Assert.True(model.TrainsOnArena);
        Assert.InRange((end - start) / 2_000, 0, 2_000);
    }

    [Fact]
    public void A_step_of_a_custom_loop_allocates_its_buffers_and_little_else()
    {
        (Sequential model, Dataset data) = Exercise1();
        Batch batch = data.Batch(100).Single();
        long start = 0;
        for (int i = 0; i < 3_000; i++)
        {
            LossOf(model, batch).Backward();
            model.Optimizer!.Step(model.Parameters);
            if (i == 999) start = GC.GetAllocatedBytesForCurrentThread();
        }

        // results, slopes, gradients: 100 rows of 5 + 4 + 3 (twice) + 3 doubles and the gradients of the first two, 22 KB
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - start) / 2_000, 0, 40_000);
    }

    [Fact]
    public void No_type_of_the_core_has_a_finalizer()
    {
        IEnumerable<string> finalized =
            from type in typeof(Tensor).Assembly.GetTypes()
            where type.GetMethod("Finalize", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.DeclaredOnly) is not null
            select type.Name;

        Assert.Empty(finalized);
    }
}
