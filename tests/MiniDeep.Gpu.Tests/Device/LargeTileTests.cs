using MiniDeep.Conformance;

namespace MiniDeep.GpuTests;

/// <summary>The products again, with large tiles wherever one is half full: the suites' sizes are too small for them otherwise, and processors never use them.</summary>
public sealed class LargeTileMatrixTests() : MatrixSuite(new LargeTilesUnderTest());

/// <inheritdoc cref="LargeTileMatrixTests"/>
public sealed class LargeTileConvPoolTests() : ConvPoolSuite(new LargeTilesUnderTest());

/// <summary>The device of <see cref="DeviceUnderTest"/>, with large tiles from the first one on.</summary>
public sealed class LargeTilesUnderTest : BackendUnderTest
{
    private static readonly Lazy<Device> s_device = new(static () =>
    {
        var plain = (GpuBackend)new DeviceUnderTest().Device.Backend;
        return Drivers.Open(Drivers.All.First(found => Gpu.Open(found.Info).Backend == plain), static limits => limits with { LargeTiles = 1 });
    });

    public override Device Device => s_device.Value;

    public override string? Missing => new DeviceUnderTest().Missing;

    public override bool MustFuse => true;
}
