namespace MiniDeep.Tests;

/// <summary>The house rules, on the repository's own source.</summary>
public class HouseTests
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> _core = new(() => SourceFile.ReadAll(Repository.PathTo("src/MiniDeep")));

    private static readonly Lazy<IReadOnlyList<SourceFile>> _all = new(() =>
        [.. new[] { "src", "tests", "examples", "benchmarks" }
            .Select(Repository.PathTo)
            .Where(Directory.Exists)
            .SelectMany(SourceFile.ReadAll)]);

    [Fact]
    public void The_source_is_found()
    {
        Assert.NotEmpty(_core.Value);
        Assert.Contains(_all.Value, file => file.Path.EndsWith($"Architecture/{nameof(HouseTests)}.cs", StringComparison.Ordinal));
    }

    [Fact]
    public void No_arrow_points_up() => AssertNone(Floors.Violations(_core.Value));

    [Fact]
    public void Files_are_short() => AssertNone(HouseRules.LongFiles(_all.Value));

    [Fact]
    public void Nothing_is_left_to_do() => AssertNone(HouseRules.BannedWords(_all.Value));

    [Fact]
    public void Constructors_are_short() => AssertNone(HouseRules.LongConstructors(_core.Value));

    [Fact]
    public void Classes_are_shallow() => AssertNone(HouseRules.DeepClasses(_core.Value));

    [Fact]
    public void The_seam_is_small()
    {
        int members = HouseRules.MemberCount(_core.Value, "IBackend");
        Assert.True(members <= HouseRules.MaxBackendMembers, $"IBackend has {members} members, at most {HouseRules.MaxBackendMembers}.");
        Assert.Equal(File.Exists(Repository.PathTo("src/MiniDeep/Backends/IBackend.cs")), members > 0);
    }

    private static void AssertNone(IEnumerable<string> violations)
    {
        string[] all = [.. violations];
        Assert.True(all.Length == 0, $"{all.Length} violations:\n{string.Join('\n', all)}");
    }
}
