namespace MiniDeep;

public abstract partial class Model
{
    /// <summary>
    /// Writes the model to a safetensors file: the weights by their names, the architecture in the metadata. <see cref="Load"/> needs nothing else, and anything that reads safetensors can read
    /// the weights. The optimizer isn't in it: for that there are checkpoints.
    /// </summary>
    /// <param name="path">The file, in a folder that exists. It appears whole or not at all.</param>
    /// <exception cref="ModelStateException">The model isn't built, or has a layer or an activation of one's own that isn't registered; the message says how to.</exception>
    /// <exception cref="IOException">The file couldn't be written; the message names it, and what was there is as it was.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckHasWeights();
        SafeTensors.Write(path, SavedWeights(), new Dictionary<string, string> { [ModelFile.ArchitectureKey] = ModelArchitecture.Write(this) });
    }

    /// <summary>Makes the model of a file written by <see cref="Save"/> or by a checkpoint, on the CPU. To train it, compile it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataFileException">The file is no sound model file, or has a layer or an activation of one's own that isn't registered; the message says how to.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static Model Load(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return ModelFile.Read(file);
    }

    /// <summary>Writes the weights to a safetensors file, by their names, without the architecture.</summary>
    /// <param name="path">The file, in a folder that exists. It appears whole or not at all.</param>
    /// <exception cref="ModelStateException">The model isn't built.</exception>
    /// <exception cref="IOException">The file couldn't be written; the message names it, and what was there is as it was.</exception>
    public void SaveWeights(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckHasWeights();
        SafeTensors.Write(path, SavedWeights());
    }

    /// <summary>
    /// Replaces the weights by those of a safetensors file, converted to the model's dtype: one of <see cref="SaveWeights"/>, or the state_dict of a PyTorch model of the same layers. Either all
    /// are replaced or, after an error, none.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="strict">Whether each weight must be in the file and each tensor of the file be a weight; otherwise what fits is taken.</param>
    /// <param name="layout">How the file's weights are arranged. With <see cref="WeightLayout.PyTorch"/> kernels are transposed, and the rows of the first Dense after a Flatten of images reordered.</param>
    /// <param name="names">
    /// What the file calls weights ("conv2d.kernel": "features.0.weight") or layers ("conv2d": "features.0"); by default the same. In PyTorch's layout a layer's kernel is its "weight".
    /// </param>
    /// <returns>Which weights and tensors found no partner; with <paramref name="strict"/> none.</returns>
    /// <exception cref="InvalidDataFileException">The file is broken, or doesn't fit the model.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="ModelStateException">The model isn't built.</exception>
    /// <exception cref="ArgumentException">A name of <paramref name="names"/> belongs to no weight and no layer of the model.</exception>
    public WeightMatch LoadWeights(
        string path, bool strict = true, WeightLayout layout = WeightLayout.MiniDeep, IReadOnlyDictionary<string, string>? names = null)
    {
        CheckHasWeights();
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return new WeightReader(file, this).Read(layout, names, strict).Apply();
    }

    /// <summary>The weights as files have them.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> SavedWeights() => NamedParameters.Select(static p => KeyValuePair.Create(p.Key, (Tensor)p.Value));

    /// <exception cref="ModelStateException">There are no weights yet, or two have one name.</exception>
    internal void CheckHasWeights()
    {
        if (!IsBuilt) throw new ModelStateException($"{LayerError.Name(this)} has no weights yet: give it an input shape, or call it once.");
        CheckWeightNames();
    }
}
