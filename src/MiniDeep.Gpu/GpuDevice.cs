namespace MiniDeep;

/// <summary>How a GPU is programmed.</summary>
public enum GpuKind
{
    /// <summary>NVIDIA's CUDA, through the driver's libcuda.</summary>
    Cuda,

    /// <summary>OpenCL, through the loader's libOpenCL.</summary>
    OpenCL,
}

/// <summary>A device that was found on this machine.</summary>
/// <param name="Name">What its driver calls it.</param>
/// <param name="Kind">How it is programmed.</param>
/// <param name="Index">Its number among the devices of its kind, from 0.</param>
/// <param name="MemoryBytes">The size of its memory, in bytes.</param>
/// <param name="IsProcessor">Whether it is the host's own processor under OpenCL: good for tests, slower than <see cref="Device.Cpu"/>.</param>
public sealed record GpuDevice(string Name, GpuKind Kind, int Index, long MemoryBytes, bool IsProcessor)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Kind} {Index}: {Name}, {MemoryBytes / 1073741824.0:0.0} GB{(IsProcessor ? " (the host's processor)" : "")}");
}
