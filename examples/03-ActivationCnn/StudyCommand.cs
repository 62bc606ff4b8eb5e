using System.CommandLine;
using MiniDeep.Examples;

namespace ActivationCnn;

/// <summary>The example's command line.</summary>
internal static class StudyCommand
{
    private const string Project = "ActivationCnn";

    /// <summary>The command with its options.</summary>
    public static RootCommand Build(Surroundings surroundings)
    {
        Language language = surroundings.Language;
        var seeds = ExampleOptions.Integer(language, "--seeds", language.Choose(
            "How often to train each activation. From 2 on the differences are tested.", "Combien de fois entraîner chaque activation. À partir de 2, les différences sont testées."), 1, 1, 1000);
        var activations = new Option<string[]>("--activations")
        {
            Description = language.Choose("The activations to compare, separated by spaces.", "Les activations à comparer, séparées par des espaces."),
            AllowMultipleArgumentsPerToken = true,
            Arity = ArgumentArity.OneOrMore,
            DefaultValueFactory = static _ => [.. Candidate.OfTheExercise.Select(static candidate => candidate.Key)],
        };
        activations.AcceptOnlyFromAmong([.. Candidate.All.Select(static candidate => candidate.Key)]);
        var epochs = ExampleOptions.Integer(language, "--epochs", language.Choose("Passes over the training images.", "Passages sur les images d'entraînement."), 3, 1);
        var batchSize = ExampleOptions.Integer(language, "--batch-size", language.Choose("Images in a training step.", "Images par pas d'entraînement."), 64, 1);
        var learningRate = ExampleOptions.Number(language, "--learning-rate", language.Choose("Adam's learning rate.", "Le taux d'apprentissage d'Adam."), 0.001, 1e-9, 10);
        var seed = ExampleOptions.Seed(language, "--seed", language.Choose("The seed of the first training.", "La graine du premier entraînement."), 1);
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = language.Choose(
                "A folder with another image set in MNIST's form; by default the digits that come with the program.",
                "Un dossier contenant un autre jeu d'images de la forme de MNIST ; par défaut les chiffres fournis avec le programme."),
            HelpName = language.Choose("folder", "dossier"),
        };
        var limit = ExampleOptions.Integer(language, "--limit", language.Choose(
            "Train on the first images only, as many as this; 0 for all.", "Le nombre d'images d'entraînement à prendre, les premières ; 0 pour toutes."), 0, 0);
        var device = ExampleOptions.Device(language);
        var output = ExampleOptions.Output(language);
        Option<bool> resume = ExampleOptions.Resume(language);
        var quiet = new Option<bool>("--quiet") { Description = language.Choose("Only print the comparison.", "N'afficher que la comparaison.") };

        var command = new RootCommand(language.Choose(
            "Exercise 3: trains a convolutional network with ReLU, Leaky ReLU and Swish and compares them.",
            "Exercice 3 : entraîne un réseau convolutif avec ReLU, Leaky ReLU et Swish et les compare."))
        {
            seeds, activations, epochs, batchSize, learningRate, seed, data, limit, device, ExampleOptions.Lang(language), output, resume, quiet,
        };
        command.SetAction(parsed =>
        {
            Candidate[] candidates = [.. parsed.GetRequiredValue(activations).Distinct().Select(static key => Candidate.All.First(candidate => candidate.Key == key))];
            var journal = new Journal(language, surroundings.Output, parsed.GetValue(quiet));
            var settings = new StudySettings(
                candidates, parsed.GetValue(epochs), parsed.GetValue(batchSize), parsed.GetValue(learningRate), parsed.GetValue(seed), parsed.GetValue(seeds),
                ExampleOptions.Find(parsed.GetValue(device)));
            string source = parsed.GetValue(data)?.FullName ?? ImageSet.BundledFolder;
            ImageSet images = ImageSet.Load(source, parsed.GetValue(limit), language);
            string folder = OutputFolder.Of(parsed.GetValue(output), Project);
            using var trainings = new Trainings(
                folder, parsed.GetValue(resume), [.. candidates.Select(static candidate => candidate.Key), settings with { Candidates = [] }, source, parsed.GetValue(limit)]);
            return trainings.Run(surroundings, () => Run(images, settings, journal, surroundings, folder, trainings));
        });
        return command;
    }

    private static void Run(ImageSet images, StudySettings settings, Journal journal, Surroundings surroundings, string folder, Trainings trainings)
    {
        (Language language, TextWriter output, _) = surroundings;
        Directory.CreateDirectory(folder);
        journal.Introduce(images, settings);
        var comparison = new Comparison(Study.Run(images, settings, journal, trainings));
        Report.Print(comparison, images, language, output);
        Report.Heading(output, language.Choose("Interpretation", "Interprétation"));
        foreach (string paragraph in new Interpretation(comparison, images, language).Paragraphs()) Report.Paragraph(output, paragraph);
        IReadOnlyList<string> pictures = Album.Write(comparison, images, language, folder);
        output.WriteLine();
        output.WriteLine(language.Choose($"Pictures in {folder}:", $"Images dans {folder} :"));
        foreach (string picture in pictures) output.WriteLine($"  {picture}");
    }
}
