using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Models;

/// <summary>What Fit prints, to the letter.</summary>
public sealed class ProgressTests
{
    /// <summary>A clock that stands still between steps of a given length.</summary>
    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private static string Print(bool isTerminal, TimeSpan step, int stopAfter = int.MaxValue, int epochs = 2, int samples = 8, int batchSize = 2, Func<int>? columns = null)
    {
        var clock = new Clock();
        var output = new StringWriter { NewLine = "\n" };
        var model = new Sequential([1], seed: 1);
        model.Dense(1, kernelInitializer: Initializer.Ones);
        model.Compile(new SGD(0), Loss.MeanSquaredError, Metric.Of("tiny", static (p, _) => p * 1e-5));
        var data = new MiniDeep.Data.Dataset(Tensor.Ones([samples, 1]), Tensor.Zeros([samples, 1]));
        int steps = 0;
        model.Fit(data, epochs, batchSize, validationData: data, verbosity: Verbosity.Silent, callbacks:
        [
            new Hooks
            {
                StepEnd = p =>
                {
                    clock.Now += step;
                    p.StopTraining = ++steps == stopAfter;
                },
            },
            new ProgressPrinter(output, isTerminal, clock, columns),
        ]);
        return output.ToString();
    }

    private const string Logs = "loss: 1.0000 - tiny: 1.0000E-005";
    private const string All = Logs + " - val_loss: 1.0000 - val_tiny: 1.0000E-005";

    [Fact]
    public void A_terminal_shows_a_bar_that_is_drawn_over_itself()
    {
        Assert.Equal(
            $"""
            Epoch 1/2
            |1/4 ━━━━━                0s ETA 1s 500.0ms/step - {Logs}|2/4 ━━━━━━━━━━           1s ETA 1s 500.0ms/step - {Logs}|3/4 ━━━━━━━━━━━━━━━      1s ETA 0s 500.0ms/step - {Logs}|4/4 ━━━━━━━━━━━━━━━━━━━━ 2s ETA 0s 500.0ms/step - {Logs}|4/4 ━━━━━━━━━━━━━━━━━━━━ 2s 500.0ms/step - {All}

            """,
            Print(isTerminal: true, TimeSpan.FromMilliseconds(500)).Split("Epoch 2/2")[0].Replace('\r', '|'));
    }

    [Fact]
    public void A_shorter_line_wipes_out_the_longer_one_under_it()
    {
        string text = Print(isTerminal: true, TimeSpan.FromSeconds(100), epochs: 1);
        string[] lines = text.Split('\n')[1].Split('\r')[1..];
        Assert.StartsWith("1/4 ━━━━━                1m40s ETA 5m00s 100000.0ms/step - ", lines[0]);
        for (int i = 1; i < lines.Length; i++) Assert.True(lines[i].Length >= lines[i - 1].TrimEnd().Length);
        Assert.EndsWith("\n", text);
    }

    [Theory]
    [InlineData(70)]
    [InlineData(56)]
    [InlineData(20)]
    public void A_line_that_will_be_drawn_over_does_not_break(int columns)
    {
        string[] lines = Print(isTerminal: true, TimeSpan.FromMilliseconds(500), epochs: 1, columns: () => columns).Split('\n')[1].Split('\r')[1..];
        Assert.Equal(5, lines.Length);
        Assert.All(lines[..^1], line => Assert.True(line.Length < columns, line));
        Assert.All(lines[..^1], line => Assert.Equal(columns == 70, line.EndsWith(Logs, StringComparison.Ordinal) && line.Contains('━')));
        Assert.Equal($"4/4 ━━━━━━━━━━━━━━━━━━━━ 2s 500.0ms/step - {All}", lines[^1]);
    }

    [Fact]
    public void The_bar_stays_where_it_is_when_the_steps_get_another_digit()
    {
        string[] lines = Print(isTerminal: true, TimeSpan.FromMilliseconds(500), epochs: 1, samples: 12, batchSize: 1).Split('\n')[1].Split('\r')[1..];
        Assert.Equal(" 1/12 ━", lines[0][..7]);
        Assert.Equal("12/12 ━", lines[^1][..7]);
    }

    [Fact]
    public void Fast_steps_are_drawn_ten_times_a_second_at_most()
    {
        Assert.Equal(1, Print(isTerminal: true, TimeSpan.FromMilliseconds(1), epochs: 1).Count(static c => c == '\r'));
        Assert.Equal(3, Print(isTerminal: true, TimeSpan.FromMilliseconds(50), epochs: 1).Count(static c => c == '\r'));
    }

    [Fact]
    public void Elsewhere_each_epoch_is_a_plain_line()
    {
        Assert.Equal(
            $"Epoch 1/2 - 0s 120us/step - {All}\nEpoch 2/2 - 0s 120us/step - {All}\n",
            Print(isTerminal: false, TimeSpan.FromMicroseconds(120)));
    }

    [Fact]
    public void A_run_that_is_stopped_ends_its_line()
    {
        string text = Print(isTerminal: true, TimeSpan.FromSeconds(1), stopAfter: 2);
        Assert.EndsWith($"2/4 ━━━━━━━━━━           2s ETA 2s 1000.0ms/step - {Logs}\n", text);
        Assert.Equal("", Print(isTerminal: false, TimeSpan.FromSeconds(1), stopAfter: 2));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59.9, "59s")]
    [InlineData(60, "1m00s")]
    [InlineData(185, "3m05s")]
    [InlineData(3600, "1h00m")]
    [InlineData(90_000, "25h00m")]
    public void Durations(double seconds, string text) => Assert.Equal(text, TrainingText.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Verbosity_says_who_prints()
    {
        Assert.Null(ProgressPrinter.For(Verbosity.Silent));
        Assert.NotNull(ProgressPrinter.For(Verbosity.Auto));
        Assert.NotNull(ProgressPrinter.For(Verbosity.Lines));
        Assert.NotNull(ProgressPrinter.For(Verbosity.ProgressBar));
    }
}
