namespace MiniDeep.GpuTests;

/// <summary>The base of tests that need the device: skipped, with the reason, where there is none.</summary>
public abstract class DeviceTest
{
    private readonly DeviceUnderTest _under = new();

    protected DeviceTest() => Skip.If(_under.Missing is not null, _under.Missing);

    /// <summary>The device.</summary>
    protected Device Device => _under.Device;

    /// <summary>Its backend, with its counters.</summary>
    internal GpuBackend Backend => (GpuBackend)Device.Backend;
}
