using System.Text.RegularExpressions;

namespace MiniDeep.Tests;

/// <summary>What a user does: an empty console project, the package, a program.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Speed", "Slow")]
public partial class ConsumerTests(PackedPackage package)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(6);

    /// <summary>The programs, and the package that those of a folder need.</summary>
    public static IEnumerable<object[]> Programs =>
        from pair in ((string Folder, string Package)[])[("Run", "MiniDeep"), ("Gpu", "MiniDeep.Gpu"), ("Onnx", "MiniDeep.Onnx")]
        from name in ConsumerProgram.Names(pair.Folder)
        select (object[])[name[0], pair.Folder, pair.Package];

    public static IEnumerable<object[]> AotPrograms => ConsumerProgram.Names("Aot");

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_compiles_and_runs(string name, string folder, string packageName)
    {
        ConsumerProgram program = ConsumerProgram.Load(folder, name);
        string project = package.NewConsumer(program.Text, name: packageName);

        program.AssertPrinted(ChildProcess.RunDotnet(project, _limit, Data(), "run", "-c", "Release"));
    }

    [Theory]
    [MemberData(nameof(AotPrograms))]
    public void A_program_compiles_to_native_code_without_a_warning(string name)
    {
        ConsumerProgram program = ConsumerProgram.Load("Aot", name);
        string folder = package.NewConsumer(program.Text, "<PublishAot>true</PublishAot><TrimmerSingleWarn>false</TrimmerSingleWarn>");

        ChildProcess.Result publish = ChildProcess.RunDotnet(folder, _limit, environment: null, "publish", "--use-current-runtime", "-o", "out");
        Assert.True(publish.ExitCode == 0, $"dotnet publish ended with {publish.ExitCode}:\n{publish.Output}");
        Assert.False(Warning().IsMatch(publish.Output), publish.Output);

        string executable = Path.Combine(folder, "out", OperatingSystem.IsWindows() ? "consumer.exe" : "consumer");
        Assert.False(File.Exists(Path.Combine(folder, "out", "MiniDeep.dll")), "The publish is not native: MiniDeep.dll lies beside the program.");
        program.AssertPrinted(ChildProcess.Run(executable, folder, _limit, Data()));
    }

    // The digits that come with the examples, for programs that load MNIST.
    private static Dictionary<string, string> Data() => new() { ["MINIDEEP_DATA"] = Repository.PathTo("examples/data") };

    [GeneratedRegex(@"\bwarning\b\s*[A-Z]*\d*\s*:")]
    private static partial Regex Warning();
}
