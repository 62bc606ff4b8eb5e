using MiniDeep.Examples;

namespace DeepNetworkFromScratch;

/// <summary>All that the example says, in English and French.</summary>
internal sealed class Texts(Language language)
{
    public string Description => language.Choose(
        "Exercise 1: a deep network from scratch. Trains it with MiniDeep and with a backward pass by hand, then tries the exercise's improvements.",
        "Exercice 1 : un réseau profond à partir de zéro. L'entraîne avec MiniDeep et par une rétropropagation écrite à la main, puis essaie les améliorations de l'exercice.");

    public string NotebookOption => language.Choose(
        "Print what the exercise's notebook prints and nothing else.", "Affiche ce qu'affiche le notebook de l'exercice et rien d'autre.");

    public string SeedOption => language.Choose("NumPy's seed for data and weights.", "La graine NumPy des données et des poids.");

    public string EpochsOption => language.Choose("Passes over the data.", "Le nombre d'époques.");

    public string LearningRateOption => language.Choose("The step of gradient descent.", "Le taux d'apprentissage.");

    public string SamplesOption => language.Choose("Samples in the data.", "Le nombre d'exemples.");

    public string FeaturesOption => language.Choose("Numbers in a sample.", "Le nombre de caractéristiques d'un exemple.");

    public string Hidden1Option => language.Choose("Neurons in the first hidden layer.", "Les neurones de la première couche cachée.");

    public string Hidden2Option => language.Choose("Neurons in the second hidden layer.", "Les neurones de la deuxième couche cachée.");

    public string ClassesOption => language.Choose("Classes.", "Le nombre de classes.");

    public string Epoch => language.Choose("epoch", "époque");

    public string LossOfMiniDeep => language.Choose("loss, MiniDeep", "perte, MiniDeep");

    public string LossByHand => language.Choose("loss, by hand", "perte, à la main");

    public string ImprovementsTitle => language.Choose("The exercise's improvements", "Les améliorations de l'exercice");

    public string VariantColumn => language.Choose("variant", "variante");

    public string EpochsColumn => language.Choose("epochs", "époques");

    public string LossColumn => language.Choose("loss", "perte");

    public string AccuracyColumn => language.Choose("accuracy", "précision");

    public string TimeColumn => language.Choose("time", "temps");

    public string AsIs => language.Choose("as the exercise has it", "tel quel");

    public string Normalized => language.Choose("normalised inputs", "entrées normalisées");

    public string Tanh => "tanh";

    public string LeakyReLU => "Leaky ReLU";

    public string Together => language.Choose("more epochs, normalised, Leaky ReLU, larger", "plus d'époques, normalisé, Leaky ReLU, plus grand");

    public string CurvesTitle => language.Choose("Loss of each variant", "Perte de chaque variante");

    public string Title(Settings s) => language.Write(
        $"Network {s.Features}-{s.Hidden1}-{s.Hidden2}-{s.Classes}, {s.Samples} samples, learning rate {s.LearningRate}, seed {s.Seed}",
        $"Réseau {s.Features}-{s.Hidden1}-{s.Hidden2}-{s.Classes}, {s.Samples} exemples, taux d'apprentissage {s.LearningRate}, graine {s.Seed}");

    public string MoreEpochs(int epochs) => language.Write($"{epochs} epochs", $"{epochs} époques");

    public string Larger(int hidden1, int hidden2) => language.Write($"larger: {hidden1} and {hidden2} neurons", $"plus grand : {hidden1} et {hidden2} neurones");

    public string Count(int count) => count.ToString(language.Culture);

    public string Loss(double loss) => language.Number(loss, "F4");

    public string Accuracy(double accuracy) => language.Number(accuracy, "F2");

    public string Milliseconds(TimeSpan time) => language.Number(time.TotalMilliseconds, "F0") + " ms";

    public string Accuracies(double network, double byHand) => language.Write(
        $"Final accuracy: {network:F2} with MiniDeep, {byHand:F2} by hand.",
        $"Précision finale : {network:F2} avec MiniDeep, {byHand:F2} à la main.");

    public string Times(TimeSpan network, TimeSpan byHand) => language.Write(
        $"Time, start-up included: {network.TotalMilliseconds:F0} ms with MiniDeep, {byHand.TotalMilliseconds:F0} ms by hand.",
        $"Temps, démarrage compris : {network.TotalMilliseconds:F0} ms avec MiniDeep, {byHand.TotalMilliseconds:F0} ms à la main.");

    public string Differences(double losses, double weights) => language.Write(
        $"Largest difference between the two: {losses:0.0e+0} in a loss, {weights:0.0e+0} in a weight.",
        $"Plus grand écart entre les deux : {losses:0.0e+0} sur une perte, {weights:0.0e+0} sur un poids.");

    public string Picture(string path) => language.Choose($"Loss curves: {path}", $"Courbes de perte : {path}");

    public string Interpretation(Variant asIs, Variant best, int classes)
    {
        double from = asIs.Outcome.Losses[^1], to = best.Outcome.Losses[^1];
        string verdict = Report.Comparable(to) < Report.Comparable(from)
            ? language.Write(
                $"The most helps \"{best.Name}\": the loss goes from {from:F4} to {to:F4}, the accuracy from {asIs.Outcome.Accuracy:F2} to {best.Outcome.Accuracy:F2}.",
                $"Ce qui aide le plus : « {best.Name} ». La perte passe de {from:F4} à {to:F4}, la précision de {asIs.Outcome.Accuracy:F2} à {best.Outcome.Accuracy:F2}.")
            : language.Write(
                $"Nothing helps here: the lowest loss of the others is {to:F4} (\"{best.Name}\"), as it is {from:F4}.",
                $"Rien n'aide ici : la plus basse perte des autres est {to:F4} (« {best.Name} »), telle quelle {from:F4}.");
        string warning = language.Write(
            $"The labels are random: above {1.0 / classes:F2}, accuracy says how much the network can learn by heart, not what it would know about new samples.",
            $"Les étiquettes sont aléatoires : au-dessus de {1.0 / classes:F2}, la précision dit ce que le réseau peut apprendre par cœur, et non ce qu'il saurait de nouveaux exemples.");
        return verdict + "\n" + warning;
    }
}
