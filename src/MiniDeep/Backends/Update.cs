using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>A number that changes from step to step and that kernels read when they run: a learning rate, a step count.</summary>
[Experimental(Experiments.Backends)]
public sealed class Cell(double value = 0)
{
    /// <summary>The number now.</summary>
    public double Value { get; set; } = value;
}

/// <summary>An optimizer's rule with its numbers.</summary>
[Experimental(Experiments.Backends)]
public readonly record struct UpdateRule
{
    /// <summary>The formula.</summary>
    public required UpdateKind Kind { get; init; }

    /// <summary>The learning rate.</summary>
    public required Cell LearningRate { get; init; }

    /// <summary>Which update this is, from 1 on (Adam's t).</summary>
    public required Cell Step { get; init; }

    /// <summary>mu of the momentum rules, beta1 of Adam.</summary>
    public double Beta1 { get; init; }

    /// <summary>beta2 of Adam.</summary>
    public double Beta2 { get; init; }

    /// <summary>epsilon of Adam.</summary>
    public double Epsilon { get; init; }
}

/// <summary>One parameter in an update: contiguous views of as many elements each. States that the rule doesn't use are left out.</summary>
[Experimental(Experiments.Backends)]
public readonly record struct UpdateTarget(TensorView Weights, TensorView Gradient, TensorView State0 = default, TensorView State1 = default);
