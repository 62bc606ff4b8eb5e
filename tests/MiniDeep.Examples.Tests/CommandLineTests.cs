using MiniDeep.Examples;

namespace MiniDeep.Tests;

/// <summary>A wrong command line gets one message in the right language, exit code 2, and no run.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("--epochs takes a whole number from 1 to 10000000, not '0'.", "--epochs", "0")]
    [InlineData("--epochs takes a whole number from 1 to 10000000, not 'many'.", "--epochs", "many")]
    [InlineData("--epochs takes a whole number from 1 to 10000000, not '99999999999'.", "--epochs", "99999999999")]
    [InlineData("--seed takes a whole number from 0 to 4294967295, not '-1'.", "--seed", "-1")]
    [InlineData("--learning-rate takes a number from 0 to 1000, not '0,1'.", "--learning-rate", "0,1")]
    [InlineData("--learning-rate takes a number from 0 to 1000, not 'NaN'.", "--learning-rate", "NaN")]
    [InlineData("--hidden1", "--hidden1")]
    [InlineData("--nonsense", "--nonsense")]
    [InlineData("'de'", "--lang", "de")]
    public void A_wrong_option_is_named(string message, params string[] arguments)
    {
        ExampleRun run = ExampleRun.Exercise1(arguments.Contains("--lang") ? arguments : [.. arguments, "--lang", "en"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Equal("", run.Output.Trim());
    }

    [Theory]
    [InlineData("--momentum prend un nombre de 0 à 0.9999, pas « 1 ».", "--momentum", "1")]
    [InlineData("--noise prend un nombre de 0 à 1000, pas « -0.1 ».", "--noise", "-0.1")]
    [InlineData("--help donne les options.", "--hidden", "x")]
    [InlineData("'stars'", "--notebook", "stars")]
    public void Messages_are_French_too(string message, params string[] arguments)
    {
        ExampleRun run = ExampleRun.Exercise2([.. arguments, "--lang=fr"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_before_the_work()
    {
        string file = Path.GetTempFileName();
        try
        {
            ExampleRun run = ExampleRun.Exercise1("--lang", "fr", "--output", Path.Combine(file, "pictures"));

            Assert.Equal(1, run.ExitCode);
            Assert.StartsWith("Erreur : ", run.Error);
            Assert.Equal("", run.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public void The_process_ends_with_the_exit_code()
    {
        (int code, byte[] output, string error) = ExampleProcess.Run("02-Momentum/Momentum", ["--lang", "fr", "--epochs", "0"]);

        Assert.Equal(2, code);
        Assert.Contains("--epochs prend un nombre entier de 1 à 10000000, pas « 0 ».", error);
        Assert.Equal("", System.Text.Encoding.UTF8.GetString(output).Trim());
    }

    [Theory]
    [InlineData("en", "Backpropagation", "Usage:", "--momentum")]
    [InlineData("fr", "rétropropagation avec élan", "Utilisation", "Le coefficient de l'élan.")]
    public void Help_speaks_the_language(string language, params string[] phrases)
    {
        ExampleRun run = ExampleRun.Exercise2("--lang", language, "--help");

        Assert.Equal(0, run.ExitCode);
        Assert.All(phrases, phrase => Assert.Contains(phrase, run.Output, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void An_example_carries_the_native_libraries_of_one_platform()
    {
        string[] files = Directory.GetFiles(Repository.PathTo($"examples/02-Momentum/bin/{Repository.Configuration}/net10.0"), "*", SearchOption.AllDirectories);

        Assert.Single(files, static file => Path.GetFileName(file) is "libSkiaSharp.so" or "libSkiaSharp.dll" or "libSkiaSharp.dylib");
        Assert.InRange(files.Sum(static file => new FileInfo(file).Length), 1_000_000, 60_000_000);
    }

    [Fact]
    public void A_progress_bar_appears_on_a_terminal_only_and_wipes_itself_away()
    {
        string[] arguments = ["--notebook", "--epochs", "1"];
        Assert.DoesNotContain('\r', ExampleRun.Exercise1(arguments).Output);

        using var output = new StringWriter();
        var bar = new EpochBar(new Surroundings(Language.English, output, IsTerminal: true), "training");
        var model = new Sequential(inputShape: [1]).Dense(1);
        model.Compile(new SGD(), Loss.MeanSquaredError);
        model.Fit(Tensor.Ones([1, 1]), Tensor.Ones([1, 1]), epochs: 4, verbosity: Verbosity.Silent, callbacks: [bar, new Pause()]);

        string[] drawn = output.ToString().Split('\r');
        Assert.Contains(drawn, static line => line.StartsWith("training  ", StringComparison.Ordinal) && line.Contains("/4 ━", StringComparison.Ordinal));
        Assert.Equal("", drawn[^1].Trim());
        Assert.Equal("", drawn[^2].Trim());
    }

    /// <summary>Makes an epoch long enough for the bar to be drawn.</summary>
    private sealed class Pause : Callback
    {
        public override void OnEpochBegin(TrainingProgress progress) => Thread.Sleep(120);
    }
}
