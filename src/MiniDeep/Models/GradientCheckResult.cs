using System.Globalization;
using System.Text;

namespace MiniDeep;

/// <summary>What a <see cref="GradientCheck"/> found out about one tensor.</summary>
/// <param name="Name">"input", "input 0", or the parameter's name.</param>
/// <param name="Shape">The tensor's shape.</param>
/// <param name="Elements">How many elements were checked.</param>
/// <param name="Error">The largest difference between gradient and slope, relative to the largest slope of the tensor (or to a thousandth of the largest of all).</param>
/// <param name="WorstElement">Where that is, counted in row-major order.</param>
/// <param name="Gradient">What <see cref="Tensor.Backward"/> gave there.</param>
/// <param name="Slope">What the difference of the function gave there.</param>
public sealed record GradientCheckEntry(string Name, Shape Shape, int Elements, double Error, int WorstElement, double Gradient, double Slope);

/// <summary>What a <see cref="GradientCheck"/> found out.</summary>
public sealed class GradientCheckResult
{
    /// <summary>The tolerance where none is given.</summary>
    public const double DefaultTolerance = 1e-7;

    private readonly string _subject;
    private readonly bool _looksLikeFloat32;

    internal GradientCheckResult(string subject, IReadOnlyList<GradientCheckEntry> entries, bool looksLikeFloat32)
    {
        _subject = subject;
        _looksLikeFloat32 = looksLikeFloat32;
        Entries = entries;
    }

    /// <summary>One for each tensor, the largest error first.</summary>
    public IReadOnlyList<GradientCheckEntry> Entries { get; }

    /// <summary>The largest relative error of all.</summary>
    public double LargestError => Entries[0].Error;

    /// <summary>Whether no error is above the tolerance.</summary>
    public bool Passed(double tolerance = DefaultTolerance) => LargestError <= tolerance;

    /// <summary>Goes on only where <see cref="Passed"/>.</summary>
    /// <returns>This result.</returns>
    /// <exception cref="GradientException">An error is above the tolerance; the message holds the whole result.</exception>
    public GradientCheckResult ThrowIfFailed(double tolerance = DefaultTolerance)
    {
        if (Passed(tolerance)) return this;
        string number = tolerance.ToString("0.##E+0", CultureInfo.InvariantCulture);
        string hint = _looksLikeFloat32
            ? "\nEvery result is a Float32 number: something on the way computes in Float32, for example after To(DType.Float32)."
            : "\nA gradient of 0 points to values that leave the tensors on the way (Detach, NoGrad, ToArray, Item), a small error to a kink near the inputs (try another seed).";
        throw new GradientException($"Gradients differ from the function's slopes by more than {number}. {this}{hint}");
    }

    /// <summary>One line for each tensor, the largest error first.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{_subject}: largest relative error {Number(LargestError)}");
        foreach (GradientCheckEntry entry in Entries)
        {
            string checkedElements = entry.Elements == entry.Shape.ElementCount ? "all" : $"{entry.Elements} of {entry.Shape.ElementCount}";
            text.Append($"\n  {entry.Name} {entry.Shape}: {Number(entry.Error)} ({checkedElements} elements; worst at {entry.WorstElement}: gradient {Number(entry.Gradient)}, slope {Number(entry.Slope)})");
        }
        return text.ToString();
    }

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
