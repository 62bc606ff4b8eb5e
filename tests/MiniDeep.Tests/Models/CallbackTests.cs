using MiniDeep.Data;
using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Models;

public sealed class CallbackTests
{
    private sealed class Log(List<string> lines, string name) : Callback
    {
        public override void OnTrainBegin(TrainingProgress progress) => lines.Add($"{name} begin {progress.Epochs}x{progress.StepsPerEpoch}");

        public override void OnEpochBegin(TrainingProgress progress) => lines.Add($"{name} epoch {progress.Epoch} begins at {progress.Step}");

        public override void OnStepEnd(TrainingProgress progress) => lines.Add($"{name} step {progress.Step}: {string.Join(",", progress.Logs.Select(static l => l.Key))}");

        public override void OnEpochEnd(TrainingProgress progress) => lines.Add($"{name} epoch {progress.Epoch} ends: {string.Join(",", progress.Logs.Select(static l => l.Key))}");

        public override void OnTrainEnd(TrainingProgress progress) => lines.Add($"{name} end");
    }

    [Fact]
    public void Callbacks_are_called_in_their_order_at_each_moment()
    {
        List<string> lines = [];
        Nets.Plain().Compiled().Fit(Nets.Points(), 2, 40, validationData: Nets.Points(9), verbosity: Verbosity.Silent, callbacks: [new Log(lines, "a"), new Log(lines, "b")]);

        string[] one =
        [
            "begin 2x2",
            "epoch 0 begins at 0", "step 1: loss,accuracy", "step 2: loss,accuracy", "epoch 0 ends: loss,accuracy,val_loss,val_accuracy",
            "epoch 1 begins at 0", "step 1: loss,accuracy", "step 2: loss,accuracy", "epoch 1 ends: loss,accuracy,val_loss,val_accuracy",
            "end",
        ];
        Assert.Equal(one.SelectMany(static l => new[] { "a " + l, "b " + l }), lines);
    }

    [Fact]
    public void Logs_are_the_running_means_of_the_epoch()
    {
        List<double> losses = [], singles = [];
        Sequential model = Nets.Plain();
        model.Compile(new SGD(0), Loss.SparseCategoricalCrossentropy);
        Dataset data = Nets.Points(70);
        model.Fit(data, 2, 32, shuffle: false, verbosity: Verbosity.Silent, callbacks: [new Hooks { StepEnd = p => losses.Add(p.Logs[0].Value) }]);

        for (int at = 0; at < 70; at += 32) singles.Add(model.Evaluate(data.Skip(at).Take(32)).Loss);
        double[] expected = [singles[0], (singles[0] + singles[1]) / 2, ((32 * singles[0]) + (32 * singles[1]) + (6 * singles[2])) / 70];
        Assert.Equal([.. expected, .. expected], losses, static (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1, 1, 0, 0)]
    [InlineData(3, 3, 1, 1)]
    [InlineData(4, 4, 1, 1)]
    [InlineData(6, 6, 2, 2)]
    public void StopTraining_ends_the_run_after_its_step(int stopAfter, int steps, int epochs, int epochEnds)
    {
        int taken = 0, ends = 0, trainEnds = 0;
        Sequential model = Nets.Plain().Compiled();

        History history = model.Train(Nets.Points(), 5, 32, new Hooks
        {
            TrainBegin = p => p.StopTraining = stopAfter == 0,
            StepEnd = p =>
            {
                taken++;
                p.StopTraining = taken == stopAfter;
            },
            EpochEnd = _ => ends++,
            TrainEnd = _ => trainEnds++,
        });

        Assert.Equal((steps, epochs, epochEnds, 1), (taken, history.Epochs, ends, trainEnds));
        Assert.Equal(steps, model.Optimizer!.Iterations);
        model.Train(Nets.Points(), 1);
    }

    public static TheoryData<string> Moments => ["train begin", "epoch begin", "step end", "epoch end", "train end"];

    [Theory]
    [MemberData(nameof(Moments))]
    public void An_exception_from_a_callback_comes_out_as_it_is_and_the_model_goes_on(string moment)
    {
        Action<TrainingProgress> fail = static _ => throw new TimeoutException("mine");
        Sequential model = Nets.Plain().Compiled(), reference = Nets.Plain().Compiled();
        reference.Train(Nets.Points(), 1);

        Assert.Equal("mine", Assert.Throws<TimeoutException>(() => model.Train(Nets.Points(), 1, 32, moment switch
        {
            "train begin" => new Hooks { TrainBegin = fail },
            "epoch begin" => new Hooks { EpochBegin = fail },
            "step end" => new Hooks { StepEnd = p => { if (p.Step == 2) fail(p); } },
            "epoch end" => new Hooks { EpochEnd = fail },
            _ => new Hooks { TrainEnd = fail },
        })).Message);

        Assert.Equal(moment switch { "train begin" or "epoch begin" => 0, "step end" => 2, _ => 3 }, model.Optimizer!.Iterations);
        if (moment is "epoch end" or "train end") Assert.Equal(reference.Bits(), model.Bits());
        Assert.All(model.Parameters, static p => Assert.Null(p.Grad));
        model.Train(Nets.Points(), 1);
    }

    [Fact]
    public void A_callback_may_predict_and_evaluate_in_the_middle_of_a_step_count_without_changing_anything()
    {
        Dataset other = Nets.Points(300, seed: 9);
        Sequential model = Nets.Empty().Dense(8).Dropout(0.5).Dense(3, Activation.Softmax).Compiled();
        Sequential reference = Nets.Empty().Dense(8).Dropout(0.5).Dense(3, Activation.Softmax).Compiled();
        History expected = reference.Train(Nets.Points(), 3);
        Evaluation? last = null;
        Tensor? predicted = null;

        History history = model.Train(Nets.Points(), 3, 32, new Hooks
        {
            StepEnd = _ =>
            {
                predicted = model.Predict(other, 64);
                last = model.Evaluate(other, 128);
            },
            EpochEnd = p => Assert.Equal(p.Logs[0].Value, p.Logs[0].Value),
        });

        Assert.Equal(reference.Bits(), model.Bits());
        Assert.Equal(expected.Loss, history.Loss);
        Assert.Equal(model.Evaluate(other, 128).Loss, last!.Loss);
        Assert.Equal(model.Predict(other, 64).ToArray<float>(), predicted!.ToArray<float>());
    }

    [Fact]
    public void Fit_within_fit_on_the_same_model_is_an_error()
    {
        Sequential model = Nets.Plain().Compiled();
        Assert.Contains("already in training", Assert.Throws<ModelStateException>(() =>
            model.Train(Nets.Points(), 1, 32, new Hooks { StepEnd = _ => model.Train(Nets.Points()) })).Message);
        model.Train(Nets.Points());
    }
}
