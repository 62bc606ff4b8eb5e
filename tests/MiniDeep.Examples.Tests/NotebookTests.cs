using System.Text;
using System.Text.Json;

namespace MiniDeep.Tests;

/// <summary>
/// The notebooks' output byte for byte, and NumPy's under other seeds, rates and sizes (fixtures/exercises.py), so that figures can't have been written into the examples.
/// </summary>
public class NotebookTests
{
    private static readonly string _folder = Repository.PathTo("tests/fixtures/exercises");

    public static TheoryData<string, string> Variants()
    {
        TheoryData<string, string> rows = [];
        foreach (Variant variant in ReadVariants()) rows.Add(variant.Program, string.Join(' ', variant.Arguments));
        return rows;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Other_constants_print_what_NumPy_prints(string program, string arguments)
    {
        Variant variant = ReadVariants().Single(v => v.Program == program && string.Join(' ', v.Arguments) == arguments);
        ExampleRun run = program switch
        {
            "exercise1" => ExampleRun.Exercise1(["--notebook", .. variant.Arguments]),
            "exercise2-random" => ExampleRun.Exercise2(["--notebook", "random", .. variant.Arguments]),
            _ => ExampleRun.Exercise2(["--notebook", "moons", .. variant.Arguments]),
        };

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(variant.Output, run.Output);
    }

    [Fact]
    public void There_are_variants_of_all_three_programs() =>
        Assert.All(ReadVariants().CountBy(static v => v.Program), static count => Assert.True(count.Value >= 4, $"{count.Key}: {count.Value}"));

    [Theory]
    [InlineData("exercise1", "01-DeepNetworkFromScratch/DeepNetworkFromScratch", "--notebook")]
    [InlineData("exercise2-random", "02-Momentum/Momentum", "--notebook", "random")]
    [InlineData("exercise2-moons", "02-Momentum/Momentum", "--notebook", "moons")]
    [Trait("Speed", "Slow")]
    public void The_programs_print_the_notebooks_bytes(string expected, string example, params string[] arguments)
    {
        // English asked for: the notebook keeps its own words
        (int code, byte[] output, string error) = ExampleProcess.Run(example, [.. arguments, "--lang", "en"]);

        Assert.Equal("", error);
        Assert.Equal(0, code);
        byte[] wanted = File.ReadAllBytes(Path.Combine(_folder, expected + ".expected.txt"));
        Assert.Equal(Encoding.UTF8.GetString(wanted), Encoding.UTF8.GetString(output));
        Assert.Equal(wanted, output);
    }

    private static IReadOnlyList<Variant> ReadVariants()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Repository.PathTo("tests/fixtures/exercises.json")));
        return [.. document.RootElement.GetProperty("variants").EnumerateArray().Select(static v => new Variant(
            v.GetProperty("program").GetString()!,
            [.. v.GetProperty("arguments").EnumerateArray().Select(static word => word.GetString()!)],
            v.GetProperty("output").GetString()!))];
    }

    private sealed record Variant(string Program, string[] Arguments, string Output);
}
