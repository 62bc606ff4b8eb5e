namespace MiniDeep.Conformance;

/// <summary>Alone: the number of threads is the process's, and another test's work would keep the team busy.</summary>
[Collection(Name)]
public sealed class CpuThreadsTests() : ThreadsSuite(new CpuUnderTest())
{
    private const string Name = "The thread team";

    [CollectionDefinition(Name, DisableParallelization = true)]
    public sealed class Alone;
}
