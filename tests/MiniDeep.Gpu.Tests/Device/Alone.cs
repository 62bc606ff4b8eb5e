namespace MiniDeep.GpuTests;

/// <summary>Tests that make a device's kernels find faults, or count what a device does: others on the same device at the same time would get the errors.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone on the device";
}
