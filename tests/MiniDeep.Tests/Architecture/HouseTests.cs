using Microsoft.CodeAnalysis.CSharp;

namespace MiniDeep.Tests;

/// <summary>The house rules, on the repository's own source.</summary>
public class HouseTests
{
    private static readonly Lazy<CSharpCompilation> _core = new(() => SourceCode.Compile(SourceFile.ReadAll(Repository.PathTo("src/MiniDeep"))));

    private static readonly Lazy<IReadOnlyList<SourceFile>> _all = new(() =>
        [.. new[] { "src", "tests", "examples", "benchmarks" }
            .Select(Repository.PathTo)
            .Where(Directory.Exists)
            .SelectMany(SourceFile.ReadAll)]);

    [Fact]
    public void The_source_is_found_and_understood()
    {
        Assert.Contains(SourceCode.Files(_core.Value), tree => tree.FilePath == "Backends/IBackend.cs");
        Assert.Contains(_all.Value, file => file.Path.EndsWith($"Architecture/{nameof(HouseTests)}.cs", StringComparison.Ordinal));
        AssertNone(SourceCode.Errors(_core.Value));
    }

    [Fact]
    public void No_arrow_points_up() => AssertNone(Floors.Violations(_core.Value));

    [Fact]
    public void Files_are_short() => AssertNone(HouseRules.LongFiles(_all.Value));

    [Fact]
    public void Nothing_is_left_to_do() => AssertNone(HouseRules.BannedWords(_all.Value));

    [Fact]
    public void Kernels_stay_where_they_are() => AssertNone(HouseRules.KernelsToInline(SourceFile.ReadAll(Repository.PathTo("src"))));

    [Fact]
    public void Constructors_are_short() => AssertNone(HouseRules.LongConstructors(_core.Value));

    [Fact]
    public void Classes_are_shallow() => AssertNone(HouseRules.DeepClasses(_core.Value));

    [Fact]
    public void The_seam_is_small() => Assert.InRange(HouseRules.MemberCount(_core.Value, "IBackend"), 1, HouseRules.MaxBackendMembers);

    private static void AssertNone(IEnumerable<string> violations)
    {
        string[] all = [.. violations];
        Assert.True(all.Length == 0, $"{all.Length} violations:\n{string.Join('\n', all)}");
    }
}
