namespace MiniDeep.GpuTests;

/// <summary>Finding devices: needs none.</summary>
public class DevicesTests
{
    [Fact]
    public void The_device_that_the_caller_asked_for_is_the_one_that_the_suites_use()
    {
        if (DeviceUnderTest.Asked is not { } asked) return;
        Device device = new DeviceUnderTest().Device;
        Assert.StartsWith(asked + ":", device.Name);
        Assert.True(((GpuBackend)device.Backend).Limits.HasTiles, "The kernels that GPUs use aren't tested on this device.");
    }

    [Theory]
    [InlineData(1024, 48 << 10, 256, true)]
    [InlineData(256, 40 << 10, 256, true)]
    [InlineData(256, 32 << 10, 256, false)]
    [InlineData(192, 64 << 10, 128, false)]
    [InlineData(1, 0, 1, false)]
    public void A_small_device_gets_small_groups_and_no_tiles(int threads, int sharedBytes, int group, bool tiles)
    {
        var limits = DeviceLimits.Of(threads, sharedBytes, 1, false);
        Assert.Equal((group, tiles), (limits.MapGroup, limits.HasTiles));
    }

    [Fact]
    public void A_device_that_is_not_there_is_an_error_that_says_what_was_looked_for()
    {
        DeviceException error = Assert.Throws<DeviceException>(static () => Gpu.Cuda(99));
        Assert.Contains("no Cuda device 99", error.Message);
        Assert.Contains(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", error.Message);
        Assert.Contains(OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so.1", error.Message);
        Assert.Contains("found: " + (Gpu.Devices.Count == 0 ? "none" : Gpu.Devices[0].ToString()), error.Message);
    }

    [Fact]
    public void Best_is_a_gpu_or_an_error()
    {
        if (Gpu.IsAvailable) Assert.Same(Gpu.Best(), Gpu.Best());
        else Assert.Contains("no GPU", Assert.Throws<DeviceException>(Gpu.Best).Message);
    }

    [Fact]
    public void Each_listed_device_has_a_name_a_memory_and_a_number_of_its_own()
    {
        Assert.All(Gpu.Devices, static device =>
        {
            Assert.NotEqual("", device.Name);
            Assert.InRange(device.MemoryBytes, 1 << 20, long.MaxValue);
            Assert.Same(Gpu.Open(device), device.Kind == GpuKind.Cuda ? Gpu.Cuda(device.Index) : Gpu.OpenCL(device.Index));
        });
        Assert.Equal(Gpu.Devices.Count, Gpu.Devices.DistinctBy(static device => (device.Kind, device.Index)).Count());
        Assert.DoesNotContain(Gpu.Devices, static device => device.Name.Contains("CPUAccelerator", StringComparison.Ordinal));
    }

    [Fact]
    public void Ilgpu_stays_out_of_the_public_api()
    {
        IEnumerable<Type> seen = typeof(Gpu).Assembly.GetExportedTypes().SelectMany(static type => type.GetMembers()).SelectMany(static member => member switch
        {
            System.Reflection.MethodInfo method => method.GetParameters().Select(static parameter => parameter.ParameterType).Append(method.ReturnType),
            System.Reflection.PropertyInfo property => [property.PropertyType],
            System.Reflection.ConstructorInfo constructor => constructor.GetParameters().Select(static parameter => parameter.ParameterType),
            _ => [],
        });
        Assert.NotEmpty(seen);
        Assert.DoesNotContain(seen, static type => type.Assembly.GetName().Name!.StartsWith("ILGPU", StringComparison.Ordinal));
    }
}
