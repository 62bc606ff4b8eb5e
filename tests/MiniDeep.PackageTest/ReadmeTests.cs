using System.Text.RegularExpressions;

namespace MiniDeep.Tests;

/// <summary>The programs of README.md and of the guide are parts of the programs that <see cref="ConsumerTests"/> compiles and runs.</summary>
public partial class ReadmeTests
{
    [Theory]
    [InlineData("README.md", "readme")]
    [InlineData("docs/taking-a-model-elsewhere.md", "guide")]
    public void Every_block_is_a_part_of_a_program_that_is_tested(string document, string mark)
    {
        string readme = File.ReadAllText(Repository.PathTo(document)).ReplaceLineEndings("\n");
        string[] shown = [.. CodeBlock().Matches(readme).Select(match => match.Groups["code"].Value)];
        string[] tested = [.. Directory.EnumerateFiles(Repository.PathTo("tests/MiniDeep.PackageTest/Programs"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => new ConsumerProgram(file).Blocks(mark))];

        Assert.NotEmpty(shown);
        Assert.Equal(tested.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
