namespace MiniDeep;

/// <summary>Where a run of Fit stands between two steps, beside the weights and the optimizer: enough to go on as if it had never stopped.</summary>
internal sealed record TrainingState
{
    /// <summary>The epoch under way; at the end of one the next.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps taken in it. All of them: only the validation is left.</summary>
    public required int Step { get; init; }

    /// <summary>Steps in an epoch.</summary>
    public required int StepsPerEpoch { get; init; }

    /// <summary>Samples in the data set.</summary>
    public required int Samples { get; init; }

    /// <summary>Samples in a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>What the epochs' orders follow from; null where the data set's own is kept.</summary>
    public required ulong? OrderKey { get; init; }

    /// <summary>The names of the history's values.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The values of the epochs that are over, in the order of the names.</summary>
    public required IReadOnlyList<double[]> History { get; init; }

    /// <summary>How long the epochs that are over took.</summary>
    public required IReadOnlyList<TimeSpan> EpochTimes { get; init; }

    /// <summary>How long the epoch under way has taken so far.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The running totals of loss and metrics in the epoch under way, and what they are divided by.</summary>
    public required (double[] Sums, double[] Weights) Totals { get; init; }

    /// <summary>What callbacks remember, by the names of their types; null for nothing, which keeps the place of one among several of a type.</summary>
    public required IReadOnlyList<KeyValuePair<string, string?>> Callbacks { get; init; }

    /// <summary>Steps taken in all epochs.</summary>
    public long TotalSteps => ((long)Epoch * StepsPerEpoch) + Step;
}
