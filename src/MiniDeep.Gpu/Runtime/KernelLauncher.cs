using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace MiniDeep;

/// <summary>Compiles kernels when they are first needed, keeps them, and starts them on the device's one stream. Used under the backend's lock, but for <see cref="Load"/>.</summary>
internal sealed class KernelLauncher(Accelerator accelerator, DeviceLimits limits, DriverGuard driver, DeviceMemory memory)
{
    private readonly Lock _lock = new();
    private readonly List<Type> _compiled = [];
    private volatile Delegate?[] _loaded = new Delegate?[64];

    /// <summary>How many kernels were started.</summary>
    public long Launches { get; private set; }

    /// <summary>The kernels that were compiled.</summary>
    public IReadOnlyList<Type> Compiled { get { lock (_lock) return [.. _compiled]; } }

    /// <summary>Starts a kernel that maps so many independent elements.</summary>
    public void Map<TKernel, TArgs>(long elements, in TArgs args)
        where TKernel : struct, IKernel<TArgs>
        where TArgs : struct
    {
        if (elements <= 0) return;
        long groups = Math.Min((elements + limits.MapGroup - 1) / limits.MapGroup, limits.MapGroups);
        Launch<TKernel, TArgs>(new KernelConfig((int)groups, limits.MapGroup), args);
    }

    /// <summary>Starts a kernel on a grid of groups.</summary>
    public void Launch<TKernel, TArgs>(KernelConfig config, in TArgs args)
        where TKernel : struct, IKernel<TArgs>
        where TArgs : struct
    {
        Launches++;
        try
        {
            Start<TKernel, TArgs>(config, args);
        }
        catch (OutOfMemoryException) when (memory.Trim is not null)
        {
            // an OpenCL driver may find room for a buffer only when a kernel first uses it
            memory.Trim();
            Start<TKernel, TArgs>(config, args);
        }
    }

    /// <summary>The kernel, compiled now if it is not yet; from any thread.</summary>
    /// <exception cref="DeviceException">The device's compiler refuses it.</exception>
    public Action<AcceleratorStream, KernelConfig, TArgs> Load<TKernel, TArgs>()
        where TKernel : struct, IKernel<TArgs>
        where TArgs : struct
    {
        int number = KernelNumber.Of<TKernel>.Value;
        Delegate?[] all = _loaded;
        if (number < all.Length && all[number] is { } loaded) return (Action<AcceleratorStream, KernelConfig, TArgs>)loaded;
        return Compile<TKernel, TArgs>(number);
    }

    private void Start<TKernel, TArgs>(KernelConfig config, in TArgs args)
        where TKernel : struct, IKernel<TArgs>
        where TArgs : struct
    {
        string name = KernelNumber.Of<TKernel>.Name;
        try
        {
            driver.Enter(name);
            Load<TKernel, TArgs>()(accelerator.DefaultStream, config, args);
        }
        catch (Exception failure) when (DriverErrors.IsOutOfMemory(failure))
        {
            throw new OutOfMemoryException($"{driver.DeviceName} has no memory left for {name} ({DriverErrors.Describe(failure)}): {memory.Held}. Use a smaller batch, or free tensors that are kept.", failure);
        }
        catch (Exception failure) when (DriverErrors.IsDriver(failure))
        {
            throw driver.Error(name, failure);
        }
    }

    private Action<AcceleratorStream, KernelConfig, TArgs> Compile<TKernel, TArgs>(int number)
        where TKernel : struct, IKernel<TArgs>
        where TArgs : struct
    {
        Action<AcceleratorStream, KernelConfig, TArgs> kernel;
        using (TraceLog log = new())
        {
            try
            {
                kernel = accelerator.LoadKernel<TArgs>(TKernel.Run, new KernelSpecialization(TKernel.GroupSize, TKernel.GroupsAtOnce));
            }
            catch (Exception failure) when (failure is InternalCompilerException or NotSupportedException || DriverErrors.IsDriver(failure))
            {
                // the context is spoiled: later kernels wouldn't compile either
                throw driver.Error($"compiling {KernelNumber.Of<TKernel>.Name} ({log})", failure);
            }
        }
        lock (_lock)
        {
            Delegate?[] all = _loaded;
            if (number >= all.Length) Array.Resize(ref all, Math.Max(number + 1, 2 * all.Length));
            all[number] = kernel;
            _compiled.Add(typeof(TKernel));
            _loaded = all;
        }
        return kernel;
    }

    /// <summary>Numbers the kernel types of the process, so that finding a compiled one is a look into an array.</summary>
    private static class KernelNumber
    {
        private static int s_count;

        public static class Of<TKernel>
        {
            public static readonly int Value = Interlocked.Increment(ref s_count) - 1;

            /// <summary>What messages call it.</summary>
            public static readonly string Name = typeof(TKernel).Name.Split('`')[0];
        }
    }
}

/// <summary>How large grids are made on a device.</summary>
/// <param name="MapGroup">Threads in a group of a kernel that maps elements.</param>
/// <param name="MapGroups">The most groups of such a kernel; each thread then takes several elements.</param>
/// <param name="HasTiles">Whether groups of 256 threads with barriers are worth using.</param>
/// <param name="LargeTiles">From how many large tiles on a product uses them; <see cref="int.MaxValue"/> where threads have no registers for 64 sums, as on a processor.</param>
internal readonly record struct DeviceLimits(int MapGroup, int MapGroups, bool HasTiles, int LargeTiles)
{
    /// <summary>The limits of a device that runs the threads of a group side by side. OpenCL promises neither 256 threads a group nor more than 32 KB of shared memory.</summary>
    /// <param name="groupThreads">The most threads of a group.</param>
    /// <param name="sharedBytes">The most shared memory of a group.</param>
    /// <param name="multiprocessors">How many groups run at once at least.</param>
    /// <param name="isProcessor">Whether it is the host's processor.</param>
    public static DeviceLimits Of(int groupThreads, int sharedBytes, int multiprocessors, bool isProcessor) => new(
        MapGroup: 1 << BitOperations.Log2((uint)Math.Clamp(groupThreads, 1, Slices.MaxGroup)),
        MapGroups: Math.Max(multiprocessors, 4) * 16,
        HasTiles: groupThreads >= ProductTile.Threads && sharedBytes >= ProductTile.SharedBytes,
        LargeTiles: isProcessor ? int.MaxValue : TilePlan.Enough);
}
