namespace MiniDeep;

public abstract partial class Model
{
    /// <summary>Copies of all weights by their names, in order: "conv2d.kernel", "conv2d.bias", ….</summary>
    /// <exception cref="ModelStateException">Two weights have one name.</exception>
    public IReadOnlyDictionary<string, Tensor> GetWeights()
    {
        CheckWeightNames();
        var weights = new OrderedDictionary<string, Tensor>();
        using (Tensor.NoGrad())
        {
            foreach ((string name, Parameter parameter) in NamedParameters) weights.Add(name, parameter.Detach().Clone());
        }
        return weights;
    }

    /// <summary>The parameter of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public Parameter GetParameter(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return NamedParameters.FirstOrDefault(p => p.Key == name).Value ?? throw new KeyNotFoundException(
            $"{LayerError.Name(this)} has no weight '{name}'; it has {(NamedParameters.Count == 0 ? "none yet" : string.Join(", ", NamedParameters.Select(static p => p.Key)))}.");
    }

    /// <summary>Replaces weights by name, converted to the model's dtype. Either all are replaced or, after an error, none.</summary>
    /// <exception cref="KeyNotFoundException">The model has no weight of a name.</exception>
    /// <exception cref="ShapeException">A weight has another shape; the message names it.</exception>
    /// <exception cref="StaleTensorException">A tensor was touched after its training step had ended.</exception>
    public void SetWeights(IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        List<(Parameter Parameter, Tensor Values)> changes = [];
        foreach ((string name, Tensor values) in weights)
        {
            if (values is null) throw new ArgumentException($"Weight '{name}' is null.", nameof(weights));
            Parameter parameter = GetParameter(name);
            _ = values.DType;    // a stale tensor is an error now, not after half of the weights
            if (values.Shape != parameter.Shape)
                throw new ShapeException($"Weight '{name}' of {LayerError.Name(this)} expected shape {parameter.Shape}, but got {values.Shape}.");
            changes.Add((parameter, values));
        }
        foreach ((Parameter parameter, Tensor values) in changes) parameter.CopyFrom(values);
    }

    /// <summary>Replaces one weight.</summary>
    /// <inheritdoc cref="SetWeights"/>
    public void SetWeight(string name, Tensor values) => SetWeights([KeyValuePair.Create(name, values)]);
}
