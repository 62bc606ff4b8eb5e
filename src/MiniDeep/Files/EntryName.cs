using System.Text;

namespace MiniDeep;

/// <summary>The names in files that hold several tensors.</summary>
internal static class EntryName
{
    private const int MaxLength = 1024;
    private const int ShownLength = 60;

    /// <summary>
    /// Whether a name is one that programs can print, and use for a file, without harm: not empty, at most 1,024 characters, none of them a control character, and no path out of a folder.
    /// </summary>
    public static bool IsHarmless(string name) =>
        name.Length is > 0 and <= MaxLength && !name.Any(IsControl) && name[0] is not ('/' or '\\') && !name.Split('/', '\\').Contains("..")
        && !(name.Length > 1 && name[1] == ':');

    /// <summary>A name or a value from a file as messages show it: on one line, not too long, between quotes.</summary>
    public static string Shown(string text) => text.Length > ShownLength ? $"'{Printable(text[..ShownLength])}…'" : $"'{Printable(text)}'";

    /// <summary>A text from a file with its control characters written out.</summary>
    public static string Printable(string text)
    {
        var shown = new StringBuilder();
        foreach (char c in text)
        {
            if (IsControl(c)) shown.Append($"\\u{(int)c:x4}");
            else shown.Append(c);
        }
        return shown.ToString();
    }

    // U+2028, U+2029 and the bidirectional marks change what a terminal shows
    private static bool IsControl(char c) => char.IsControl(c) || c is >= '\u2028' and <= '\u202E' or >= '\u2066' and <= '\u2069';
}
