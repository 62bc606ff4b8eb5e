using MiniDeep.Examples;

namespace MomentumExercise;

/// <summary>All that the example says, in English and French.</summary>
internal sealed class Texts(Language language)
{
    public string Description => language.Choose(
        "Exercise 2: backpropagation with momentum. Trains the same network with and without it and compares.",
        "Exercice 2 : la rétropropagation avec élan. Entraîne le même réseau avec et sans élan, puis compare.");

    public string NotebookOption => language.Choose(
        "Print what the exercise's notebook prints for random labels or for the moons, and nothing else.",
        "Affiche ce qu'affiche le notebook de l'exercice pour les étiquettes aléatoires (random) ou les lunes (moons), et rien d'autre.");

    public string SeedOption => language.Choose(
        "NumPy's seed: of data and weights for random labels [default: 0], of the weights for the moons [default: 1].",
        "La graine NumPy : des données et des poids pour les étiquettes aléatoires [par défaut : 0], des poids pour les lunes [par défaut : 1].");

    public string DataSeedOption => language.Choose("The random_state of the moons.", "Le random_state des lunes.");

    public string EpochsOption => language.Choose(
        "Passes over the data [default: 1000 for random labels, 2000 for the moons].", "Le nombre d'époques [par défaut : 1000 aléatoire, 2000 lunes].");

    public string LearningRateOption => language.Choose("The step of gradient descent.", "Le taux d'apprentissage.");

    public string MomentumOption => language.Choose("How much of the velocity stays.", "Le coefficient de l'élan.");

    public string HiddenOption => language.Choose(
        "Neurons in the hidden layer [default: 4 for random labels, 6 for the moons].", "Les neurones de la couche cachée [par défaut : 4 aléatoire, 6 lunes].");

    public string SamplesOption => language.Choose(
        "Samples in the data [default: 100 for random labels, 200 for the moons].", "Le nombre d'exemples [par défaut : 100 aléatoire, 200 lunes].");

    public string NoiseOption => language.Choose("The moons' noise.", "Le bruit des lunes.");

    public string LossOption => language.Choose(
        "Compare the time to this loss only [default: three for each data set].", "Ne compare que le temps pour atteindre cette perte [par défaut : trois par jeu de données].");

    public string Without => language.Choose("without momentum", "sans élan");

    public string With => language.Choose("with momentum", "avec élan");

    public string LossColumn => language.Choose("loss", "perte");

    public string EpochAxis => language.Choose("epoch", "époque");

    public string EpochsWithout => language.Choose("epochs without", "époques sans");

    public string EpochsWith => language.Choose("with", "avec");

    public string RatioColumn => language.Choose("times fewer", "fois moins");

    public string TimeWithout => language.Choose("time without", "temps sans");

    public string TimeWith => language.Choose("with", "avec");

    public string DataName(Settings settings) => settings.Data == DataKind.Moons
        ? language.Choose("Two moons", "Deux lunes")
        : language.Choose("Random labels", "Étiquettes aléatoires");

    public string Title(Settings s) => language.Write(
        $"{DataName(s)}: network 2-{s.Hidden}-1, {s.Samples} samples, learning rate {s.LearningRate}, momentum {s.Momentum}",
        $"{DataName(s)} : réseau 2-{s.Hidden}-1, {s.Samples} exemples, taux d'apprentissage {s.LearningRate}, élan {s.Momentum}");

    public string BoundaryTitle(Settings settings, string run, Outcome outcome) => language.Write(
        $"{DataName(settings)}, {run}: accuracy {outcome.Accuracies[^1]:F2}", $"{DataName(settings)}, {run} : précision {outcome.Accuracies[^1]:F2}");

    public string Class(int label) => language.Write($"class {label}", $"classe {label}");

    public string Target(double loss) => language.Number(loss, "0.####");

    public string Epochs(int? epochs) => epochs?.ToString(language.Culture) ?? language.Choose("never", "jamais");

    public string Ratio(double? ratio) => ratio is { } times ? language.Number(times, "F1") : "";

    public string Time(Outcome outcome, int? epochs) => epochs is { } count ? language.Number(Comparison.TimeOf(outcome, count).TotalMilliseconds, "F2") + " ms" : "";

    public string PicturesWritten(string losses, string boundaries) => language.Choose(
        $"Loss curves: {losses}\nDecision boundaries: {boundaries}", $"Courbes de perte : {losses}\nFrontières de décision : {boundaries}");

    public string Final(Comparison c) => language.Write(
        $"After {c.Settings.Epochs} epochs: loss {c.Without.Losses[^1]:F4} and accuracy {c.Without.Accuracies[^1]:F2} without momentum, {c.With.Losses[^1]:F4} and {c.With.Accuracies[^1]:F2} with it.",
        $"Après {c.Settings.Epochs} époques : perte {c.Without.Losses[^1]:F4} et précision {c.Without.Accuracies[^1]:F2} sans élan, {c.With.Losses[^1]:F4} et {c.With.Accuracies[^1]:F2} avec.");

    /// <summary>What the figures say about the speed, and what momentum costs.</summary>
    public string Interpretation(Comparison c) => c.Effect is Effect.None or Effect.Diverges ? Speed(c) : $"{Speed(c)} {Restlessness(c)}{End(c)}";

    private string Speed(Comparison c)
    {
        string reached = language.List([.. c.Milestones.Where(static m => m.Ratio is not null).Select(m => Target(m.Loss))]);
        string onlyWith = language.List([.. c.Milestones.Where(static m => m.With is not null && m.Without is null).Select(m => Target(m.Loss))]);
        string onlyWithout = language.List([.. c.Milestones.Where(static m => m.With is null && m.Without is not null).Select(m => Target(m.Loss))]);
        string shared = c.Ratio is { } both
            ? both >= 1
                ? language.Write($" To {reached} it takes {both:F1} times fewer epochs with it.", $" Jusqu'à {reached}, il faut {both:F1} fois moins d'époques avec lui.")
                : language.Write($" To {reached} it takes {1 / both:F1} times more epochs with it.", $" Jusqu'à {reached}, il faut {1 / both:F1} fois plus d'époques avec lui.")
            : "";
        return c.Effect switch
        {
            Effect.None => language.Choose("The two runs are the same: this momentum changes nothing.", "Les deux entraînements sont identiques : cet élan ne change rien."),
            Effect.Diverges => !double.IsFinite(c.With.Losses[^1]) && double.IsFinite(c.Without.Losses[^1])
                ? language.Choose("With momentum the training diverges, without it doesn't: the steps are too long.", "Avec élan l'entraînement diverge, sans élan non : les pas sont trop longs.")
                : language.Choose("The training diverges: the learning rate is too high for a comparison.", "L'entraînement diverge : le taux d'apprentissage est trop élevé pour comparer."),
            Effect.NothingReached => language.Write(
                $"Neither run comes down to {language.List([.. c.Milestones.Select(m => Target(m.Loss))])}: about the speed these figures say nothing.",
                $"Aucun des deux ne descend jusqu'à {language.List([.. c.Milestones.Select(m => Target(m.Loss))])} : ces chiffres ne disent rien de la vitesse."),
            Effect.OnlyWith => language.Write(
                $"Only with momentum the loss comes down to {onlyWith} in {c.Settings.Epochs} epochs.{shared}",
                $"Seul l'élan amène la perte à {onlyWith} en {c.Settings.Epochs} époques.{shared}"),
            Effect.OnlyWithout => language.Write(
                $"Only without momentum the loss comes down to {onlyWithout} in {c.Settings.Epochs} epochs: here momentum is in the way.{shared}",
                $"Seul l'entraînement sans élan amène la perte à {onlyWithout} en {c.Settings.Epochs} époques : ici l'élan gêne.{shared}"),
            Effect.Faster => language.Write(
                $"Momentum speeds up: {c.Ratio:F1} times fewer epochs to {reached}. In the long run the velocity makes each gradient count {c.Reach:F1} times.",
                $"L'élan accélère : {c.Ratio:F1} fois moins d'époques jusqu'à {reached}. À la longue, la vitesse fait compter chaque gradient {c.Reach:F1} fois."),
            Effect.Slower => language.Write(
                $"Momentum slows down: {1 / c.Ratio:F1} times more epochs to {reached}. At this learning rate the velocity carries the weights past the valley.",
                $"L'élan ralentit : {1 / c.Ratio:F1} fois plus d'époques jusqu'à {reached}. À ce taux d'apprentissage, la vitesse emporte les poids au-delà de la vallée."),
            _ => language.Write(
                $"Momentum makes no difference to the speed: as many epochs to {reached}, within a twentieth.",
                $"L'élan ne change pas la vitesse : autant d'époques jusqu'à {reached}, à un vingtième près."),
        };
    }

    /// <summary>A fast run may still end in the worse place.</summary>
    private string End(Comparison c)
    {
        double without = c.Without.Losses[^1], with = c.With.Losses[^1];
        return c.Effect != Effect.OnlyWithout && with > without * 1.01
            ? language.Write($" But it ends higher: at {with:F4} instead of {without:F4}.", $" Mais il finit plus haut : à {with:F4} au lieu de {without:F4}.")
            : "";
    }

    private string Restlessness(Comparison c)
    {
        int without = Comparison.Rises(c.Without.Losses), with = Comparison.Rises(c.With.Losses);
        return with > without
            ? language.Write(
                $"The price is restlessness: the loss rises in {with} epochs with it, in {without} without.",
                $"Le prix est l'agitation : la perte remonte à {with} époques avec lui, à {without} sans.")
            : with < without
                ? language.Write(
                    $"It also calms the descent: the loss rises in {with} epochs with it, in {without} without.",
                    $"Il calme aussi la descente : la perte remonte à {with} époques avec lui, à {without} sans.")
                : language.Write(
                    $"The descent is equally steady: the loss rises in {with} epochs in both.",
                    $"La descente est aussi régulière : la perte remonte à {with} époques dans les deux cas.");
    }
}
