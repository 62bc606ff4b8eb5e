using System.Text.RegularExpressions;

namespace MiniDeep.Tests;

/// <summary>README.md's programs are parts of the programs that <see cref="ConsumerTests"/> compiles and runs.</summary>
public partial class ReadmeTests
{
    [Fact]
    public void Every_block_is_a_part_of_a_program_that_is_tested()
    {
        string readme = File.ReadAllText(Repository.PathTo("README.md")).ReplaceLineEndings("\n");
        string[] shown = [.. CodeBlock().Matches(readme).Select(match => match.Groups["code"].Value)];
        string[] tested = [.. Directory.EnumerateFiles(Repository.PathTo("tests/MiniDeep.PackageTest/Programs"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => new ConsumerProgram(file).ReadmeBlocks())];

        Assert.NotEmpty(shown);
        Assert.Equal(tested.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
