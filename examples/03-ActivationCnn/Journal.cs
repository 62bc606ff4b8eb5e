using MiniDeep;
using MiniDeep.Examples;

namespace ActivationCnn;

/// <summary>Prints what happens during the study; the library's progress bar comes between.</summary>
/// <param name="language">The reader's language.</param>
/// <param name="output">Takes the text.</param>
/// <param name="quiet">Prints nothing.</param>
internal sealed class Journal(Language language, TextWriter output, bool quiet)
{
    private const int RuleWidth = 72;

    private int _begun;

    /// <summary>What the training itself prints.</summary>
    public Verbosity Verbosity => quiet ? Verbosity.Silent : Verbosity.Auto;

    public void Introduce(ImageSet images, StudySettings settings)
    {
        if (quiet) return;
        output.WriteLine(language.Choose(
            "Exercise 3: which activation function for an image classifier?", "Exercice 3 : quelle fonction d'activation pour un classificateur d'images ?"));
        output.WriteLine();
        string size = $"{images.ImageShape[0]} x {images.ImageShape[1]}";
        output.WriteLine(language.Write(
            $"{images.Train.Count:N0} images to train on and {images.Test.Count:N0} to test with, {size} pixels, {images.Classes} classes",
            $"{images.Train.Count:N0} images d'entraînement et {images.Test.Count:N0} de test, {size} pixels, {images.Classes} classes"));
        output.WriteLine(language.Write(
            $"{Plural(settings.Epochs, "epoch", "epochs")} in batches of {settings.BatchSize}, Adam with learning rate {settings.LearningRate}, {SeedsEnglish(settings)}",
            $"{Plural(settings.Epochs, "époque", "époques")} par lots de {settings.BatchSize}, Adam avec un taux d'apprentissage de {settings.LearningRate}, {SeedsFrench(settings)}"));
        output.WriteLine();
        Cnn.Create(images.ImageShape, images.Classes, settings.Candidates[0].Function, settings.LearningRate, settings.FirstSeed).Summary(output);
    }

    public void Begin(Candidate candidate, StudySettings settings, int repetition)
    {
        _begun++;
        if (quiet) return;
        int all = settings.Seeds * settings.Candidates.Count;
        string title = settings.Seeds == 1
            ? $"{_begun}/{all}  {candidate.Name}"
            : language.Write($"{_begun}/{all}  {candidate.Name}, seed {settings.FirstSeed + repetition}", $"{_begun}/{all}  {candidate.Name}, graine {settings.FirstSeed + repetition}");
        output.WriteLine();
        output.WriteLine($"── {title} ".PadRight(RuleWidth, '─'));
    }

    public void End(TrainingRun run)
    {
        if (quiet) return;
        output.WriteLine(language.Write(
            $"Test images: accuracy {100 * run.Test.Accuracy:F2}%, loss {run.Test.Loss:F4}; trained in {run.TrainingTime.TotalSeconds:F1} s",
            $"Images de test : précision {100 * run.Test.Accuracy:F2} %, perte {run.Test.Loss:F4} ; entraînement en {run.TrainingTime.TotalSeconds:F1} s"));
    }

    private static string Plural(int count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    private static string SeedsEnglish(StudySettings settings) =>
        settings.Seeds == 1 ? $"seed {settings.FirstSeed}" : $"seeds {settings.FirstSeed} to {settings.FirstSeed + settings.Seeds - 1}";

    private static string SeedsFrench(StudySettings settings) =>
        settings.Seeds == 1 ? $"graine {settings.FirstSeed}" : $"graines {settings.FirstSeed} à {settings.FirstSeed + settings.Seeds - 1}";
}
