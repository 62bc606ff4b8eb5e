namespace MiniDeep.Tests.Engine;

/// <summary>Tensors that user code keeps beyond the step they were made in.</summary>
public sealed class KeptTensorTests
{
    /// <summary>What a layer may hold on to, and how it is touched later.</summary>
    public static TheoryData<string> Kept => ["activation", "view", "closure", "detached", "reshaped"];

    private static Func<double> Keep(string what, Tensor x) => what switch
    {
        "activation" => Touch(x),
        "view" => Touch(x[..1]),
        "closure" => () => x.ToArray<float>()[0],
        "detached" => Touch(x.Detach()),
        _ => Touch(x.Reshape(-1)),
    };

    private static Func<double> Touch(Tensor tensor) => () => Sum(tensor);

    private static double Sum(Tensor tensor)
    {
        using (Tensor.NoGrad()) return tensor.Sum().Item();
    }

    [Fact]
    public void A_model_that_keeps_nothing_trains_and_predicts_on_an_arena()
    {
        Sequential model = Nets.Plain().Compiled();
        Assert.Null(model.TrainsOnArena);

        model.Train(Nets.Points(), epochs: 1);

        Assert.True(model.TrainsOnArena);
    }

    [Fact]
    public void One_step_at_a_time_is_enough_for_the_verdict()
    {
        Sequential model = Nets.Plain().Compiled();

        model.Train(Nets.Points(16), epochs: 1);
        Assert.Null(model.TrainsOnArena);
        model.Train(Nets.Points(16), epochs: 1);

        Assert.True(model.TrainsOnArena);
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_model_that_keeps_tensors_from_the_start_runs_without_the_arena(string what)
    {
        Func<double>? read = null;
        List<double> before = [], after = [];
        Sequential model = Nets.Empty().Dense(8, Activation.Tanh).Add(new FunctionLayer((x, training) =>
        {
            if (read is not null) before.Add(read());
            read = Keep(what, x);
            return x;
        })).Dense(3, Activation.Softmax).Compiled();

        model.Train(Nets.Points(), 3, 32, new Hooks { StepEnd = _ => after.Add(read!()) });

        Assert.False(model.TrainsOnArena);
        Assert.Equal(before, after[..^1]);
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_is_kept_once_the_arena_runs_says_so_when_touched(string what)
    {
        Func<double>? kept = null;
        int steps = 0;
        Sequential model = Nets.Empty().Dense(8, Activation.Tanh).Add(new FunctionLayer((x, training) =>
        {
            if (++steps == 4) kept = Keep(what, x);
            return x;
        })).Dense(3, Activation.Softmax).Compiled();

        var error = Assert.Throws<StaleTensorException>(() =>
            model.Train(Nets.Points(), 3, 32, new Hooks { StepEnd = _ => kept?.Invoke() }));

        Assert.True(model.TrainsOnArena);
        Assert.Equal(4, steps);
        Assert.Contains("after its training step", error.Message);
        Assert.Contains("Keep()", error.Message);
        Assert.Contains("ToArray()", error.Message);
        kept = null;
        model.Train(Nets.Points());     // and the model goes on
    }

    [Fact]
    public void A_stale_tensor_used_by_the_next_forward_is_an_error_too()
    {
        Tensor? last = null;
        int steps = 0;
        Sequential model = Nets.Empty().Dense(8).Add(new FunctionLayer((x, training) =>
        {
            Tensor y = last is null ? x : x + last;
            if (++steps >= 3) last = x;
            return y;
        })).Dense(3, Activation.Softmax).Compiled();

        Assert.Throws<StaleTensorException>(() => model.Train(Nets.Points(96), 3));

        Assert.Equal(3, steps);     // the fourth ends before it counts
        Assert.Contains("training step has ended", last!.ToString());
    }

    /// <summary>Neither operation keeps a tensor, which would say so: only which elements won, in a buffer that has a new owner by then.</summary>
    [Fact]
    public void A_graph_of_an_earlier_step_says_so_in_Backward()
    {
        Sequential pools = new Sequential([8, 8, 2]).MaxPool2D(2).MaxPool2D(2);
        Tensor images = Tensor.From(Nets.Points(64).Features.ToArray<float>(), [2, 8, 8, 2]);
        images.RequiresGrad = true;
        Tensor? kept = null;
        int steps = 0;
        Sequential model = Nets.Empty().Dense(8).Add(new FunctionLayer((x, _) =>
        {
            steps++;
            if (steps == 4) kept = pools.Call(images).Sum().Keep();
            if (steps == 5) kept!.Backward();
            return x;
        })).Dense(3, Activation.Softmax).Compiled();

        var error = Assert.Throws<StaleTensorException>(() => model.Train(Nets.Points(96), 3));

        Assert.Equal(5, steps);
        Assert.Contains("MaxPool2D", error.Message);
        Assert.Contains("within the step", error.Message);
    }

    [Fact]
    public void Kept_tensors_stay_and_the_model_still_trains_on_the_arena()
    {
        List<(Tensor Kept, double Sum)> all = [];
        Sequential model = Nets.Empty().Dense(8, Activation.Tanh).Add(new FunctionLayer((x, training) =>
        {
            Tensor part = x.Detach()[1..3].Keep();
            all.Add((part, Sum(part)));
            return x;
        })).Dense(3, Activation.Softmax).Compiled();

        model.Train(Nets.Points(), 10);

        Assert.True(model.TrainsOnArena);
        Assert.Equal(30, all.Count);
        Assert.All(all, kept => Assert.Equal(kept.Sum, Sum(kept.Kept)));
        Assert.Equal(30, all.Select(kept => kept.Sum).Distinct().Count());
    }

    [Fact]
    public void Predictions_are_the_callers_and_never_change()
    {
        Sequential model = Nets.Plain();
        Tensor x = Nets.Points().Features;
        Tensor first = model.Predict(x, batchSize: 16);
        float[] values = first.ToArray<float>();

        for (int i = 0; i < 5; i++) model.Predict(x * i, batchSize: 16);

        Assert.Equal(values, first.ToArray<float>());
    }

    [Fact]
    public void A_tensor_kept_from_a_prediction_is_stale()
    {
        Tensor? kept = null;
        Sequential model = Nets.Empty().Add(new FunctionLayer((x, _) => kept = x * 2));
        Tensor x = Nets.Points().Features;
        model.Predict(x, 1);
        Assert.NotEqual(0, Sum(kept!));     // the first two batches were watched, and something was kept: no arena

        Sequential other = Nets.Empty().Add(new FunctionLayer((x, _) =>
        {
            Tensor y = x * 2;
            if (x.Shape[0] == 1) kept = y;
            return y;
        }));
        other.Predict(x, 8);
        other.Predict(x[..1]);
        Assert.Throws<StaleTensorException>(() => kept!.ToArray<float>());
    }

    [Fact]
    public void A_layer_that_keeps_in_training_predicts_without_an_arena_as_well()
    {
        // its state depends on the batch size: the first two steps of a run don't show every case
        Tensor? mask = null;
        Sequential model = Nets.Empty().Dense(8).Add(new FunctionLayer((x, _) =>
        {
            if (mask is null || mask.Shape != x.Shape) mask = Tensor.Ones(x.Shape);
            return x * mask;
        })).Dense(3, Activation.Softmax).Compiled();
        var data = Nets.Points();

        model.Train(data, 2);
        model.Evaluate(data, 32);
        model.Train(data, 2);
        model.Predict(data, 30);

        Assert.False(model.TrainsOnArena);
    }

    [Fact]
    public void A_step_that_failed_says_nothing_about_the_model()
    {
        bool fail = true;
        Sequential model = Nets.Empty().Dense(8).Add(new FunctionLayer((x, training) =>
        {
            Tensor y = x * 2;
            return fail ? throw new HeldException(y) : y;
        })).Dense(3, Activation.Softmax).Compiled();
        List<HeldException> errors = [];
        for (int i = 0; i < 3; i++) errors.Add(Assert.Throws<HeldException>(() => model.Train(Nets.Points())));

        fail = false;
        model.Train(Nets.Points());

        Assert.True(model.TrainsOnArena);
        GC.KeepAlive(errors);
    }

    private sealed class HeldException(Tensor tensor) : Exception
    {
        public Tensor Tensor { get; } = tensor;
    }
}
