using System.CommandLine;
using MiniDeep.Examples;

namespace DeepNetworkFromScratch;

/// <summary>Exercise 1: a deep network from scratch.</summary>
internal static class Program
{
    public static int Main(string[] arguments) => ExampleHost.Run(arguments, Command);

    /// <summary>The command line.</summary>
    public static RootCommand Command(Surroundings surroundings)
    {
        Language language = surroundings.Language;
        var texts = new Texts(language);
        var defaults = new Settings();
        var notebook = new Option<bool>("--notebook") { Description = texts.NotebookOption };
        Option<long> seed = ExampleOptions.Seed(language, "--seed", texts.SeedOption, defaults.Seed);
        Option<int> epochs = Integer("--epochs", texts.EpochsOption, defaults.Epochs, 10_000_000);
        Option<double> learningRate = ExampleOptions.Number(language, "--learning-rate", texts.LearningRateOption, defaults.LearningRate, 0, 1000);
        Option<int> samples = Integer("--samples", texts.SamplesOption, defaults.Samples, 1_000_000);
        Option<int> features = Integer("--features", texts.FeaturesOption, defaults.Features, 10_000);
        Option<int> hidden1 = Integer("--hidden1", texts.Hidden1Option, defaults.Hidden1, 10_000);
        Option<int> hidden2 = Integer("--hidden2", texts.Hidden2Option, defaults.Hidden2, 10_000);
        Option<int> classes = Integer("--classes", texts.ClassesOption, defaults.Classes, 10_000);
        Option<string> device = ExampleOptions.Device(language);
        Option<DirectoryInfo?> output = ExampleOptions.Output(language);
        Option<bool> resume = ExampleOptions.Resume(language);

        var command = new RootCommand(texts.Description)
        {
            notebook, seed, epochs, learningRate, samples, features, hidden1, hidden2, classes, device, output, ExampleOptions.Lang(language), resume,
        };
        command.SetAction(parsed =>
        {
            var settings = new Settings
            {
                Seed = parsed.GetValue(seed),
                Epochs = parsed.GetValue(epochs),
                LearningRate = parsed.GetValue(learningRate),
                Samples = parsed.GetValue(samples),
                Features = parsed.GetValue(features),
                Hidden1 = parsed.GetValue(hidden1),
                Hidden2 = parsed.GetValue(hidden2),
                Classes = parsed.GetValue(classes),
                Device = ExampleOptions.Find(parsed.GetValue(device)),
            };
            string folder = OutputFolder.Of(parsed.GetValue(output), "DeepNetworkFromScratch");
            using var trainings = new Trainings(folder, parsed.GetValue(resume), settings, parsed.GetValue(notebook));
            return trainings.Run(surroundings, () =>
            {
                if (parsed.GetValue(notebook)) Notebook.Run(settings, trainings["notebook"] with { IsOneOfSeveral = false }, surroundings.Output);
                else new Report(surroundings, texts, settings, trainings).Run(Directory.CreateDirectory(folder).FullName);
            });
        });
        return command;

        Option<int> Integer(string name, string description, int byDefault, int maximum) =>
            ExampleOptions.Integer(language, name, description, byDefault, 1, maximum);
    }
}
