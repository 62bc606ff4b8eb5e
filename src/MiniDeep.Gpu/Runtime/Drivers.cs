using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace MiniDeep;

/// <summary>Finds devices and opens them. Each open device has an ILGPU context of its own: a kernel that fails to compile spoils the whole context.</summary>
internal static class Drivers
{
    /// <summary>What was found on this machine, once a process.</summary>
    private static readonly Lazy<IReadOnlyList<Found>> s_found = new(Find);

    /// <summary>The names under which the drivers' libraries are installed without their -dev packages.</summary>
    private static readonly (string Asked, string[] Installed)[] s_libraries =
    [
        ("cuda", ["libcuda.so.1", "nvcuda.dll"]),
        ("OpenCL", ["libOpenCL.so.1", "OpenCL.dll", "/System/Library/Frameworks/OpenCL.framework/OpenCL"]),
    ];

    static Drivers()
    {
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, _, _) => Resolve(name));
        }
        catch (InvalidOperationException)
        {
            // The program has set a resolver of its own for ILGPU: it counts.
        }
    }

    public static IReadOnlyList<Found> All => s_found.Value;

    /// <summary>Opens a device that was found.</summary>
    /// <param name="found">The device.</param>
    /// <param name="adjust">Changes what it is thought to be good at, for tests.</param>
    public static Device Open(Found found, Func<DeviceLimits, DeviceLimits>? adjust = null)
    {
        Func<Accelerator, DeviceLimits> limits = adjust is null ? Large : accelerator => adjust(Large(accelerator));
        string name = $"{found.Info.Kind.ToString().ToLowerInvariant()}:{found.Info.Index}";
        return found.Info.Kind == GpuKind.Cuda
            ? Open(name, builder => builder.Cuda(device => device.DeviceId == ((CudaDevice)found.Device).DeviceId), limits)
            : Open(name, builder => builder.OpenCL(device => device.DeviceId == ((CLDevice)found.Device).DeviceId), limits);
    }

    /// <summary>Opens ILGPU's emulation of a device: an operating-system thread for each thread of a group, so groups are small.</summary>
    public static Device OpenEmulator() => Open("emulator", builder => builder.CPU(new CPUDevice(4, 4, 1)), _ => new DeviceLimits(MapGroup: 4, MapGroups: 4, HasTiles: false, LargeTiles: int.MaxValue), isEmulator: true);

    private static Device Open(string name, Action<Context.Builder> choose, Func<Accelerator, DeviceLimits> limits, bool isEmulator = false)
    {
        try
        {
            // not disposed: a device lives as long as the process, and tensors on it may be touched at any time
            var context = Context.Create(builder =>
            {
                choose(builder);
                builder.EnableAlgorithms().Optimize(OptimizationLevel.O2);
            });
            ILGPU.Runtime.Device chosen = context.Devices[0];
            // a context whose device has gone gets ILGPU's emulation
            if (chosen is CPUDevice != isEmulator) throw new DeviceException($"{name} was here when devices were looked for, and has gone.");
            Accelerator accelerator = chosen.CreateAccelerator(context);
            var backend = new GpuBackend(name, accelerator, limits(accelerator));
            var opened = new Device(name, backend);
            backend.Memory.Trim = opened.Trim;
            return opened;
        }
        catch (Exception failure) when (DriverErrors.IsDriver(failure))
        {
            // a card that another process has for itself, or that is full, is found all the same
            throw new DeviceException($"{name} can't be opened: {DriverErrors.Describe(failure)}.", failure);
        }
    }

    private static DeviceLimits Large(Accelerator accelerator) =>
        DeviceLimits.Of(accelerator.MaxNumThreadsPerGroup, accelerator.MaxSharedMemoryPerGroup, accelerator.NumMultiprocessors, IsProcessor(accelerator.Device));

    private static List<Found> Find()
    {
        List<Found> found = [];
        using var context = Context.Create(builder => builder.Cuda().OpenCL());
        foreach (ILGPU.Runtime.Device device in context)
        {
            // a context without a device gets ILGPU's emulation
            if (device is not (CudaDevice or CLDevice)) continue;
            GpuKind kind = device is CudaDevice ? GpuKind.Cuda : GpuKind.OpenCL;
            // metrics are sums in 53 bits
            if (device is CLDevice { Capabilities.Float64: false }) continue;
            int index = found.Count(other => other.Info.Kind == kind);
            found.Add(new Found(new GpuDevice(device.Name, kind, index, device.MemorySize, IsProcessor(device)), device, SharesMemory(device)));
        }
        return found;
    }

    private static bool IsProcessor(ILGPU.Runtime.Device device) =>
        device is CLDevice cl && !cl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU) && cl.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_CPU);

    /// <summary>Whether the device computes in the host's memory, as a GPU in a processor does: the size of its memory says nothing then.</summary>
    private static bool SharesMemory(ILGPU.Runtime.Device device)
    {
        // CL_DEVICE_HOST_UNIFIED_MEMORY, which ILGPU doesn't name
        const CLDeviceInfoType HostUnifiedMemory = (CLDeviceInfoType)0x1035;
        return device is CLDevice cl && CLAPI.CurrentAPI.GetDeviceInfo(cl.DeviceId, HostUnifiedMemory, out int shares) == CLError.CL_SUCCESS && shares != 0;
    }

    private static nint Resolve(string name)
    {
        foreach ((string asked, string[] installed) in s_libraries)
        {
            if (!name.Contains(asked, StringComparison.OrdinalIgnoreCase)) continue;
            foreach (string file in installed)
            {
                if (NativeLibrary.TryLoad(file, out nint library)) return library;
            }
        }
        return 0;
    }

    /// <param name="Info">What users see of it.</param>
    /// <param name="Device">ILGPU's description.</param>
    /// <param name="SharesMemory">Whether its memory is the host's.</param>
    internal sealed record Found(GpuDevice Info, ILGPU.Runtime.Device Device, bool SharesMemory);
}
