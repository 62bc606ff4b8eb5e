using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>Where a tensor's elements live and where its operations run.</summary>
public sealed class Device
{
    /// <summary>A device behind a backend; for packages that bring one.</summary>
    /// <param name="name">What messages and tensors call it, such as "cuda:0".</param>
    /// <param name="backend">Its operations.</param>
    [Experimental(Experiments.Backends)]
    public Device(string name, IBackend backend) : this(name, backend, hasData: true)
    {
    }

    internal Device(string name, IBackend backend, bool hasData)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(backend);
        Name = name;
        Backend = backend;
        HasData = hasData;
        Pool = new Pool(this, backend);
    }

    /// <summary>The host's processor; where everything starts.</summary>
    public static Device Cpu { get; } = new("cpu", CpuBackend.Instance);

    /// <summary>Has shapes and no data: running a Forward on it finds the shape of its result.</summary>
    internal static Device Shapes { get; } = new("shapes", ShapeBackend.Instance, hasData: false);

    /// <summary>What messages and tensors call the device.</summary>
    public string Name { get; }

    /// <summary>The device's operations.</summary>
    [Experimental(Experiments.Backends)]
    public IBackend Backend { get; }

    /// <summary>Whether its tensors have elements. A device without runs a Forward to see what it does, so its operations take tensors of any other device, too.</summary>
    internal bool HasData { get; }

    internal Pool Pool { get; }

    /// <summary>Gives the memory that no tensor uses any more back to the system. MiniDeep does this by itself when a device is full; it helps where other programs want the memory.</summary>
    public void Trim() => Pool.Trim();

    /// <summary>Says that a model of this float type is going to compute here.</summary>
    internal void Prepare(DType dtype) => Backend.Prepare(dtype);

    /// <summary>The one device of an operation's operands.</summary>
    internal static Device Common(Tensor a, Tensor b, string operation)
    {
        if (ReferenceEquals(a.Device, b.Device)) return a.Device;
        if (!a.Device.HasData) return a.Device;
        if (!b.Device.HasData) return b.Device;
        throw new DeviceException(
            $"{operation}: one tensor is on {a.Device.Name} ({a.Shape}) and the other on {b.Device.Name} ({b.Shape}). Move one with To(device).");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
