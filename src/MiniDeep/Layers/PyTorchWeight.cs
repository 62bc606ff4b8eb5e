namespace MiniDeep;

/// <summary>How PyTorch keeps a weight.</summary>
/// <param name="Name">Its name there, within its module.</param>
/// <param name="Shape">Its shape there.</param>
/// <param name="Convert">Turns PyTorch's values into MiniDeep's.</param>
internal sealed record PyTorchWeight(string Name, Shape Shape, Func<Tensor, Tensor> Convert)
{
    /// <summary>A weight that is the same on both sides.</summary>
    public static PyTorchWeight Same(Parameter weight) => new(weight.LocalName, weight.Shape, static values => values);
}
