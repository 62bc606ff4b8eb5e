using MiniDeep;

namespace ActivationCnn;

/// <summary>An activation function that takes part in the comparison.</summary>
/// <param name="Key">What the command line and file names call it.</param>
/// <param name="Name">What the reader calls it.</param>
/// <param name="Function">The function.</param>
internal sealed record Candidate(string Key, string Name, Activation Function)
{
    /// <summary>Passes no gradient where its input is negative, so that a unit whose input always is never learns again.</summary>
    public bool CanDie { get; private init; }

    /// <summary>Takes an exponential for each value.</summary>
    public bool IsTranscendental { get; private init; }

    /// <summary>All there are; the exercise's three first.</summary>
    public static IReadOnlyList<Candidate> All { get; } =
    [
        new("relu", "ReLU", Activation.ReLU) { CanDie = true },
        new("leaky-relu", "Leaky ReLU", Activation.LeakyReLU(0.01)),
        new("swish", "Swish", Activation.Swish) { IsTranscendental = true },
        new("tanh", "Tanh", Activation.Tanh) { IsTranscendental = true },
        new("sigmoid", "Sigmoid", Activation.Sigmoid) { IsTranscendental = true },
    ];

    /// <summary>Those of the exercise.</summary>
    public static IReadOnlyList<Candidate> OfTheExercise { get; } = [.. All.Take(3)];
}
