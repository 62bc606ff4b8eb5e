using ILGPU.Runtime.OpenCL;

namespace MiniDeep.GpuTests;

/// <summary>Drivers that fail. The errors are feigned, in front of a driver that does nothing wrong: ILGPU's emulation, opened once more for each test because a lost device stays lost.</summary>
public sealed class DeviceLossTests
{
    private const int Megabyte = 1 << 20;

    private readonly Device _device;
    private readonly GpuBackend _backend;

    public DeviceLossTests()
    {
        _device = Drivers.OpenEmulator();
        _backend = (GpuBackend)_device.Backend;
    }

    [Theory]
    [InlineData("copying to the device")]
    [InlineData("copying from the device")]
    [InlineData("waiting for the device")]
    [InlineData("allocating memory")]
    [InlineData("UnaryKernel")]
    [InlineData("PlainKernel")]
    public void A_lost_device_is_named_with_the_operation_and_the_drivers_error(string operation)
    {
        Tensor x = Tensor.Ones([4, 4], device: _device);
        _backend.Driver.Interrupt = name =>
        {
            if (name.StartsWith(operation, StringComparison.Ordinal)) throw new CLException(CLError.CL_DEVICE_NOT_AVAILABLE);
        };
        DeviceException failure = Assert.Throws<DeviceException>(() => Everything(x));
        Assert.Contains(_device.Name, failure.Message);
        Assert.Contains(operation, failure.Message);
        Assert.Contains("CL_DEVICE_NOT_AVAILABLE", failure.Message);
        Assert.IsType<CLException>(failure.InnerException);

        // it stays lost, whatever is asked of it
        _backend.Driver.Interrupt = null;
        foreach (Action later in (Action[])[() => x.Exp(), () => x.ToArray<float>(), () => x.Fill(1), _backend.Synchronize, () => Tensor.Ones([16 * Megabyte], device: _device)])
        {
            DeviceException again = Assert.Throws<DeviceException>(later);
            Assert.Contains("lost before", again.Message);
            Assert.Contains(_device.Name, again.Message);
            Assert.Contains("CL_DEVICE_NOT_AVAILABLE", again.Message);
        }
        _device.Pool.Trim();
        Assert.Equal(2, Tensor.Ones([2]).Sum().Item());
    }

    [Fact]
    public void A_driver_without_memory_for_a_kernel_is_no_lost_device()
    {
        Tensor x = Tensor.Ones([4, 4], device: _device);
        _backend.Driver.Interrupt = name =>
        {
            if (name == "UnaryKernel") throw new CLException(CLError.CL_OUT_OF_RESOURCES);
        };
        OutOfMemoryException failure = Assert.Throws<OutOfMemoryException>(() => x.Exp());
        Assert.Contains("UnaryKernel", failure.Message);
        _backend.Driver.Interrupt = null;
        Assert.Equal(16, x.Sum().Item());
    }

    private static void Everything(Tensor x)
    {
        Tensor y = x.MatMul(x).Exp() + Tensor.From([1f, 2, 3, 4], device: x.Device);
        Tensor.Ones([4 * Megabyte], device: x.Device);
        x.Device.Backend.Synchronize();
        y.ToArray<float>();
    }
}
