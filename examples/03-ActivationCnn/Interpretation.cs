using MiniDeep.Examples;

namespace ActivationCnn;

/// <summary>What the figures say, in sentences. Every sentence depends on them.</summary>
/// <param name="comparison">The figures.</param>
/// <param name="images">What they were measured on.</param>
/// <param name="language">The reader's language.</param>
internal sealed class Interpretation(Comparison comparison, ImageSet images, Language language)
{
    // step times of two runs that differ by less tell nothing
    private const double ClearlySlower = 1.1;

    /// <summary>The sentences, a paragraph each.</summary>
    public IEnumerable<string> Paragraphs()
    {
        yield return Accuracy();
        yield return comparison.Seeds == 1 ? OneRunIsNotEnough() : Significance();
        if (DeadUnits() is { } dead) yield return dead;
        if (comparison.Entries.Count > 1) yield return Time();
    }

    private string Accuracy()
    {
        Entry best = comparison.Ranked[0], last = comparison.Ranked[^1];
        string accuracy = Report.Percent(language, best.Accuracy.Mean);
        if (best == last) return language.Choose($"{best.Name} classifies {accuracy} of the test images right.", $"{best.Name} classe correctement {accuracy} des images de test.");
        string others = language.List([.. comparison.Ranked.Skip(1).Select(entry => $"{entry.Name} ({Report.Percent(language, entry.Accuracy.Mean)})")]);
        double gap = 100 * (best.Accuracy.Mean - last.Accuracy.Mean);
        string run = comparison.Seeds == 1 ? language.Choose("in this run", "dans cet essai") : language.Choose("on average", "en moyenne");
        return language.Write(
            $"The most accurate {run} is {best.Name} ({accuracy}), before {others}. First and last lie {gap:F2} percentage points apart, {gap / 100 * images.Test.Count:N0} of {images.Test.Count:N0} images.",
            $"La plus précise {run} est {best.Name} ({accuracy}), devant {others}. La première et la dernière sont séparées de {gap:F2} point de pourcentage, soit {gap / 100 * images.Test.Count:N0} images sur {images.Test.Count:N0}.");
    }

    private string OneRunIsNotEnough() => comparison.Entries.Count == 1
        ? language.Choose(
            "One run says little about the activation: another seed gives other initial weights and another order of the images. --seeds 5 shows the spread.",
            "Un seul essai en dit peu sur l'activation : une autre graine donne d'autres poids initiaux et un autre ordre des images. --seeds 5 montre la dispersion.")
        : language.Choose(
            "One run of each says nothing about which is better: another seed gives other initial weights and another order of the images, and often another ranking. --seeds 5 repeats the comparison and tests the differences.",
            "Un seul essai de chacune ne dit rien de laquelle est la meilleure : une autre graine donne d'autres poids initiaux et un autre ordre des images, et souvent un autre classement. --seeds 5 répète la comparaison et teste les différences.");

    private string Significance()
    {
        if (comparison.Pairs.Count == 0)
        {
            Sample accuracy = comparison.Entries[0].Accuracy;
            return language.Write(
                $"From seed to seed the accuracy varies by {100 * accuracy.Deviation:F2} percentage points (standard deviation).",
                $"D'une graine à l'autre, la précision varie de {100 * accuracy.Deviation:F2} point de pourcentage (écart type).");
        }
        Pair[] significant = [.. comparison.Pairs.Where(static pair => pair.IsSignificant)];
        Pair closest = comparison.Pairs.MinBy(static pair => pair.CorrectedP)!;
        if (significant.Length == 0)
        {
            string p = Report.Probability(language, closest.CorrectedP);
            return language.Write(
                $"No difference is significant: {comparison.Seeds} seeds don't show that any activation is more accurate than another here. The clearest difference is that of {closest.Better.Name} over {closest.Worse.Name}, {100 * closest.Test.Difference.Mean:F2} percentage points; chance alone gives one as clear with probability {p} (corrected for {comparison.Pairs.Count} comparisons; below 0.05 would count).",
                $"Aucune différence n'est significative : {comparison.Seeds} graines ne montrent pas qu'une activation soit ici plus précise qu'une autre. La différence la plus nette est celle de {closest.Better.Name} sur {closest.Worse.Name}, {100 * closest.Test.Difference.Mean:F2} point de pourcentage ; le hasard seul en donne une aussi nette avec une probabilité de {p} (corrigée pour {comparison.Pairs.Count} comparaisons ; il faudrait moins de 0,05).");
        }
        string[] found = [.. significant.Select(Describe)];
        string rest = significant.Length == comparison.Pairs.Count ? "" : language.Choose(
            " The other differences are not significant.", " Les autres différences ne sont pas significatives.");
        return language.Choose("Significant: ", "Significatif : ") + language.List(found) + "." + rest;
    }

    private string Describe(Pair pair)
    {
        string p = Report.Probability(language, pair.CorrectedP);
        string equals = p.StartsWith('<') ? "p " : "p = ";
        return language.Write(
            $"{pair.Better.Name} is more accurate than {pair.Worse.Name} by {100 * pair.Test.Difference.Mean:F2} percentage points ({equals}{p})",
            $"{pair.Better.Name} est plus précise que {pair.Worse.Name} de {100 * pair.Test.Difference.Mean:F2} point de pourcentage ({equals}{p})");
    }

    /// <summary>The reason usually given against ReLU, checked.</summary>
    private string? DeadUnits()
    {
        if (comparison.Entries.FirstOrDefault(static entry => entry.Candidate.CanDie) is not { } entry) return null;
        int[] dead = [.. entry.Runs.Select(static run => run.Test.DeadUnits)];
        int units = entry.Runs[0].Test.HiddenUnits;
        if (dead.Max() == 0)
        {
            return language.Write(
                $"ReLU's weakness is units that are stuck at 0, and here there are none; each of the {units} hidden units responds to some test image. So Leaky ReLU and Swish have nothing to repair.",
                $"La faiblesse de ReLU, ce sont des neurones bloqués à 0, et ici il n'y en a pas ; chacun des {units} neurones cachés réagit à au moins une image de test. Leaky ReLU et Swish n'ont donc rien à réparer.");
        }
        string count = dead.Min() == dead.Max() ? $"{dead[0]}" : language.Choose($"{dead.Min()} to {dead.Max()}", $"{dead.Min()} à {dead.Max()}");
        return language.Write(
            $"ReLU's weakness is units that are stuck at 0: here {count} of the {units} hidden units respond to no test image. Leaky ReLU and Swish would let a gradient through where ReLU lets none. {Harm(entry)}",
            $"La faiblesse de ReLU, ce sont des neurones bloqués à 0 : ici {count} des {units} neurones cachés ne réagissent à aucune image de test. Leaky ReLU et Swish laisseraient passer un gradient là où ReLU n'en laisse aucun. {Harm(entry)}");
    }

    /// <summary>Whether dead units cost accuracy.</summary>
    private string Harm(Entry relu)
    {
        if (comparison.Pairs.Count == 0)
            return language.Choose("Whether that costs accuracy, these runs can't tell.", "Si cela coûte de la précision, ces essais ne peuvent pas le dire.");
        string[] better = [.. comparison.Pairs.Where(pair => pair.Worse == relu && pair.IsSignificant).Select(static pair => pair.Better.Name)];
        return better.Length == 0
            ? language.Choose("It does no harm that shows: none of the others is significantly more accurate.", "Cela ne nuit pas de façon visible : aucune des autres n'est significativement plus précise.")
            : language.Choose($"It may be what ReLU loses to {language.List(better)} by.", $"C'est peut-être ce qui fait perdre ReLU face à {language.List(better)}.");
    }

    private string Time()
    {
        Entry fastest = comparison.Entries.MinBy(static entry => entry.StepMilliseconds.Mean)!;
        Entry slowest = comparison.Entries.MaxBy(static entry => entry.StepMilliseconds.Mean)!;
        double ratio = slowest.StepMilliseconds.Mean / fastest.StepMilliseconds.Mean;
        if (ratio < ClearlySlower)
        {
            return language.Write(
                $"They cost about the same: {fastest.StepMilliseconds.Mean:F2} to {slowest.StepMilliseconds.Mean:F2} ms a training step.",
                $"Elles coûtent à peu près autant : de {fastest.StepMilliseconds.Mean:F2} à {slowest.StepMilliseconds.Mean:F2} ms par pas d'entraînement.");
        }
        string why = slowest.Candidate.IsTranscendental && !fastest.Candidate.IsTranscendental
            ? language.Choose($": {slowest.Name} takes an exponential for each value, {fastest.Name} a comparison", $" : {slowest.Name} calcule une exponentielle par valeur, {fastest.Name} une comparaison")
            : "";
        return language.Write(
            $"{slowest.Name} is the slowest: a training step takes {ratio:F1} times as long as with {fastest.Name} ({slowest.StepMilliseconds.Mean:F2} and {fastest.StepMilliseconds.Mean:F2} ms){why}.",
            $"{slowest.Name} est la plus lente : un pas d'entraînement dure {ratio:F1} fois celui de {fastest.Name} ({slowest.StepMilliseconds.Mean:F2} et {fastest.StepMilliseconds.Mean:F2} ms){why}.");
    }
}
