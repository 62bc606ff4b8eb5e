namespace MomentumExercise;

/// <summary>When the two runs first had a loss.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="Without">Epochs without momentum; null where it never came so low.</param>
/// <param name="With">Epochs with momentum; null where it never came so low.</param>
internal sealed record Milestone(double Loss, int? Without, int? With)
{
    /// <summary>How many times fewer epochs momentum takes; null where not both get there.</summary>
    public double? Ratio => Without is { } without && With is { } with ? (double)without / with : null;
}

/// <summary>What momentum does to the speed, as far as the figures say.</summary>
internal enum Effect
{
    /// <summary>The two runs are the same to the last bit.</summary>
    None,

    /// <summary>One of the runs, or both, ends in infinity or NaN.</summary>
    Diverges,

    /// <summary>No loss of the list is reached by both, nor by one alone.</summary>
    NothingReached,

    /// <summary>Some loss is reached with momentum only.</summary>
    OnlyWith,

    /// <summary>Some loss is reached without momentum only.</summary>
    OnlyWithout,

    /// <summary>Clearly fewer epochs.</summary>
    Faster,

    /// <summary>Clearly more epochs.</summary>
    Slower,

    /// <summary>About as many epochs.</summary>
    Equal,
}

/// <summary>The same network from the same weights, with and without momentum.</summary>
internal sealed class Comparison
{
    /// <summary>What counts as a difference in speed: a twentieth.</summary>
    private const double Clear = 1.05;

    public Comparison(Settings settings, Outcome without, Outcome with)
    {
        (Settings, Without, With) = (settings, without, with);
        Milestones = [.. settings.Targets.Select(target => new Milestone(target, Reached(without.Losses, target), Reached(with.Losses, target)))];
        double[] ratios = [.. Milestones.Where(static m => m.Ratio is not null).Select(static m => m.Ratio!.Value)];
        Ratio = ratios.Length == 0 ? null : Math.Exp(ratios.Average(Math.Log));
        Effect = Judge();
    }

    public Settings Settings { get; }

    public Outcome Without { get; }

    public Outcome With { get; }

    public IReadOnlyList<Milestone> Milestones { get; }

    /// <summary>How many times fewer epochs momentum takes: the geometric mean over the losses that both reach.</summary>
    public double? Ratio { get; }

    public Effect Effect { get; }

    /// <summary>How many times a gradient counts in the end, when all it adds to the velocity has been walked: 1 + mu + mu² + … .</summary>
    public double Reach => 1 / (1 - Settings.Momentum);

    /// <summary>The epochs whose loss is higher than that of the epoch before.</summary>
    public static int Rises(IReadOnlyList<double> losses) => losses.Zip(losses.Skip(1), static (before, after) => after > before ? 1 : 0).Sum();

    /// <summary>The time of the first epochs together.</summary>
    public static TimeSpan TimeOf(Outcome outcome, int epochs) => outcome.Times.Take(epochs).Aggregate(TimeSpan.Zero, static (sum, time) => sum + time);

    /// <summary>The updates taken before the loss was first so low.</summary>
    private static int? Reached(IReadOnlyList<double> losses, double target)
    {
        for (int epoch = 0; epoch < losses.Count; epoch++)
        {
            if (losses[epoch] <= target) return Math.Max(epoch, 1);
        }
        return null;
    }

    private Effect Judge()
    {
        if (Without.Losses.SequenceEqual(With.Losses)) return Effect.None;
        if (!double.IsFinite(Without.Losses[^1]) || !double.IsFinite(With.Losses[^1])) return Effect.Diverges;
        if (Milestones.Any(static m => m.With is not null && m.Without is null)) return Effect.OnlyWith;
        if (Milestones.Any(static m => m.With is null && m.Without is not null)) return Effect.OnlyWithout;
        return Ratio switch
        {
            null => Effect.NothingReached,
            > Clear => Effect.Faster,
            < 1 / Clear => Effect.Slower,
            _ => Effect.Equal,
        };
    }
}
