using System.Text.RegularExpressions;

namespace MiniDeep.Tests;

/// <summary>What a user does: an empty console project, the package, a program.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Speed", "Slow")]
public partial class ConsumerTests(PackedPackage package)
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(6);

    public static IEnumerable<object[]> Programs => ConsumerProgram.Names("Run");

    public static IEnumerable<object[]> GpuPrograms => ConsumerProgram.Names("Gpu");

    public static IEnumerable<object[]> AotPrograms => ConsumerProgram.Names("Aot");

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_compiles_and_runs(string name)
    {
        ConsumerProgram program = ConsumerProgram.Load("Run", name);
        string folder = package.NewConsumer(program.Text);

        program.AssertPrinted(ChildProcess.RunDotnet(folder, _limit, Data(), "run", "-c", "Release"));
    }

    [Theory]
    [MemberData(nameof(GpuPrograms))]
    public void A_program_with_the_gpu_package_compiles_and_runs(string name)
    {
        ConsumerProgram program = ConsumerProgram.Load("Gpu", name);
        string folder = package.NewConsumer(program.Text, name: "MiniDeep.Gpu");

        program.AssertPrinted(ChildProcess.RunDotnet(folder, _limit, environment: null, "run", "-c", "Release"));
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
