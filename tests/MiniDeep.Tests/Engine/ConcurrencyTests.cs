using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>Several threads at once: on one pool, on one model, on two.</summary>
[Collection(Alone.Name)]
public sealed class ConcurrencyTests
{
    private static void OnThreads(int count, Action<int> body)
    {
        List<Exception> errors = [];
        using var start = new Barrier(count);
        Thread[] threads = [.. Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                body(index);
            }
            catch (Exception error)
            {
                lock (errors) errors.Add(error);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (errors.Count > 0) throw new AggregateException(errors);
    }

    private static Sequential Cnn(long seed) => new Sequential([12, 12, 1], seed: seed)
        .Conv2D(8, 3, Padding.Same, Activation.ReLU).MaxPool2D(2).Flatten().Dropout(0.2).Dense(32, Activation.Swish).Dense(3, Activation.Softmax);

    private static Dataset Images(int count)
    {
        Dataset points = Nets.Points(36 * count);
        return new Dataset(Tensor.From(points.Features.ToArray<float>(), [count, 12, 12, 1]), points.Labels[..count]);
    }

    [Fact]
    public void Threads_on_one_pool_never_share_a_buffer()
    {
        var device = new Device("shared", CpuBackend.Instance);
        OnThreads(4, index =>
        {
            var kept = new Queue<(Tensor Tensor, int Value)>();
            for (int i = 0; i < 200; i++)
            {
                int value = (index * 1_000) + i;
                kept.Enqueue((Tensor.Full([25_000 + (i * 37 % 5_000)], value, device: device), value));
                if (kept.Count > 8)
                {
                    (Tensor tensor, int expected) = kept.Dequeue();
                    Assert.All(tensor.ToArray<float>().Where((_, at) => at % 997 == 0), v => Assert.Equal(expected, v));
                }
            }
        });
        Assert.InRange(device.Pool.OutBytes, 0, 256 << 20);
    }

    [Fact]
    public void Two_models_in_two_threads_end_with_the_bits_of_each_alone()
    {
        Dataset data = Images(96);
        string Train(long seed)
        {
            Sequential model = Cnn(seed).Compiled();
            model.Train(data, 3, 25);
            return model.Bits();
        }

        string[] alone = [Train(1), Train(2)];
        var together = new string[2];
        OnThreads(2, index => together[index] = Train(index + 1));

        Assert.Equal(alone, together);
    }

    [Fact]
    public void Eight_threads_that_predict_on_one_model_get_the_bits_of_one()
    {
        Sequential model = Cnn(4);
        Tensor x = Images(64).Features;
        float[] expected = Cnn(4).Predict(x, 16).ToArray<float>();

        OnThreads(8, index =>
        {
            for (int i = 0; i < 25; i++) Assert.Equal(expected, model.Predict(x, 16).ToArray<float>());
        });
    }

    [Fact]
    public void Threads_that_meet_a_model_that_isnt_built_build_it_once()
    {
        Tensor x = Images(8).Features;
        for (int round = 0; round < 20; round++)
        {
            static Sequential Make() => new Sequential(seed: 6).Conv2D(4, 3).Flatten().Add(new Late()).Dense(3, Activation.Softmax);
            float[] expected = Make().Predict(x).ToArray<float>();
            Sequential model = Make();

            OnThreads(4, _ => Assert.Equal(expected, model.Predict(x).ToArray<float>()));

            Assert.Equal(6, model.Parameters.Count);
        }
    }

    private sealed class Late : Layer
    {
        private readonly Dense _inner = new(5);

        protected override Shape Build(Shape input) => [5];

        protected override Tensor Forward(Tensor x, bool training) => _inner.Call(x, training);
    }

    [Fact]
    public void Fit_twice_at_once_is_a_clear_error_and_disturbs_nothing()
    {
        Dataset data = Images(64);
        Sequential model = Cnn(1).Compiled(), reference = Cnn(1).Compiled();
        reference.Train(data, 2);
        Exception? other = null;

        model.Train(data, 2, 32, new Hooks
        {
            StepEnd = _ =>
            {
                var second = new Thread(() => other = Record.Exception(() => model.Train(data)));
                second.Start();
                second.Join();
            },
        });

        var error = Assert.IsType<ModelStateException>(other);
        Assert.Contains("Layer 'sequential' (Sequential) is already in training", error.Message);
        Assert.Equal(reference.Bits(), model.Bits());
        model.Train(data);      // and is free again
    }

    [Fact]
    public void Threads_that_all_fit_one_model_train_it_one_at_a_time_or_not_at_all()
    {
        Dataset data = Images(16);
        var model = new Sequential(seed: 1).Conv2D(2, 3).Flatten().Dense(3, Activation.Softmax);
        model.Compiled();
        int trained = 0, refused = 0;

        OnThreads(4, _ =>
        {
            try
            {
                model.Train(data);
                Interlocked.Increment(ref trained);
            }
            catch (ModelStateException)
            {
                Interlocked.Increment(ref refused);
            }
        });

        Assert.Equal(4, trained + refused);
        Assert.True(trained >= 1);
        Assert.Equal(trained * 3, model.Optimizer!.Iterations);
    }

    /// <summary>y = x, whose backward pass waits in the middle.</summary>
    private sealed class WaitingOp(Tensor x, Tensor y, Action wait) : GradNode(y, x.Node)
    {
        private readonly GradNode _input = x.Node!;

        public override void Backward(GradientWalk walk, in TensorView dy)
        {
            wait();
            walk.Add(_input, dy);
        }

        protected override void Release()
        {
        }
    }

    [Fact]
    public void Two_backward_passes_at_once_through_one_parameter_are_an_error_that_names_it()
    {
        var w = new Parameter("shared", Tensor.Full([2], 3));
        using ManualResetEventSlim inside = new(), go = new();
        var other = new Parameter("other", Tensor.Full([2], 4));
        Tensor waits = other.Clone();
        waits.Node = new WaitingOp(other, waits, () =>
        {
            inside.Set();
            go.Wait();
        });
        Tensor loss = (waits + (w * 5)).Sum();      // reaches w, then waits
        var first = new Thread(loss.Backward);
        first.Start();
        inside.Wait();

        Exception? error = Record.Exception((w * 7).Sum().Backward);
        go.Set();
        first.Join();

        Assert.IsType<GradientException>(error);
        Assert.Contains("parameter 'shared' [2]", error.Message);
        Assert.Contains("one thread at a time", error.Message);
        Assert.Equal([5, 5], w.Grad!.ToArray<float>());
        Assert.Equal([1, 1], other.Grad!.ToArray<float>());
        (w * 7).Sum().Backward();       // free again
        Assert.Equal([12, 12], w.Grad!.ToArray<float>());
    }

    [Fact]
    public void Backward_passes_in_threads_that_share_nothing_are_independent()
    {
        OnThreads(4, index =>
        {
            var w = new Parameter("w", Tensor.Full([100], index + 1));
            for (int i = 0; i < 200; i++)
            {
                (w * w).Sum().Backward();
                Assert.Equal(2 * (index + 1), w.Grad![99].Item());
                w.ClearGrad();
            }
        });
    }
}
