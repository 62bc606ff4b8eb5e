using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>What may change from step to step. Every case trains the same model on the arena, without it, and in a loop of its own: the bits are the same.</summary>
public sealed class StepTests
{
    private sealed class Tied(int units) : Layer
    {
        private Parameter _w = null!;

        protected override Shape Build(Shape input)
        {
            _w = AddWeight("w", [input[^1], units], Initializer.GlorotUniform);
            return input;
        }

        // one weight used twice, one tensor with three consumers
        protected override Tensor Forward(Tensor x, bool training)
        {
            Tensor h = x.MatMul(_w);
            return (h * h.Sigmoid() + h).MatMul(_w.Transpose());
        }
    }

    public static TheoryData<string> Networks => ["plain", "tied", "layer twice", "flatten last", "reshape last", "slice last", "input shared", "unfused"];

    private static Sequential Make(string network, bool keep)
    {
        Sequential model = Nets.Empty(seed: 11);
        if (keep) model.Add(new KeepingLayer());
        else model.Add(new FunctionLayer(static (x, _) => x));
        model.FuseLayers = network != "unfused";
        var shared = new Dense(4, Activation.Tanh);
        model = network switch
        {
            "tied" => model.Add(new Tied(6)).Dense(3, Activation.Softmax),
            "layer twice" => model.Add(shared).Add(shared).Dense(3, Activation.Softmax),
            "flatten last" => model.Dense(3).Flatten(),
            "reshape last" => model.Dense(6).Add(new Cut(static x => x.Reshape(x.Shape[0], 2, 3)[.., 1])),
            "slice last" => model.Dense(6, Activation.Swish).Add(new Cut(static x => x[.., 1..4])),
            "input shared" => model.Add(new FunctionLayer(static (x, _) => x * x + x - x.Exp() * x)).Dense(3, Activation.Softmax),
            _ => model.Dense(8).ReLU().Dense(3, Activation.Softmax),
        };
        bool logits = network.EndsWith("last", StringComparison.Ordinal);
        model.Compile(new Adam(0.02), Loss.SparseCategoricalCrossentropy with { FromLogits = logits }, Metric.Accuracy);
        return model;
    }

    private sealed class Cut(Func<Tensor, Tensor> view) : Layer
    {
        protected override Tensor Forward(Tensor x, bool training) => view(x);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Arena_no_arena_and_a_loop_of_ones_own_give_the_same_bits(string network)
    {
        Dataset data = Nets.Points(70);     // batches of 32, 32 and 6
        Sequential arena = Make(network, keep: false), plain = Make(network, keep: true), loop = Make(network, keep: false);

        arena.Train(data, 4);
        plain.Train(data, 4);
        for (int epoch = 0; epoch < 4; epoch++)
        {
            RandomStream order = RandomStream.Of(loop.Seed, RandomPurpose.Shuffle).At(epoch);
            int[] permutation = Philox.Permutation(70, order.Key, order.Stream);
            for (int at = 0; at < 70; at += 32)
            {
                Tensor indices = Tensor.From(permutation[at..Math.Min(at + 32, 70)]);
                Tensor loss = loop.Loss!.Of(loop.Call(data.Features.Gather(indices), training: true), data.Labels.Gather(indices));
                loss.Backward();
                loop.Optimizer!.Step(loop.Parameters);
            }
        }

        Assert.True(arena.TrainsOnArena);
        Assert.False(plain.TrainsOnArena);
        Assert.Equal(plain.Bits(), arena.Bits());
        Assert.Equal(plain.Bits(), loop.Bits());
        Tensor expected = plain.Call(data.Features);
        Assert.Equal(expected.ToArray<float>(), arena.Predict(data.Features, batchSize: 70).ToArray<float>());
        for (int i = 0; i < 3; i++)
        {
            float[] predicted = arena.Predict(data.Features, batchSize: 13).ToArray<float>();
            Assert.Equal(expected.ToArray<float>(), predicted, static (a, b) => Math.Abs(a - b) < 1e-5f);
        }
    }

    public static TheoryData<string> Changes => ["learning rate", "frozen", "weights set", "weights loaded from a copy", "predicts", "evaluates", "fits another", "batch sizes"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void Whatever_a_callback_changes_arena_and_no_arena_agree(string change)
    {
        Dataset data = Nets.Points(96), other = Nets.Points(33, seed: 8);

        Sequential Run(bool keep)
        {
            Sequential model = Make("plain", keep);
            Sequential second = Make("tied", keep);
            IReadOnlyDictionary<string, Tensor> first = model.GetWeights();
            int steps = 0;
            model.Train(data, 4, 32, new Hooks
            {
                StepEnd = progress =>
                {
                    steps++;
                    switch (change)
                    {
                        case "learning rate":
                            progress.Optimizer.LearningRate = 0.05 / steps;
                            break;
                        case "frozen":
                            model.Layers[1].Trainable = steps % 3 != 0;
                            break;
                        case "weights set" when steps == 5:
                            model.SetWeight("dense.kernel", Tensor.Full([4, 8], 0.25));
                            break;
                        case "weights loaded from a copy" when steps is 4 or 7:
                            model.SetWeights(first);
                            break;
                        case "predicts":
                            Assert.Equal([33, 3], model.Predict(other, steps).Shape.ToArray());
                            break;
                        case "evaluates":
                            Assert.InRange(model.Evaluate(other, steps).Loss, 0, 10);
                            break;
                        case "fits another":
                            second.Train(other, 1, steps);
                            break;
                        case "batch sizes":
                            // another run, of other sizes, between two steps
                            Make("plain", keep).Train(other, 2, steps);
                            break;
                    }
                },
            });
            Assert.Equal(!keep, model.TrainsOnArena);
            return model;
        }

        Assert.Equal(Run(keep: true).Bits(), Run(keep: false).Bits());
    }

    [Fact]
    public void A_learning_rate_changed_in_the_middle_counts_from_the_next_step_on()
    {
        Sequential model = Make("plain", keep: false);
        List<string> bits = [];
        model.Train(Nets.Points(96), 4, 32, new Hooks
        {
            StepEnd = progress =>
            {
                bits.Add(model.Bits());
                progress.Optimizer.LearningRate = bits.Count is >= 5 and < 9 ? 0 : 0.02;
            },
        });

        Assert.Equal(12 - 4, bits.Distinct().Count());
        Assert.Single(bits[4..9].Distinct());
    }

    [Fact]
    public void A_layer_frozen_in_the_middle_stays_and_one_freed_starts_without_old_gradients()
    {
        Sequential model = Make("plain", keep: false);
        List<float[]> first = [], last = [];
        model.Train(Nets.Points(96), 4, 32, new Hooks
        {
            StepEnd = _ =>
            {
                first.Add(model.GetParameter("dense.kernel").ToArray<float>());
                last.Add(model.GetParameter("dense_1.kernel").ToArray<float>());
                model.Layers[1].Trainable = first.Count is < 4 or >= 8;
            },
        });

        Assert.Equal(12 - 4, first.Select(static v => v[0]).Distinct().Count());
        Assert.Equal(12, last.Select(static v => v[0]).Distinct().Count());
    }

    [Fact]
    public void A_gradient_gathered_before_freezing_isnt_used_after_it()
    {
        var w = new Parameter("w", Tensor.Full([1], 1));
        var v = new Parameter("v", Tensor.Full([1], 1));
        var sgd = new SGD(1);
        (w * 100 + v).Sum().Backward();
        w.Trainable = false;
        sgd.Step([w, v]);
        w.Trainable = true;
        (w * 1 + v).Sum().Backward();
        sgd.Step([w, v]);

        Assert.Equal(0, w.Item());
        Assert.Equal(-1, v.Item());
    }

    [Fact]
    public void A_parameter_given_twice_takes_one_step()
    {
        var w = new Parameter("w", Tensor.Full([1], 1));
        var momentum = new Momentum(0.25, 0.5);
        (w * 2).Sum().Backward();

        momentum.Step([w, w]);

        Assert.Equal(0.5, w.Item());
    }

    [Fact]
    public void Weights_set_in_the_middle_start_the_next_step()
    {
        Dataset data = Nets.Points(96);
        Sequential model = Make("plain", keep: false), expected = Make("plain", keep: false);
        model.Compile(new SGD(0.1), Loss.SparseCategoricalCrossentropy);
        expected.Compile(new SGD(0.1), Loss.SparseCategoricalCrossentropy);
        IReadOnlyDictionary<string, Tensor> start = model.GetWeights();

        int steps = 0;
        model.Fit(data, 2, 32, shuffle: false, verbosity: Verbosity.Silent, callbacks: [new Hooks { StepEnd = _ => { if (++steps == 3) model.SetWeights(start); } }]);
        expected.Fit(data, 1, 32, shuffle: false, verbosity: Verbosity.Silent);

        Assert.Equal(expected.Bits(), model.Bits());
    }

    [Fact]
    public void Weights_set_between_forward_and_backward_are_an_error_that_names_the_weight()
    {
        Sequential model = Make("plain", keep: false);
        Batch batch = Nets.Points().Batch(16).First();
        Tensor loss = Loss.SparseCategoricalCrossentropy.Of(model.Call(batch.Features, training: true), batch.Labels);
        model.SetWeight("dense_1.kernel", Tensor.Zeros([8, 3]));

        var error = Assert.Throws<GradientException>(loss.Backward);

        Assert.Contains("parameter 'dense_1.kernel' [8, 3] was changed in place", error.Message);
        Assert.Contains("Call Backward() before changing it", error.Message);
        Assert.All(model.Parameters, static p => Assert.Null(p.Grad));
    }

    [Fact]
    public void Probabilities_changed_in_place_are_what_the_loss_sees()
    {
        Tensor labels = Tensor.From([0, 1]);
        Tensor p = Tensor.From(new float[,] { { 1, 2 }, { 3, 4 } }).Softmax();
        p.CopyFrom(Tensor.From(new float[,] { { 0.25f, 0.75f }, { 0.5f, 0.5f } }));
        Tensor logits = Tensor.From(new float[,] { { 1, 2 }, { 3, 4 } });
        Tensor q = logits.Softmax();
        double before = Loss.SparseCategoricalCrossentropy.Of(q, labels).Item();
        logits.Fill(0);

        Assert.Equal(-(Math.Log(0.25) + Math.Log(0.5)) / 2, Loss.SparseCategoricalCrossentropy.Of(p, labels).Item(), 1e-6);
        Assert.Equal(before, Loss.SparseCategoricalCrossentropy.Of(q, labels).Item(), 1e-6);
    }

    [Fact]
    public void Probabilities_made_without_gradients_pass_none_on()
    {
        var w = new Parameter("w", Tensor.From(new float[,] { { 1, 2 } }));
        Tensor p;
        using (Tensor.NoGrad()) p = w.Softmax();

        Tensor loss = Loss.SparseCategoricalCrossentropy.Of(p, Tensor.From([0]));

        Assert.False(loss.RequiresGrad);
    }
}
