using System.Runtime.InteropServices;

namespace MiniDeep;

/// <summary>
/// The GPUs of this machine: <c>model.To(Gpu.Best())</c>. The same device is the same object each time. Seeds give the same weights, orders and dropout masks as on the CPU, and
/// the same bits from run to run.
/// </summary>
public static class Gpu
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<GpuDevice, Device> s_open = [];
    private static Device? s_emulator;

    /// <summary>The devices that were found, CUDA's first. Those without 64-bit floats are left out: MiniDeep adds metrics up in them.</summary>
    public static IReadOnlyList<GpuDevice> Devices => [.. Drivers.All.Select(static found => found.Info).OrderBy(static device => device.Kind)];

    /// <summary>Whether there is a GPU, so that <see cref="Best"/> finds one.</summary>
    public static bool IsAvailable => Devices.Any(static device => !device.IsProcessor);

    /// <summary>
    /// Where a line is written when kernels take more than a second to compile, which happens once a process; the error stream by default, null for nowhere.
    /// </summary>
    public static TextWriter? Progress { get; set; } = Console.Error;

    /// <summary>A CUDA device before an OpenCL one, a card before a GPU that shares the host's memory, and of several the one with the most memory. Never the host's processor.</summary>
    /// <exception cref="DeviceException">There is no GPU; the message says what was looked for and found.</exception>
    public static Device Best() =>
        Drivers.All.Where(static found => !found.Info.IsProcessor)
            .OrderBy(static found => found.Info.Kind).ThenBy(static found => found.SharesMemory).ThenByDescending(static found => found.Info.MemoryBytes).FirstOrDefault() is { } best
            ? Open(best.Info)
            : throw Missing("no GPU");

    /// <summary>A CUDA device.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="DeviceException">There is no such device; the message says what was looked for and found.</exception>
    public static Device Cuda(int index = 0) => Open(GpuKind.Cuda, index);

    /// <summary>An OpenCL device; it may be the host's processor.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="DeviceException">There is no such device; the message says what was looked for and found.</exception>
    public static Device OpenCL(int index = 0) => Open(GpuKind.OpenCL, index);

    /// <summary>ILGPU's emulation of a device on the host, thousands of times slower than one: only for debugging kernels, and never chosen by <see cref="Best"/>.</summary>
    public static Device Emulator()
    {
        lock (s_lock) return s_emulator ??= Drivers.OpenEmulator();
    }

    /// <summary>Opens a device of the list.</summary>
    /// <param name="device">One of <see cref="Devices"/>.</param>
    /// <exception cref="DeviceException">It isn't one of this machine's.</exception>
    public static Device Open(GpuDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        lock (s_lock)
        {
            if (s_open.TryGetValue(device, out Device? open)) return open;
            Drivers.Found found = Drivers.All.FirstOrDefault(found => found.Info == device) ?? throw Missing($"no {device}");
            return s_open[device] = Drivers.Open(found);
        }
    }

    private static Device Open(GpuKind kind, int index) =>
        Devices.FirstOrDefault(device => device.Kind == kind && device.Index == index) is { } device ? Open(device) : throw Missing($"no {kind} device {index}");

    private static DeviceException Missing(string what)
    {
        string cuda = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", opencl = OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so.1";
        string found = Devices.Count == 0 ? "none" : string.Join("; ", Devices);
        return new DeviceException(
            $"There is {what} here. Looked for CUDA devices through {cuda} ({State(cuda)}) and for OpenCL devices with 64-bit floats through {opencl} ({State(opencl)}); found: {found}. " +
            "Install the GPU's driver (for OpenCL also its ICD, such as intel-opencl-icd or rocm-opencl-icd), or stay on Device.Cpu.");
    }

    private static string State(string library)
    {
        if (!NativeLibrary.TryLoad(library, out nint handle)) return "not installed";
        NativeLibrary.Free(handle);
        return "installed";
    }
}
