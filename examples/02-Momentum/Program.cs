using System.CommandLine;
using MiniDeep.Examples;

namespace MomentumExercise;

/// <summary>Exercise 2: backpropagation with momentum.</summary>
internal static class Program
{
    public static int Main(string[] arguments) => ExampleHost.Run(arguments, Command);

    /// <summary>The command line.</summary>
    public static RootCommand Command(Surroundings surroundings)
    {
        Language language = surroundings.Language;
        var texts = new Texts(language);
        var notebook = new Option<string>("--notebook") { Description = texts.NotebookOption };
        notebook.AcceptOnlyFromAmong("random", "moons");
        Option<long> seed = ExampleOptions.Seed(language, "--seed", texts.SeedOption, byDefault: null);
        Option<long> dataSeed = ExampleOptions.Seed(language, "--data-seed", texts.DataSeedOption, Settings.Moons.DataSeed);
        Option<int> epochs = Integer("--epochs", texts.EpochsOption, 10_000_000);
        Option<double> learningRate = ExampleOptions.Number(language, "--learning-rate", texts.LearningRateOption, Settings.Random.LearningRate, 0, 1000);
        Option<double> momentum = ExampleOptions.Number(language, "--momentum", texts.MomentumOption, Settings.Random.Momentum, 0, 0.9999);
        Option<int> hidden = Integer("--hidden", texts.HiddenOption, 10_000);
        Option<int> samples = Integer("--samples", texts.SamplesOption, 1_000_000);
        Option<double> noise = ExampleOptions.Number(language, "--noise", texts.NoiseOption, Settings.Moons.Noise, 0, 1000);
        Option<double> loss = ExampleOptions.Number(language, "--loss", texts.LossOption, byDefault: null, 0, 1000);
        Option<string> device = ExampleOptions.Device(language);
        Option<DirectoryInfo?> output = ExampleOptions.Output(language);
        Option<bool> resume = ExampleOptions.Resume(language);

        var command = new RootCommand(texts.Description)
        {
            notebook, seed, dataSeed, epochs, learningRate, momentum, hidden, samples, noise, loss, device, output, ExampleOptions.Lang(language), resume,
        };
        command.SetAction(parsed =>
        {
            string folder = OutputFolder.Of(parsed.GetValue(output), "Momentum");
            Settings random = Asked(parsed, Settings.Random), moons = Asked(parsed, Settings.Moons);
            using var trainings = new Trainings(folder, parsed.GetValue(resume), random, moons, parsed.GetValue(notebook) ?? "");
            return trainings.Run(surroundings, () =>
            {
                if (parsed.GetValue(notebook) is { } asked) Notebook.Run(asked == "random" ? random : moons, trainings["notebook"] with { IsOneOfSeveral = false }, surroundings.Output);
                else new Report(surroundings, texts, [random, moons], trainings).Run(Directory.CreateDirectory(folder).FullName);
            });
        });
        return command;

        Option<int> Integer(string name, string description, int maximum) => ExampleOptions.Integer(language, name, description, byDefault: null, 1, maximum);

        Settings Asked(ParseResult parsed, Settings defaults) => defaults with
        {
            Seed = parsed.GetValueOr(seed, defaults.Seed),
            DataSeed = parsed.GetValue(dataSeed),
            Epochs = parsed.GetValueOr(epochs, defaults.Epochs),
            LearningRate = parsed.GetValue(learningRate),
            Momentum = parsed.GetValue(momentum),
            Hidden = parsed.GetValueOr(hidden, defaults.Hidden),
            Samples = parsed.GetValueOr(samples, defaults.Samples),
            Noise = parsed.GetValue(noise),
            Device = ExampleOptions.Find(parsed.GetValue(device)),
            Targets = parsed.GetResult(loss) is null ? defaults.Targets : [parsed.GetValue(loss)],
        };
    }
}
