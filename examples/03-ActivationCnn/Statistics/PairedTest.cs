namespace ActivationCnn;

/// <summary>Student's paired t-test: whether two treatments of the same subjects differ in the mean. The subjects here are seeds, each of which gives both models their initial weights and batches.</summary>
/// <param name="Difference">The differences, first minus second.</param>
/// <param name="T">Their mean over its standard error.</param>
/// <param name="P">The probability of a mean difference at least this large where there is none.</param>
internal readonly record struct PairedTest(Sample Difference, double T, double P)
{
    /// <param name="first">One value a seed.</param>
    /// <param name="second">The values of the same seeds, in the same order.</param>
    /// <exception cref="ArgumentException">The counts differ, or there are fewer than two pairs.</exception>
    public static PairedTest Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count || first.Count < 2)
            throw new ArgumentException($"A paired test takes as many values of one as of the other, two at least; it got {first.Count} and {second.Count}.", nameof(second));
        var difference = Sample.Of([.. first.Zip(second, static (a, b) => a - b)]);
        // pairs that are all equal speak for no difference at all
        if (difference is { Mean: 0, Deviation: 0 }) return new PairedTest(difference, 0, 1);
        double t = difference.Mean / (difference.Deviation / Math.Sqrt(difference.Count));
        return new PairedTest(difference, t, StudentT.TwoSided(t, difference.Count - 1));
    }

    /// <summary>
    /// Holm's correction (1979): among several tests at once, one comes out small by chance more often than the level says. The smallest p counts as many times as there are tests, the
    /// next once less, and none less than one before it.
    /// </summary>
    /// <param name="probabilities">The p-values.</param>
    /// <returns>The corrected ones, in the same order.</returns>
    public static double[] Holm(IReadOnlyList<double> probabilities)
    {
        var corrected = new double[probabilities.Count];
        int[] ascending = [.. Enumerable.Range(0, corrected.Length).OrderBy(i => probabilities[i])];
        double largest = 0;
        for (int rank = 0; rank < ascending.Length; rank++)
        {
            largest = Math.Max(largest, Math.Min(1, probabilities[ascending[rank]] * (ascending.Length - rank)));
            corrected[ascending[rank]] = largest;
        }
        return corrected;
    }
}
