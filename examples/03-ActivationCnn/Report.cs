using MiniDeep.Examples;

namespace ActivationCnn;

/// <summary>The comparison as tables.</summary>
internal static class Report
{
    private const int LineWidth = 100;

    /// <summary>Prints accuracy, loss and time of each activation and, with several seeds, the test of every two.</summary>
    public static void Print(Comparison comparison, ImageSet images, Language language, TextWriter output)
    {
        Heading(output, language.Write(
            $"Comparison on the {images.Test.Count:N0} test images", $"Comparaison sur les {images.Test.Count:N0} images de test"));
        if (comparison.Seeds == 1) PrintSingle(comparison, language, output);
        else PrintSeveral(comparison, language, output);
    }

    /// <summary>A line with a rule under it.</summary>
    public static void Heading(TextWriter output, string text)
    {
        output.WriteLine();
        output.WriteLine(text);
        output.WriteLine(new string('═', text.Length));
    }

    /// <summary>A text in lines of readable length, the first with a dash.</summary>
    public static void Paragraph(TextWriter output, string text)
    {
        // French puts a space before these signs, where no line may end
        foreach (char sign in ":;%»?!") text = text.Replace($" {sign}", $"\u00A0{sign}", StringComparison.Ordinal);
        string line = "-";
        foreach (string word in text.Replace("« ", "«\u00A0", StringComparison.Ordinal).Split(' '))
        {
            if (line.Length + word.Length >= LineWidth)
            {
                output.WriteLine(line);
                line = " ";
            }
            line += " " + word;
        }
        output.WriteLine(line);
    }

    /// <summary>"98.73%", in French "98,73 %".</summary>
    public static string Percent(Language language, double part) => language.Number(100 * part, "F2") + language.Choose("%", "\u00A0%");

    /// <summary>A probability; below a thousandth only that.</summary>
    public static string Probability(Language language, double p) => p < 0.001 ? "< " + language.Number(0.001, "F3") : language.Number(p, "F3");

    private static void PrintSingle(Comparison comparison, Language language, TextWriter output)
    {
        var table = new TextTable("Activation", language.Choose("Accuracy", "Précision"), language.Choose("Errors", "Erreurs"),
            language.Choose("Loss", "Perte"), language.Choose("Training", "Entraînement"), language.Choose("Per step", "Par pas"));
        foreach (Entry entry in comparison.Entries)
        {
            table.Add(entry.Name, Percent(language, entry.Accuracy.Mean), language.Number(entry.Mistakes.Mean, "N0"), language.Number(entry.Loss.Mean, "F4"),
                language.Number(entry.TrainingSeconds.Mean, "F1") + " s", language.Number(entry.StepMilliseconds.Mean, "F2") + " ms");
        }
        table.Print(output);
    }

    private static void PrintSeveral(Comparison comparison, Language language, TextWriter output)
    {
        output.WriteLine(language.Write(
            $"Mean ± standard deviation of {comparison.Seeds} seeds", $"Moyenne ± écart type de {comparison.Seeds} graines"));
        output.WriteLine();
        var table = new TextTable("Activation", language.Choose("Accuracy", "Précision"), language.Choose("Lowest", "Minimum"), language.Choose("Highest", "Maximum"),
            language.Choose("Loss", "Perte"), language.Choose("Training", "Entraînement"), language.Choose("Per step", "Par pas"));
        foreach (Entry entry in comparison.Entries)
        {
            table.Add(entry.Name, $"{language.Number(100 * entry.Accuracy.Mean, "F2")} ± {Percent(language, entry.Accuracy.Deviation)}",
                Percent(language, entry.Runs.Min(static run => run.Test.Accuracy)), Percent(language, entry.Runs.Max(static run => run.Test.Accuracy)),
                $"{language.Number(entry.Loss.Mean, "F4")} ± {language.Number(entry.Loss.Deviation, "F4")}",
                language.Number(entry.TrainingSeconds.Mean, "F1") + " s", language.Number(entry.StepMilliseconds.Mean, "F2") + " ms");
        }
        table.Print(output);
        if (comparison.Pairs.Count == 0) return;

        output.WriteLine();
        output.WriteLine(language.Choose(
            "Paired t-test of the accuracies, seed by seed (differences in percentage points)", "Test t apparié des précisions, graine par graine (différences en points de pourcentage)"));
        output.WriteLine();
        var pairs = new TextTable(language.Choose("Pair", "Paire"), language.Choose("Difference", "Différence"), "t", "p", "p (Holm)",
            language.Choose("Significant at 5%", "Significatif à 5 %"));
        foreach (Pair pair in comparison.Pairs)
        {
            pairs.Add($"{pair.Better.Name} - {pair.Worse.Name}",
                $"{language.Number(100 * pair.Test.Difference.Mean, "F3")} ± {language.Number(100 * pair.Test.Difference.Deviation, "F3")}", language.Number(pair.Test.T, "F2"),
                Probability(language, pair.Test.P), Probability(language, pair.CorrectedP), pair.IsSignificant ? language.Choose("yes", "oui") : language.Choose("no", "non"));
        }
        pairs.Print(output);
    }
}
