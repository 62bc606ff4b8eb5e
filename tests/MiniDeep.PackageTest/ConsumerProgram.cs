using System.Text.RegularExpressions;

namespace MiniDeep.Tests;

/// <summary>
/// A file of Programs/. Its lines <c>// prints: REGEX</c> say what lines the program must print, in that order; other
/// lines may stand between them. What stands between <c>// readme</c> and <c>// end readme</c> is a block of
/// README.md; <c>// guide</c> and <c>// end guide</c> enclose those of docs/taking-a-model-elsewhere.md.
/// </summary>
internal sealed partial class ConsumerProgram(string file)
{
    public string Text { get; } = File.ReadAllText(file).ReplaceLineEndings("\n");

    /// <summary>The names of the programs in a folder below Programs/.</summary>
    public static IEnumerable<object[]> Names(string folder) =>
        Directory.EnumerateFiles(PathTo(folder), "*.cs").Order(StringComparer.Ordinal).Select(file => new object[] { Path.GetFileNameWithoutExtension(file) });

    public static ConsumerProgram Load(string folder, string name) => new(Path.Combine(PathTo(folder), name + ".cs"));

    /// <summary>The blocks that a document shows of this program.</summary>
    /// <param name="mark">The word that begins and ends them.</param>
    public IEnumerable<string> Blocks(string mark) => Block().Matches(Text).Where(match => match.Groups["mark"].Value == mark).Select(match => match.Groups["code"].Value);

    public void AssertPrinted(ChildProcess.Result run)
    {
        Assert.True(run.ExitCode == 0, $"{Path.GetFileName(file)} ended with {run.ExitCode}:\n{run.Output}");
        string[] expected = [.. PrintsLine().Matches(Text).Select(match => match.Groups["regex"].Value)];
        Assert.True(expected.Length > 0, $"{file} has no line \"// prints: REGEX\": nothing would be checked.");
        string[] lines = run.Output.Split('\n');
        int at = 0;
        foreach (string regex in expected)
        {
            while (at < lines.Length && !Regex.IsMatch(lines[at], regex))
            {
                at++;
            }

            Assert.True(at < lines.Length, $"{Path.GetFileName(file)} printed no line like {regex} where it should have:\n{run.Output}");
            at++;
        }
    }

    private static string PathTo(string folder) => Repository.PathTo($"tests/MiniDeep.PackageTest/Programs/{folder}");

    [GeneratedRegex(@"^// prints: (?<regex>.+)$", RegexOptions.Multiline)]
    private static partial Regex PrintsLine();

    [GeneratedRegex(@"^// (?<mark>readme|guide)\n(?<code>.*?)^// end \k<mark>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
