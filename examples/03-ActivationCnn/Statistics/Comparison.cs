namespace ActivationCnn;

/// <summary>What the trainings with one activation have in common.</summary>
/// <param name="Candidate">The activation.</param>
/// <param name="Runs">One training a seed.</param>
internal sealed record Entry(Candidate Candidate, IReadOnlyList<TrainingRun> Runs)
{
    public string Name => Candidate.Name;

    public Sample Accuracy { get; } = Sample.Of([.. Runs.Select(static run => run.Test.Accuracy)]);

    public Sample Loss { get; } = Sample.Of([.. Runs.Select(static run => run.Test.Loss)]);

    public Sample StepMilliseconds { get; } = Sample.Of([.. Runs.Select(static run => run.StepTime.TotalMilliseconds)]);

    public Sample TrainingSeconds { get; } = Sample.Of([.. Runs.Select(static run => run.TrainingTime.TotalSeconds)]);

    public Sample Mistakes { get; } = Sample.Of([.. Runs.Select(static run => (double)run.Test.Mistakes.Count)]);
}

/// <summary>Two activations side by side: the one with the higher mean accuracy first.</summary>
/// <param name="Better">The one with the higher mean.</param>
/// <param name="Worse">The other.</param>
/// <param name="Test">The paired test of their accuracies.</param>
/// <param name="CorrectedP">Its p-value after Holm's correction for all the pairs.</param>
internal sealed record Pair(Entry Better, Entry Worse, PairedTest Test, double CorrectedP)
{
    /// <summary>The usual level: one in twenty comparisons of equals looks significant.</summary>
    public const double Level = 0.05;

    public bool IsSignificant => CorrectedP < Level;
}

/// <summary>The study's figures.</summary>
internal sealed class Comparison
{
    /// <param name="runs">The trainings: the same seeds in the same order for each activation.</param>
    public Comparison(IReadOnlyList<TrainingRun> runs)
    {
        Entries = [.. runs.GroupBy(static run => run.Candidate).Select(static group => new Entry(group.Key, [.. group]))];
        Ranked = [.. Entries.OrderByDescending(static entry => entry.Accuracy.Mean)];
        Pairs = Ranked[0].Accuracy.Count > 1 ? Compare(Ranked) : [];
    }

    /// <summary>One for each activation.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>The same, the most accurate first.</summary>
    public IReadOnlyList<Entry> Ranked { get; }

    /// <summary>Every two of them; empty where each has a single run, which nothing can be tested with.</summary>
    public IReadOnlyList<Pair> Pairs { get; }

    /// <summary>The trainings of each.</summary>
    public int Seeds => Entries[0].Runs.Count;

    private static Pair[] Compare(IReadOnlyList<Entry> ranked)
    {
        List<(Entry Better, Entry Worse, PairedTest Test)> pairs = [];
        for (int i = 0; i < ranked.Count; i++)
        {
            for (int j = i + 1; j < ranked.Count; j++) pairs.Add((ranked[i], ranked[j], PairedTest.Of(Accuracies(ranked[i]), Accuracies(ranked[j]))));
        }
        double[] corrected = PairedTest.Holm([.. pairs.Select(static pair => pair.Test.P)]);
        return [.. pairs.Zip(corrected, static (pair, p) => new Pair(pair.Better, pair.Worse, pair.Test, p))];

        static double[] Accuracies(Entry entry) => [.. entry.Runs.Select(static run => run.Test.Accuracy)];
    }
}
