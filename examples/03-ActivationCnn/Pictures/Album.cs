using MiniDeep.Examples;
using ScottPlot;

namespace ActivationCnn;

/// <summary>All the pictures of a study.</summary>
internal static class Album
{
    // Okabe and Ito's colours, which colour-blind readers tell apart too
    private static readonly Color[] _colors = [Color.FromHex("#0072B2"), Color.FromHex("#E69F00"), Color.FromHex("#009E73"), Color.FromHex("#CC79A7"), Color.FromHex("#D55E00")];

    /// <summary>Writes them to a folder, which is made where it is missing.</summary>
    /// <returns>The names of the files.</returns>
    /// <exception cref="IOException">The folder or a file can't be written.</exception>
    public static IReadOnlyList<string> Write(Comparison comparison, ImageSet images, Language language, string folder)
    {
        List<string> names = [];
        Charts.Save(CurvesPicture.Draw(comparison, language), Name("curves"), 1300, 560);
        Charts.Save(BarsPicture.Draw(comparison, images, language), Name("comparison"), 1300, 560);
        foreach (Entry entry in comparison.Entries)
        {
            Charts.Save(ConfusionPicture.Draw(entry, language), Name($"confusion-{entry.Candidate.Key}"), 820, 800);
            Charts.Save(MisclassifiedPicture.Draw(entry, images, language), Name($"misclassified-{entry.Candidate.Key}"), 1000, 810);
        }
        return names;

        string Name(string name)
        {
            names.Add(name + ".png");
            return Path.Combine(folder, names[^1]);
        }
    }

    /// <summary>The colour of an activation in every picture.</summary>
    internal static Color ColorOf(Comparison comparison, Entry entry) => _colors[comparison.Entries.ToList().IndexOf(entry) % _colors.Length];
}
