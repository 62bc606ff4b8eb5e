using System.Collections;
using System.Globalization;
using System.Runtime.Intrinsics;

namespace MiniDeep.Conformance;

/// <summary>
/// The suites run again under smaller instruction sets. A switch that the runtime ignores would make such a rerun
/// worth nothing, so the process that starts it says what it expects in <c>MINIDEEP_EXPECT_ISA</c>.
/// </summary>
public class InstructionSetTests
{
    private const string Expectation = "MINIDEEP_EXPECT_ISA";

    [Fact]
    public void Runs_on_the_instruction_set_that_the_caller_expects()
    {
        string? expected = Expected();
        string actual = Widest();
        Assert.True(expected is null || expected == actual, $"{Expectation} is {expected}, but the widest accelerated vector is {actual}.");
    }

    [Fact]
    public void The_kernels_use_the_widest_vectors_that_the_caller_expects()
    {
        string? expected = Expected();
        string actual = Isa.VectorBits == 0 ? "none" : Isa.VectorBits.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(expected ?? Widest(), actual);
    }

    [Fact]
    public void A_switched_off_instruction_set_comes_with_an_expectation()
    {
        string[] switches = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => (string)entry.Key)
            .Where(name => name.StartsWith("DOTNET_Enable", StringComparison.Ordinal) || name.StartsWith("COMPlus_Enable", StringComparison.Ordinal))];

        Assert.True(switches.Length == 0 || Environment.GetEnvironmentVariable(Expectation) is not null,
            $"{string.Join(", ", switches)} set without {Expectation}: nobody would notice if the runtime ignored it.");
    }

    /// <summary>512, 256 or 128 bits; none, also written 0; null where nobody said.</summary>
    private static string? Expected() => Environment.GetEnvironmentVariable(Expectation) is not { } value ? null : value == "0" ? "none" : value;

    private static string Widest() =>
        Vector512.IsHardwareAccelerated ? "512" :
        Vector256.IsHardwareAccelerated ? "256" :
        Vector128.IsHardwareAccelerated ? "128" : "none";
}
