using MiniDeep.Conformance;

namespace MiniDeep.GpuTests;

/// <summary>
/// The device that the suites run on. <c>MINIDEEP_TEST_DEVICE</c> names it: cuda or opencl, and then it must be there. Without the variable it is the best one of the
/// machine, or else the processor under OpenCL; where there is none, the suites are skipped.
/// </summary>
public sealed class DeviceUnderTest : BackendUnderTest
{
    private static readonly Lazy<(Device? Device, string? Missing)> s_chosen = new(Choose);

    /// <summary>What the caller asked for, if anything.</summary>
    public static string? Asked { get; } = Environment.GetEnvironmentVariable("MINIDEEP_TEST_DEVICE") is { Length: > 0 } name ? name : null;

    public override Device Device => s_chosen.Value.Device ?? throw new InvalidOperationException(Missing);

    public override string? Missing => s_chosen.Value.Missing;

    public override bool MustFuse => true;

    /// <summary>The same device once more, with nothing shared.</summary>
    public static Device OpenAgain() => Drivers.Open(Drivers.All.Single(found => $"{found.Info.Kind}:{found.Info.Index}".Equals(s_chosen.Value.Device?.Name, StringComparison.OrdinalIgnoreCase)));

    private static (Device?, string?) Choose() => Asked switch
    {
        "cuda" => (Gpu.Cuda(), null),
        "opencl" => (Gpu.OpenCL(), null),
        null when Gpu.IsAvailable => (Gpu.Best(), null),
        null when Gpu.Devices is [var first, ..] => (Gpu.Open(first), null),
        null => (null, "There is no CUDA or OpenCL device on this machine. MINIDEEP_TEST_DEVICE=cuda or opencl makes this a failure."),
        _ => throw new InvalidOperationException($"MINIDEEP_TEST_DEVICE is '{Asked}'; it can be cuda or opencl."),
    };
}
