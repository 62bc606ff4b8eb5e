namespace MiniDeep;

/// <summary>One call of a backend, with its settings, and the ONNX nodes that compute the same. Two calls that compute the same with the same settings are equal, whatever the batch.</summary>
internal abstract record Operation
{
    /// <summary>Writes the nodes.</summary>
    /// <param name="graph">Takes them.</param>
    /// <param name="inputs">The operands; null for an optional one that was left out.</param>
    /// <param name="shape">The result's shape.</param>
    public abstract Form Lower(Lowering graph, Form?[] inputs, Extent[] shape);
}
