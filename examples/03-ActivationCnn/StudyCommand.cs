using System.CommandLine;
using System.Runtime.InteropServices;
using MiniDeep;
using MiniDeep.Examples;

namespace ActivationCnn;

/// <summary>The example's command line.</summary>
internal static class StudyCommand
{
    private const string Project = "ActivationCnn";
    private const int Failed = 1;

    // 128 + SIGINT: what shells report of a program that Ctrl-C ended
    private const int Interrupted = 130;

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
        var resume = new Option<bool>("--resume")
        {
            Description = language.Choose("Go on where the same command was stopped.", "Reprendre là où la même commande a été arrêtée."),
        };
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
            try
            {
                var settings = new StudySettings(
                    candidates, parsed.GetValue(epochs), parsed.GetValue(batchSize), parsed.GetValue(learningRate), parsed.GetValue(seed), parsed.GetValue(seeds),
                    ExampleOptions.Find(parsed.GetValue(device)));
                ImageSet images = ImageSet.Load(parsed.GetValue(data)?.FullName ?? ImageSet.BundledFolder, parsed.GetValue(limit), language);
                return Run(images, settings, journal, surroundings, OutputFolder.Prepare(parsed.GetValue(output), Project), parsed.GetValue(resume));
            }
            catch (Exception wrong) when (wrong is MiniDeepException or ArgumentException { ParamName: "resumeFrom" })
            {
                parsed.InvocationConfiguration.Error.WriteLine(language.Choose("Error: ", "Erreur : ") + wrong.Message);
                return Failed;
            }
        });
        return command;
    }

    private static int Run(ImageSet images, StudySettings settings, Journal journal, Surroundings surroundings, string folder, bool resume)
    {
        (Language language, TextWriter output, _) = surroundings;
        using var cancellation = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        string checkpoints = Path.Combine(folder, "checkpoints");
        if (!resume) Study.Forget(checkpoints, settings);
        IReadOnlyList<TrainingRun> runs;
        journal.Introduce(images, settings);
        try
        {
            runs = Study.Run(images, settings, journal, checkpoints, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            output.WriteLine();
            output.WriteLine(language.Write(
                $"Stopped between two steps; {journal.Finished} of {settings.Seeds * settings.Candidates.Count} trainings were finished, no picture was written.",
                $"Arrêté entre deux pas ; {journal.Finished} entraînements sur {settings.Seeds * settings.Candidates.Count} étaient terminés, aucune image n'a été écrite."));
            output.WriteLine(language.Choose(
                $"The state of the trainings is in {checkpoints}; the same command with --resume goes on from there.",
                $"L'état des entraînements est dans {checkpoints} ; la même commande avec --resume reprend de là."));
            return Interrupted;
        }
        Study.Forget(checkpoints, settings);

        var comparison = new Comparison(runs);
        Report.Print(comparison, images, language, output);
        Report.Heading(output, language.Choose("Interpretation", "Interprétation"));
        foreach (string paragraph in new Interpretation(comparison, images, language).Paragraphs()) Report.Paragraph(output, paragraph);
        IReadOnlyList<string> pictures = Album.Write(comparison, images, language, folder);
        output.WriteLine();
        output.WriteLine(language.Choose($"Pictures in {folder}:", $"Images dans {folder} :"));
        foreach (string picture in pictures) output.WriteLine($"  {picture}");
        return 0;

        void Cancel(PosixSignalContext signal)
        {
            // the second time the program ends at once
            signal.Cancel = !cancellation.IsCancellationRequested;
            cancellation.Cancel();
        }
    }
}
