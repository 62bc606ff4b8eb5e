using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Xml.Linq;

namespace MiniDeep.Tests;

/// <summary>
/// The kernels run at the widest vectors that the machine has. Here the conformance suites run again in child
/// processes under smaller instruction sets, and each child asserts what it really runs on.
/// </summary>
[Trait("Speed", "Slow")]
public class InstructionSetReruns
{
    /// <summary>A child that finds fewer tests than this has not run the suites.</summary>
    private const int MinimumTests = 900;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(8);

    [X64Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]              // .NET 10 takes FMA and the 256-bit vectors away with it
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public void Conformance_holds_without(string instructionSet, int widest)
    {
        string assembly = Repository.PathTo($"tests/MiniDeep.Conformance/bin/{Repository.Configuration}/net10.0/MiniDeep.Conformance.dll");
        Assert.True(File.Exists(assembly), $"{assembly} is missing: build MiniDeep.sln first.");
        string results = Directory.CreateTempSubdirectory("minideep-isa-").FullName;
        try
        {
            int expected = Math.Min(widest, WidestHere());
            ChildProcess.Result run = ChildProcess.RunDotnet(
                results,
                _limit,
                new Dictionary<string, string>
                {
                    [instructionSet] = "0",
                    ["MINIDEEP_EXPECT_ISA"] = expected == 0 ? "none" : expected.ToString(CultureInfo.InvariantCulture),
                },
                "test", assembly, "--logger", "trx;LogFileName=run.trx", "--results-directory", results);

            string file = Path.Combine(results, "run.trx");
            Assert.True(File.Exists(file), $"The child left no results, exit code {run.ExitCode}:\n{run.Output}");
            XElement counters = XDocument.Load(file).Descendants().Single(element => element.Name.LocalName == "Counters");
            int passed = (int)counters.Attribute("passed")!;
            int failed = (int)counters.Attribute("failed")! + (int)counters.Attribute("error")! + (int)counters.Attribute("aborted")!;

            Assert.True(failed == 0 && run.ExitCode == 0, $"{failed} tests failed, {passed} passed with {instructionSet}=0, exit code {run.ExitCode}:\n{run.Output}");
            Assert.True(passed >= MinimumTests, $"Only {passed} tests ran with {instructionSet}=0, at least {MinimumTests} should have:\n{run.Output}");
        }
        finally
        {
            Directory.Delete(results, recursive: true);
        }
    }

    private static int WidestHere() =>
        Vector512.IsHardwareAccelerated ? 512 :
        Vector256.IsHardwareAccelerated ? 256 :
        Vector128.IsHardwareAccelerated ? 128 : 0;

    /// <summary>A theory about switches that the runtime has on x64 only.</summary>
    private sealed class X64TheoryAttribute : TheoryAttribute
    {
        public X64TheoryAttribute()
        {
            if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            {
                Skip = $"The runtime can switch AVX-512 and AVX2 off on x64 only; this is {RuntimeInformation.ProcessArchitecture}, whose one vector width the default run covers.";
            }
        }
    }
}
