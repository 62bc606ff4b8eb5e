namespace MiniDeep;

/// <summary>How the weights of a file are arranged.</summary>
public enum WeightLayout
{
    /// <summary>As MiniDeep and Keras have them: kernels [in, out] and [kh, kw, in, out], features of images flattened with the channels last.</summary>
    MiniDeep,

    /// <summary>As PyTorch has them: "weight" [out, in] and [out, in, kh, kw], features of images flattened with the channels first.</summary>
    PyTorch,
}

/// <summary>How the tensors of a file and the weights of a model met.</summary>
/// <param name="Missing">Weights of the model that the file hasn't; they stayed as they were.</param>
/// <param name="Unused">Tensors of the file that the model has no weight for.</param>
public sealed record WeightMatch(IReadOnlyList<string> Missing, IReadOnlyList<string> Unused);

/// <summary>Finds the weights of a model in a file. Nothing of the model changes before all are found, read and converted.</summary>
internal sealed class WeightReader(SafeTensorsFile file, Model model)
{
    private const int ShownNames = 8;

    private readonly List<(Parameter Parameter, Tensor Values)> _found = [];

    /// <summary>Reads the weights.</summary>
    /// <param name="layout">How they are arranged.</param>
    /// <param name="names">The file's names for weights, or the beginnings of their names for layers.</param>
    /// <param name="strict">Whether each weight must have a tensor and each tensor a weight.</param>
    /// <exception cref="InvalidDataFileException">The file doesn't fit the model.</exception>
    /// <exception cref="ArgumentException">A name of <paramref name="names"/> belongs to no weight and no layer of the model.</exception>
    public Match Read(WeightLayout layout, IReadOnlyDictionary<string, string>? names, bool strict)
    {
        Dictionary<string, SafeTensorEntry> entries = ModelFile.Weights(file).ToDictionary(static entry => entry.Name);
        Dictionary<string, SafeTensorEntry> unused = new(entries);
        var origins = new WeightNames(model, layout, names);
        List<string> missing = [];
        foreach ((string name, Parameter parameter) in model.NamedParameters)
        {
            (string theirs, PyTorchWeight? inPyTorch) = origins.Of(name, parameter);
            if (!entries.TryGetValue(theirs, out SafeTensorEntry? entry))
            {
                missing.Add(theirs == name ? name : $"{name} (there '{theirs}')");
                continue;
            }
            unused.Remove(theirs);
            _found.Add((parameter, ReadOne(name, parameter, entry, inPyTorch)));
        }
        origins.CheckAllUsed();
        if (strict && (missing.Count > 0 || unused.Count > 0))
        {
            string found = string.Join(" and ", new[] { Few("no", missing), Few("unknown", unused.Keys) }.Where(static part => part.Length > 0));
            throw new InvalidDataFileException(file.Name, $"the weights of {LayerError.Name(model)}, no less and no more (strict: false takes what fits)", found);
        }
        return new Match(this, new WeightMatch(missing, [.. unused.Keys]));
    }

    private Tensor ReadOne(string name, Parameter parameter, SafeTensorEntry entry, PyTorchWeight? inPyTorch)
    {
        Shape shape = inPyTorch?.Shape ?? parameter.Shape;
        if (entry.Shape != shape || entry.Format.DType?.IsFloat() != true)
        {
            throw new InvalidDataFileException(
                file.Name, $"floats of shape {shape} for weight '{name}' of {LayerError.Name(model)}", $"{EntryName.Shown(entry.Name)}, {entry.Format.Name} {entry.Shape}");
        }
        using (Tensor.NoGrad())
        {
            Tensor values = file.Read(entry);
            return (inPyTorch?.Convert(values) ?? values).To(parameter.DType).Contiguous().To(parameter.Device);
        }
    }

    private static string Few(string what, IReadOnlyCollection<string> names) => names.Count == 0
        ? ""
        : $"{what} {string.Join(", ", names.Take(ShownNames))}{(names.Count > ShownNames ? $" and {names.Count - ShownNames} more" : "")}";

    /// <summary>Weights that were read and not yet given to the model.</summary>
    internal sealed class Match(WeightReader reader, WeightMatch result)
    {
        /// <summary>Gives them to the model.</summary>
        public WeightMatch Apply()
        {
            foreach ((Parameter parameter, Tensor values) in reader._found) parameter.CopyFrom(values);
            return result;
        }
    }
}
