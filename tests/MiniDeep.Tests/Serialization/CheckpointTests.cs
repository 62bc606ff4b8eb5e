using MiniDeep.Data;
using MiniDeep.Tests.Engine;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Serialization;

public class CheckpointTests
{
    private const int Epochs = 3, BatchSize = 16;    // 70 samples: 5 steps an epoch, the last of 6

    private static readonly Dataset _train = Nets.Points(), _validation = Nets.Points(40, seed: 9);

    /// <summary>Dropout, a frozen weight, two kinds of state.</summary>
    private static Sequential Network(Optimizer? optimizer = null, long seed = 3)
    {
        Sequential model = Nets.Empty(seed).Dense(8, Activation.Tanh).Dropout(0.3).Add(new Sequential(seed: 5).Dense(6).Dropout(0.2)).Dense(3, Activation.Softmax).Compiled(optimizer);
        model.GetParameter("dense.bias").Trainable = false;
        return model;
    }

    private static History Fit(
        Sequential model, IEnumerable<Callback> callbacks, string? resumeFrom = null, int epochs = Epochs, bool shuffle = true, Dataset? validation = null, CancellationToken cancellation = default) =>
        model.Fit(
            _train, epochs, BatchSize, validation ?? _validation, shuffle: shuffle, verbosity: Verbosity.Silent, callbacks: callbacks, resumeFrom: resumeFrom,
            cancellationToken: cancellation);

    /// <summary>Weights, step count and history, to the bit.</summary>
    private static string Outcome(Sequential model, History history) =>
        $"{model.Bits()} {model.Optimizer!.Iterations} {string.Join(" ", history.Names.Select(name => $"{name}: {string.Join(",", history[name].Select(BitConverter.DoubleToInt64Bits))}"))}";

    public static TheoryData<string> Optimizers => ["sgd", "momentum", "nesterov", "adam", "own"];

    private static Optimizer Make(string optimizer) => optimizer switch
    {
        "sgd" => new SGD(0.1),
        "momentum" => new Momentum(0.05),
        "nesterov" => new Nesterov(0.05),
        "adam" => new Adam(0.01),
        _ => new OwnOptimizer(),
    };

    /// <summary>Cancelled after each number of steps, resumed by another model with other weights and another seed.</summary>
    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_run_broken_anywhere_ends_as_one_that_was_not(string optimizer)
    {
        foreach (bool shuffle in new[] { true, false })
        {
            Sequential whole = Network(Make(optimizer));
            string expected = Outcome(whole, Fit(whole, [], shuffle: shuffle));
            for (int steps = 1; steps < 5 * Epochs; steps++)
            {
                using var folder = new TemporaryFolder();
                using var cancellation = new CancellationTokenSource();
                Assert.Throws<OperationCanceledException>(() => Fit(
                    Network(Make(optimizer)), [new CancelAfter(steps, cancellation), new Checkpoint(folder.Path) { EveryEpochs = 0, KeepBest = false }], shuffle: shuffle,
                    cancellation: cancellation.Token));
                Assert.Equal([$"checkpoint-{steps:D9}.safetensors"], folder.Names);

                Sequential resumed = Network(Make(optimizer), seed: 77);
                Assert.Equal(expected, Outcome(resumed, Fit(resumed, [], folder.Path, shuffle: shuffle)));
            }
        }
    }

    [Fact]
    public void A_run_broken_again_and_again_ends_as_one_that_was_not()
    {
        using var folder = new TemporaryFolder();
        Sequential whole = Network();
        string expected = Outcome(whole, Fit(whole, []));
        while (true)
        {
            using var cancellation = new CancellationTokenSource();
            Sequential model = Network();
            try
            {
                History history = Fit(model, [new CancelAfter(2, cancellation), new Checkpoint(folder.Path) { EverySteps = 1 }], folder.Path, cancellation: cancellation.Token);
                Assert.Equal(expected, Outcome(model, history));
                break;
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    [Fact]
    public void A_run_cancelled_in_its_validation_validates_again()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        Sequential whole = Network(), broken = Network(), resumed = Network();
        string expected = Outcome(whole, Fit(whole, []));
        // the last step's callback cancels: the loop's own look at the token comes only before a next step
        Assert.Throws<OperationCanceledException>(() => Fit(broken, [new CancelAfter(5, cancellation), new Checkpoint(folder.Path)], cancellation: cancellation.Token));
        Assert.Equal(expected, Outcome(resumed, Fit(resumed, [], folder.Path)));
    }

    [Fact]
    public void A_run_that_was_finished_gives_its_history_and_goes_on_if_asked_for_more()
    {
        using var folder = new TemporaryFolder();
        Sequential shorter = Network(), again = Network(), longer = Network(), whole = Network();
        string expected = Outcome(shorter, Fit(shorter, [new Checkpoint(folder.Path)]));
        Assert.Equal(expected, Outcome(again, Fit(again, [new Checkpoint(folder.Path)], folder.Path)));
        Assert.Equal(Outcome(whole, Fit(whole, [], epochs: 5)), Outcome(longer, Fit(longer, [new Checkpoint(folder.Path)], folder.Path, epochs: 5)));
    }

    [Fact]
    public void Of_the_checkpoints_the_last_and_the_best_are_kept()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["checkpoint-notes.safetensors"], "mine");
        File.WriteAllText(folder[".checkpoint-000000004.safetensors.abc.tmp"], "left by a kill");
        var checkpoint = new Checkpoint(folder.Path) { EverySteps = 2, Keep = 2, Monitor = "val_accuracy", HigherIsBetter = true };
        Sequential model = Network();
        History history = Fit(model, [checkpoint]);

        Assert.Equal(["best.safetensors", "checkpoint-000000014.safetensors", "checkpoint-000000015.safetensors", "checkpoint-notes.safetensors"], folder.Names);
        Assert.Equal(folder["checkpoint-000000015.safetensors"], checkpoint.LastPath);
        Assert.Equal(checkpoint.LastPath, Checkpoint.Newest(folder.Path));
        Assert.Equal(model.Bits(), Sequential.Load(checkpoint.LastPath!).Bits());
        Sequential best = Sequential.Load(folder["best.safetensors"]).Compiled();
        Assert.Equal(history["val_accuracy"].Max(), best.Evaluate(_validation, BatchSize)["accuracy"]);
    }

    [Fact]
    public void The_best_value_outlives_a_broken_run()
    {
        using var folder = new TemporaryFolder();
        Fit(Network(new SGD(0)), [new Checkpoint(folder.Path)], epochs: 1);
        byte[] best = File.ReadAllBytes(folder["best.safetensors"]);
        // without learning no later epoch is better than the first
        Fit(Network(new SGD(0)), [new Checkpoint(folder.Path)], folder.Path);
        Assert.Equal(best, File.ReadAllBytes(folder["best.safetensors"]));
    }

    [Fact]
    public void What_callbacks_remember_comes_back()
    {
        using var folder = new TemporaryFolder();
        var counter = new Counter();
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Fit(
            Network(), [new Checkpoint(folder.Path), counter, new CancelAfter(7, cancellation)], cancellation: cancellation.Token));
        Assert.Equal(7, counter.Steps);
        counter = new Counter();
        Fit(Network(), [counter], folder.Path);
        Assert.Equal(15, counter.Steps);
    }

    /// <summary>A rate that callbacks set at the run's beginning, at an epoch's, after an epoch and after a step.</summary>
    [Fact]
    public void The_learning_rate_of_callbacks_comes_back()
    {
        foreach (bool atBegin in new[] { true, false })
        {
            Sequential whole = Network();
            string expected = Outcome(whole, Fit(whole, [new Rates(atBegin)]));
            for (int steps = 1; steps < 5 * Epochs; steps++)
            {
                using var folder = new TemporaryFolder();
                using var cancellation = new CancellationTokenSource();
                Assert.Throws<OperationCanceledException>(() => Fit(
                    Network(), [new Rates(atBegin), new CancelAfter(steps, cancellation), new Checkpoint(folder.Path)], cancellation: cancellation.Token));
                Sequential resumed = Network();
                Assert.Equal(expected, Outcome(resumed, Fit(resumed, [new Rates(atBegin)], folder.Path)));
            }
        }
    }

    [Fact]
    public void What_callbacks_froze_comes_back()
    {
        Sequential whole = Network();
        string expected = Outcome(whole, Fit(whole, [new Thaw(epoch: 1)]));
        using var folder = new TemporaryFolder();
        Fit(Network(), [new Thaw(epoch: 1), new Checkpoint(folder.Path)], epochs: 2);
        Sequential resumed = Network();
        Assert.Equal(expected, Outcome(resumed, Fit(resumed, [new Thaw(epoch: 1)], folder.Path)));
        Assert.True(resumed.GetParameter("dense.bias").Trainable);
    }

    [Fact]
    public void Of_two_callbacks_of_a_type_each_gets_its_own_back()
    {
        using var folder = new TemporaryFolder();
        Fit(Network(), [new Note(null), new Note("mine"), new Checkpoint(folder.Path)], epochs: 1);
        Note first = new(null), second = new(null);
        Fit(Network(), [first, second], folder.Path);
        Assert.Equal((null, "mine"), (first.State, second.State));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3 << 20)]
    public void What_a_callback_remembers_may_have_any_length(int length)
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(Enumerable.Repeat("é\n\"", (length + 2) / 3));
        Fit(Network(), [new Note(text), new Checkpoint(folder.Path)], epochs: 1);
        var note = new Note(null);
        Fit(Network(), [note], folder.Path);
        Assert.Equal(text, note.State);
    }

    /// <summary>One often, one seldom; the run breaks at each step, and is resumed from the folder that is ahead.</summary>
    [Fact]
    public void Of_two_checkpoints_each_goes_on_in_its_folder()
    {
        Sequential whole = Network();
        string expected = Outcome(whole, Fit(whole, []));
        using var wholeOften = new TemporaryFolder();
        using var wholeSeldom = new TemporaryFolder();
        Fit(Network(), Both(wholeOften, wholeSeldom));
        for (int steps = 1; steps < 5 * Epochs; steps++)
        {
            using var often = new TemporaryFolder();
            using var seldom = new TemporaryFolder();
            using var cancellation = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Fit(Network(), [new CancelAfter(steps, cancellation), .. Both(often, seldom)], cancellation: cancellation.Token));
            Sequential resumed = Network();
            Assert.Equal(expected, Outcome(resumed, Fit(resumed, Both(often, seldom), often.Path)));
            foreach ((TemporaryFolder there, TemporaryFolder here) in new[] { (wholeOften, often), (wholeSeldom, seldom) })
            {
                Assert.Equal(Path.GetFileName(Checkpoint.Newest(there.Path)), Path.GetFileName(Checkpoint.Newest(here.Path)));
                Assert.Equal(Sequential.Load(there["best.safetensors"]).Bits(), Sequential.Load(here["best.safetensors"]).Bits());
            }
        }

        static Checkpoint[] Both(TemporaryFolder often, TemporaryFolder seldom) =>
            [new Checkpoint(often.Path) { EverySteps = 2 }, new Checkpoint(seldom.Path) { Monitor = "val_accuracy", HigherIsBetter = true, Keep = 1 }];
    }

    [Fact]
    public void A_second_folder_that_is_ahead_or_of_another_run_is_refused()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        using var other = new TemporaryFolder();
        Fit(Network(), [new Checkpoint(first.Path)], epochs: 1);
        Fit(Network(), [new Checkpoint(second.Path)], epochs: 2);
        Fit(Network(new Adam(0.02)), [new Checkpoint(other.Path)], epochs: 1);
        Sequential model = Network();
        string before = model.Bits();
        Refused($"'{Checkpoint.Newest(second.Path)}' is 5 steps ahead of the checkpoint that the run goes on from", first, second);
        Refused($"'{Checkpoint.Newest(other.Path)}' is a checkpoint of an earlier run", first, other);
        Refused($"'{Checkpoint.Newest(other.Path)}' is a checkpoint of an earlier run", second, other);
        Assert.Equal(before, model.Bits());
        Fit(model, [new Checkpoint(first.Path), new Checkpoint(second.Path)], second.Path);
        Assert.Equal(Path.GetFileName(Checkpoint.Newest(second.Path)), Path.GetFileName(Checkpoint.Newest(first.Path)));

        void Refused(string message, TemporaryFolder resumed, TemporaryFolder beside) => Assert.Contains(
            message, Assert.Throws<ModelStateException>(() => Fit(model, [new Checkpoint(resumed.Path), new Checkpoint(beside.Path)], resumed.Path)).Message);
    }

    [Fact]
    public void A_folder_may_end_with_a_separator()
    {
        using var folder = new TemporaryFolder();
        string written = folder.Path + Path.DirectorySeparatorChar;
        Fit(Network(), [new Checkpoint(written)], written, epochs: 1);
        Sequential model = Network();
        Fit(model, [new Checkpoint(written)], written, epochs: 2);
        Assert.Equal(10, model.Optimizer!.Iterations);
    }

    [Fact]
    public void Another_run_is_refused_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        Fit(Network(), [new Checkpoint(folder.Path)], epochs: 1);
        Sequential model = Network(seed: 8);
        string before = model.Bits();
        Refused<ArgumentException>("batchSize: 16; this one has 8", () => model.Fit(_train, 3, 8, _validation, verbosity: Verbosity.Silent, resumeFrom: folder.Path));
        Refused<ArgumentException>("samples: 70; this one has 60", () => model.Fit(_train.Take(60), 3, 12, _validation, verbosity: Verbosity.Silent, resumeFrom: folder.Path));
        Refused<ArgumentException>("shuffle: True; this one has False", () => Fit(model, [], folder.Path, shuffle: false));
        Refused<ArgumentException>("seed", () => model.Fit(_train, 3, BatchSize, _validation, seed: 4, verbosity: Verbosity.Silent, resumeFrom: folder.Path));
        Refused<ArgumentException>("history's values", () => model.Fit(_train, 3, BatchSize, verbosity: Verbosity.Silent, resumeFrom: folder.Path));
        Refused<ModelStateException>("is a checkpoint of an earlier run", () => Fit(model, [new Checkpoint(folder.Path)]));
        model.Compiled(new SGD());
        Refused<InvalidDataFileException>("the run's optimizer, SGD", () => Fit(model, [], folder.Path));
        Sequential other = Nets.Plain().Compiled();
        Refused<InvalidDataFileException>("of Layer 'sequential'", () => Fit(other, [], folder.Path));
        Assert.Equal(before, model.Bits());

        model.Compiled();
        string path = Checkpoint.Newest(folder.Path)!;
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length += 101)
        {
            File.WriteAllBytes(path, whole[..length]);
            Refused<InvalidDataFileException>(Path.GetFileName(path), () => Fit(model, [], folder.Path));
        }
        Assert.Equal(before, model.Bits());
        Assert.Equal(0, model.Optimizer!.Iterations);

        static void Refused<T>(string message, Action fit)
            where T : Exception => Assert.Contains(message, Assert.Throws<T>(fit).Message);
    }

    /// <summary>Each operation of the disk fails once: the run ends with an error that names the file, or goes on if asked to; what a resume finds is whole.</summary>
    [Fact]
    public void A_fault_anywhere_leaves_whole_checkpoints()
    {
        Sequential whole = Network();
        string expected = Outcome(whole, Fit(whole, []));
        var counting = new FaultyDisk(new IOException(), at: -1);
        using (var folder = new TemporaryFolder())
        using (FileSystem.Use(counting)) Fit(Network(), [new Checkpoint(folder.Path) { EverySteps = 4, Keep = 1 }]);
        Assert.True(counting.Operations.Count > 30, $"{counting.Operations.Count} operations");

        for (int at = 0; at < counting.Operations.Count; at++)
        {
            foreach (bool goesOn in new[] { false, true })
            {
                using var folder = new TemporaryFolder();
                var fault = new IOException("No space left on device");
                List<IOException> told = [];
                Sequential broken = Network();
                var checkpoint = new Checkpoint(folder.Path) { EverySteps = 4, Keep = 1, WhenWriteFails = goesOn ? told.Add : null };
                using (FileSystem.Use(new FaultyDisk(fault, at)))
                {
                    if (goesOn)
                    {
                        Assert.Equal(expected, Outcome(broken, Fit(broken, [checkpoint])));
                        Assert.Contains("No space left on device", Assert.Single(told).Message);
                    }
                    else
                    {
                        string message = Assert.Throws<IOException>(() => Fit(broken, [checkpoint])).Message;
                        Assert.Contains("No space left on device", message);
                        Assert.True(counting.Operations[at] == "delete" || message.Contains(folder.Path), message);
                    }
                }
                Assert.DoesNotContain(folder.Names, name => name.EndsWith(".tmp", StringComparison.Ordinal));
                Sequential resumed = Network();
                Assert.Equal(expected, Outcome(resumed, Fit(resumed, [new Checkpoint(folder.Path)], folder.Path)));
            }
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_before_the_first_step_or_told()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "in the way");
        Sequential model = Network();
        Assert.Contains(folder["file"], Assert.Throws<IOException>(() => Fit(model, [new Checkpoint(folder["file"])])).Message);
        Assert.Equal(0, model.Optimizer!.Iterations);
        List<IOException> told = [];
        Fit(model, [new Checkpoint(folder["file"]) { WhenWriteFails = told.Add }]);
        Assert.True(told.Count > 3);
    }

    [Fact]
    public void A_monitored_value_that_the_run_lacks_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("watches 'f1', but the run has loss, accuracy, val_loss, val_accuracy",
            Assert.Throws<ModelStateException>(() => Fit(Network(), [new Checkpoint(folder.Path) { Monitor = "f1" }])).Message);
    }

    private sealed class CancelAfter(int steps, CancellationTokenSource cancellation) : Callback
    {
        private int _steps;

        public override void OnStepEnd(TrainingProgress progress)
        {
            if (++_steps == steps) cancellation.Cancel();
        }
    }

    private sealed class Rates(bool atBegin) : Callback
    {
        public override void OnTrainBegin(TrainingProgress progress)
        {
            if (atBegin) progress.Optimizer.LearningRate = 0.02;
        }

        public override void OnEpochBegin(TrainingProgress progress) => progress.Optimizer.LearningRate *= 0.5;

        public override void OnStepEnd(TrainingProgress progress) => progress.Optimizer.LearningRate *= 0.99;

        public override void OnEpochEnd(TrainingProgress progress) => progress.Optimizer.LearningRate *= 1.5;
    }

    private sealed class Thaw(int epoch) : Callback
    {
        public override void OnEpochBegin(TrainingProgress progress)
        {
            if (progress.Epoch == epoch) progress.Model.GetParameter("dense.bias").Trainable = true;
        }
    }

    private sealed class Note(string? text) : Callback
    {
        public override string? State { get; set; } = text;
    }

    private sealed class Counter : Callback
    {
        public int Steps { get; private set; }

        public override string? State
        {
            get => Steps.ToString(System.Globalization.CultureInfo.InvariantCulture);
            set => Steps = int.Parse(value!, System.Globalization.CultureInfo.InvariantCulture);
        }

        public override void OnStepEnd(TrainingProgress progress) => Steps++;
    }

    private sealed class OwnOptimizer() : Optimizer(0.01)
    {
        protected override int StateCount => 1;

        protected override void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state)
        {
            state[0].CopyFrom((0.9 * state[0]) + (0.1 * gradient.Square()));
            parameter.CopyFrom(parameter - (LearningRate * gradient / (state[0].Sqrt() + (1e-3 * Iterations))));
        }
    }
}
