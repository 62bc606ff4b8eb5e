using CsCheck;
using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>A cancelled run ends between two steps, with the model as that many steps leave it.</summary>
public sealed class CancellationTests
{
    private const int Steps = 40;
    private static readonly Dataset _data = Nets.Points(60);

    private static Sequential Make() => Nets.Empty(seed: 21).Dense(8, Activation.Tanh).Dropout(0.3).Dense(3, Activation.Softmax).Compiled(new Adam(0.01));

    /// <summary>The weights after each number of steps of the unbroken run.</summary>
    private static readonly Lazy<string[]> _after = new(() =>
    {
        Sequential model = Make();
        List<string> bits = [model.Bits()];
        model.Train(_data, 10, 15, new Hooks { StepEnd = _ => bits.Add(model.Bits()) });
        return [.. bits];
    });

    [Fact]
    public void Cancelling_after_any_step_leaves_the_model_of_that_step()
    {
        Gen.Int[0, Steps - 1].Sample(step =>
        {
            Sequential model = Make();
            using var source = new CancellationTokenSource();
            int taken = 0;
            if (step == 0) source.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => model.Fit(
                _data, 10, 15, verbosity: Verbosity.Silent, cancellationToken: source.Token, callbacks: [new Hooks { StepEnd = _ => { if (++taken == step) source.Cancel(); } }]));

            Assert.Equal(step, taken);
            Assert.Equal(_after.Value[step], model.Bits());
        }, iter: 40, threads: 1);
    }

    [Fact]
    public void Cancelling_from_another_thread_at_any_moment_leaves_a_whole_step_and_a_model_that_goes_on()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Make().Train(_data, 10, 15);
        int spins = 0, stopped = 0;
        Gen.Int[0, 2_000].Sample(delay =>
        {
            Sequential model = Make();
            using var source = new CancellationTokenSource();
            int taken = 0;
            var canceller = new Thread(() =>
            {
                while (Volatile.Read(ref taken) == 0 && delay > 100) Thread.SpinWait(10);
                Thread.SpinWait(delay);
                source.Cancel();
            });
            canceller.Start();
            try
            {
                model.Fit(_data, 10, 15, verbosity: Verbosity.Silent, cancellationToken: source.Token, callbacks: [new Hooks { StepEnd = _ => taken++ }]);
                Assert.Equal(Steps, taken);
            }
            catch (OperationCanceledException)
            {
                stopped++;
            }
            canceller.Join();

            Assert.Equal(_after.Value[taken], model.Bits());
            Assert.Equal(taken, model.Optimizer!.Iterations);
            Assert.All(model.Parameters, static p => Assert.Null(p.Grad));
            model.Train(_data, 1, 15);
            Assert.Equal(taken + 4, model.Optimizer.Iterations);
            spins++;
        }, iter: 100, threads: 1);
        Assert.True(stopped > 10, $"Only {stopped} of {spins} runs were cancelled.");
    }

    [Fact]
    public void A_long_validation_is_cancelled_in_its_middle()
    {
        using var source = new CancellationTokenSource();
        int batches = 0;
        Sequential model = Nets.Empty().Add(new FunctionLayer((x, training) =>
        {
            if (!training && ++batches == 3) source.Cancel();
            return x;
        })).Dense(3, Activation.Softmax).Compiled();

        Assert.ThrowsAny<OperationCanceledException>(() =>
            model.Fit(_data, 1, 10, validationData: _data, verbosity: Verbosity.Silent, cancellationToken: source.Token));

        Assert.Equal(3, batches);
    }
}
