using ILGPU;
using ILGPU.Runtime;

namespace MiniDeep;

/// <summary>
/// The backend of a CUDA or OpenCL device: dispatch only. Each member resolves the dtype at this door and starts generic kernels on the device's one stream, so
/// work is done in the order of the calls; only <see cref="Upload"/>, <see cref="Download"/> and <see cref="Synchronize"/> wait. Members are called from any thread: one lock a device.
/// </summary>
internal sealed partial class GpuBackend : IBackend
{
    /// <summary>Kernels count in 32 bits, and step beyond the last element by as much as a grid has threads, or a sum's part rows.</summary>
    private const int MostElements = int.MaxValue - (1 << 24);

    private readonly Lock _lock = new();
    private readonly Accelerator _accelerator;
    private readonly DriverGuard _driver;
    private readonly DeviceMemory _memory;
    private readonly KernelLauncher _kernels;
    private readonly Scratch _parts;
    private readonly FaultLog _faults;
    private readonly HashSet<DType> _prepared = [];
    private readonly ArrayView<byte> _nothing;

    public GpuBackend(string name, Accelerator accelerator, DeviceLimits limits)
    {
        Name = name;
        _accelerator = accelerator;
        _driver = new DriverGuard(name);
        _memory = new DeviceMemory(accelerator, name, _driver);
        _kernels = new KernelLauncher(accelerator, limits, _driver, _memory);
        _parts = new Scratch(_memory);
        Limits = limits;
        _nothing = Own(1);
        long slots = FaultLog.Slots(Math.Max(limits.MapGroups, ManyGroups));
        _faults = new FaultLog(accelerator, Own(slots * Interop.SizeOf<FaultNote>()).Cast<FaultNote>().SubView(0, slots));
        _faults.Clear();
    }

    /// <summary>What messages call the device.</summary>
    public string Name { get; }

    public DeviceLimits Limits { get; }

    /// <summary>Everything is pooled: an allocation costs the driver more than any kernel here.</summary>
    public long PoolThreshold => 0;

    /// <summary>Kernels started so far.</summary>
    public long Launches { get { lock (_lock) return _kernels.Launches; } }

    /// <summary>Kernels compiled so far.</summary>
    public IReadOnlyList<Type> Compiled => _kernels.Compiled;

    /// <summary>How often the host has waited for the device so far.</summary>
    public long Waits { get; private set; }

    /// <summary>What an operation uses between its kernels.</summary>
    public Scratch Scratch => _parts;

    /// <summary>The device's memory.</summary>
    public DeviceMemory Memory => _memory;

    /// <summary>What stands before the device's driver.</summary>
    public DriverGuard Driver => _driver;

    public MemoryBlock Allocate(long bytes)
    {
        lock (_lock)
        {
            (Slab slab, long offset, long rounded) = _memory.Take(bytes);
            return new GpuBlock(this, slab, offset, rounded);
        }
    }

    public void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset)
    {
        const string Operation = "copying to the device";
        if (source.IsEmpty) return;
        lock (_lock)
        {
            Waits++;
            ArrayView<byte> bytes = Bytes(destination).SubView(byteOffset, source.Length);
            try
            {
                _driver.Enter(Operation);
                bytes.CopyFromCPU(_accelerator.DefaultStream, source);
            }
            catch (Exception failure) when (DriverErrors.IsDriver(failure))
            {
                throw _driver.Error(Operation, failure);
            }
        }
    }

    public void Download(Storage source, long byteOffset, Span<byte> destination)
    {
        const string Operation = "copying from the device";
        lock (_lock)
        {
            Waits++;
            ArrayView<byte> bytes = Bytes(source).SubView(byteOffset, destination.Length);
            try
            {
                _driver.Enter(Operation);
                _faults.Throw();
                if (!destination.IsEmpty) bytes.CopyToCPU(_accelerator.DefaultStream, destination);
            }
            catch (Exception failure) when (DriverErrors.IsDriver(failure))
            {
                throw _driver.Error(Operation, failure);
            }
        }
    }

    public void Synchronize()
    {
        const string Operation = "waiting for the device";
        lock (_lock)
        {
            Waits++;
            try
            {
                _driver.Enter(Operation);
                _faults.Throw();
                _accelerator.DefaultStream.Synchronize();
            }
            catch (Exception failure) when (DriverErrors.IsDriver(failure))
            {
                throw _driver.Error(Operation, failure);
            }
        }
    }

    public void Prepare(DType dtype)
    {
        lock (_prepared)
        {
            if (_prepared.Contains(dtype)) return;
            var preparation = new Preparation(Name, _kernels);
            KernelCatalog.Visit(preparation, dtype, Limits);
            preparation.Run();
            _prepared.Add(dtype);
        }
    }

    /// <summary>Takes a piece of memory back.</summary>
    internal void Free(Slab slab)
    {
        lock (_lock) _memory.Return(slab);
    }

    /// <summary>The memory of a buffer, which must be this device's.</summary>
    private ArrayView<byte> Bytes(Storage storage) => storage.Block is GpuBlock block && ReferenceEquals(block.Owner, this)
        ? block.View
        : throw new DeviceException($"{Name} was given a tensor that is on {(storage.Block is GpuBlock other ? other.Owner.Name : "another device")}. Move it with To(device).");

    /// <summary>The elements of a view, from its first one to the end of the buffer; any memory where there is no view.</summary>
    private ArrayView<T> View<T>(in TensorView view)
        where T : unmanaged
    {
        // drivers want a buffer for every argument
        if (view.IsNone) return _nothing.Cast<T>();
        if (view.Shape.ElementCount > MostElements) throw new ShapeException($"{Name}: a tensor of shape {view.Shape} has more elements than kernels count, {MostElements:N0}.");
        ArrayView<byte> bytes = Bytes(view.Storage);
        long start = (long)view.Offset * view.DType.Size();
        return bytes.SubView(start, bytes.Length - start).Cast<T>();
    }

    /// <summary>The same from a later element on.</summary>
    private ArrayView<T> View<T>(in TensorView view, int from)
        where T : unmanaged => view.IsNone ? _nothing.Cast<T>() : View<T>(new TensorView(view.Storage, view.Offset + from, view.Shape));

    /// <summary>Memory that the backend never gives back.</summary>
    private ArrayView<byte> Own(long bytes)
    {
        (Slab slab, long offset, long rounded) = _memory.Take(bytes);
        return slab.View.SubView(offset, rounded);
    }
}
