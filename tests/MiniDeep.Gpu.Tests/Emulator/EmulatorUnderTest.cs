using MiniDeep.Conformance;

namespace MiniDeep.GpuTests;

/// <summary>ILGPU's emulation of a device: the kernels' plain paths, on any machine.</summary>
public sealed class EmulatorUnderTest : BackendUnderTest
{
    public override Device Device => Gpu.Emulator();

    public override bool MustFuse => true;

    public override int Thinning => 12;
}
