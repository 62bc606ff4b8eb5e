namespace MiniDeep;

/// <summary>Two traces with different batches: sizes that differ follow from the batch, and everything else must be the same.</summary>
internal sealed record TracePair(Trace First, Trace Second)
{
    // above 1, which broadcasts, and nothing that a network has as a size by custom
    private const int FirstBatch = 11, SecondBatch = 13;

    /// <exception cref="OnnxExportException">The model does something else with another batch.</exception>
    public static TracePair Of(Model model)
    {
        // a layer may make weights and constants at its first call and keep them: that call has data
        _ = model.Predict(Tensor.Zeros(model.InputShape.Prepend(1), model.ModelDType));
        var pair = new TracePair(Trace.Of(model, FirstBatch), Trace.Of(model, SecondBatch));
        IReadOnlyList<Step> first = pair.First.Steps, second = pair.Second.Steps;
        for (int i = 0; i < Math.Max(first.Count, second.Count); i++)
        {
            if (i < first.Count && i < second.Count && AreAlike(first[i], second[i])) continue;
            Layer layer = (i < first.Count ? first : second)[i].Layer;
            throw OnnxExportException.In(layer, "its Forward does something else for a batch of another size (or from one call to the next), so that one file can't hold it.");
        }
        return pair;
    }

    /// <summary>The number of samples in both.</summary>
    public static Extent Batch { get; } = new(FirstBatch, SecondBatch);

    private static bool AreAlike(Step first, Step second)
    {
        if (!first.Operation.Equals(second.Operation) || first.Layer != second.Layer || first.Inputs.Length != second.Inputs.Length) return false;
        for (int i = 0; i < first.Inputs.Length; i++)
        {
            if (!AreAlike(first.Inputs[i], second.Inputs[i])) return false;
        }
        return first.Output.Shape.Rank == second.Output.Shape.Rank && first.Output.DType == second.Output.DType;
    }

    private static bool AreAlike(Operand? first, Operand? second) => (first?.Source, second?.Source) switch
    {
        (null, null) => true,
        (Computed a, Computed b) => a.Number == b.Number && first!.Shape.Rank == second!.Shape.Rank,
        (Known, Known) => first!.Shape.Rank == second!.Shape.Rank,
        _ => false,
    };
}
