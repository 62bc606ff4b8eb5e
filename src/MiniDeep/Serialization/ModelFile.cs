namespace MiniDeep;

/// <summary>Model files: the weights by name, the architecture in the metadata.</summary>
internal static class ModelFile
{
    public const string ArchitectureKey = "minideep.model";

    /// <summary>Keeps what a checkpoint adds to a model file apart from the weights.</summary>
    public const string TrainingPrefix = "training/";

    public const string TrainingKey = "minideep.training";

    /// <summary>Makes the model of a file.</summary>
    /// <exception cref="InvalidDataFileException">The file is no sound model file.</exception>
    public static Model Read(SafeTensorsFile file)
    {
        if (!file.Header.Metadata.TryGetValue(ArchitectureKey, out string? architecture))
        {
            throw new InvalidDataFileException(
                file.Name, "a model, whose architecture is in the file's metadata", "weights alone: build the network and call LoadWeights");
        }
        Model model;
        using (new WeightRestoring(file.Name, Weights(file).Sum(static entry => (long)entry.Shape.ElementCount)).Enter()) model = ModelArchitecture.Read(architecture, file.Name);
        new WeightReader(file, model).Read(WeightLayout.MiniDeep, names: null, strict: true).Apply();
        return model;
    }

    /// <summary>The tensors of a file that are weights.</summary>
    public static IEnumerable<SafeTensorEntry> Weights(SafeTensorsFile file) => file.Header.Metadata.ContainsKey(TrainingKey)
        ? file.Header.Entries.Where(static entry => !entry.Name.StartsWith(TrainingPrefix, StringComparison.Ordinal))
        : file.Header.Entries;
}
