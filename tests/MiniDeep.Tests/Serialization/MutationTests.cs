using MiniDeep.Fuzz;

namespace MiniDeep.Tests.Serialization;

/// <summary>The short form of tests/programs/Fuzz: mutated files give a result or the documented exception, at bounded cost.</summary>
public class MutationTests
{
    public static TheoryData<string> Readers => [.. Target.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_mutated_file_is_read_or_refused(string reader)
    {
        Findings found = Fuzzer.Run(Target.All.Single(target => target.Name == reader), count: 4_000, seed: 7);
        Assert.True(found.Read > 50 && found.Refused > 1_000, $"{found.Read} read, {found.Refused} refused");
    }
}
