using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>Where a tensor's elements live and where its operations run.</summary>
public sealed class Device
{
    /// <summary>A device behind a backend; for packages that bring one.</summary>
    /// <param name="name">What messages and tensors call it, such as "cuda:0".</param>
    /// <param name="backend">Its operations.</param>
    [Experimental(Experiments.Backends)]
    public Device(string name, IBackend backend)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(backend);
        Name = name;
        Backend = backend;
        Pool = new Pool(this, backend);
    }

    /// <summary>The host's processor; where everything starts.</summary>
    public static Device Cpu { get; } = new("cpu", CpuBackend.Instance);

    /// <summary>Has shapes and no data: running a Forward on it finds the shape of its result.</summary>
    internal static Device Shapes { get; } = new("shapes", ShapeBackend.Instance);

    /// <summary>What messages and tensors call the device.</summary>
    public string Name { get; }

    /// <summary>The device's operations.</summary>
    [Experimental(Experiments.Backends)]
    public IBackend Backend { get; }

    internal Pool Pool { get; }

    /// <summary>Says that a model of this float type is going to compute here.</summary>
    internal void Prepare(DType dtype) => Backend.Prepare(dtype);

    /// <summary>The one device of an operation's operands.</summary>
    internal static Device Common(Tensor a, Tensor b, string operation)
    {
        if (ReferenceEquals(a.Device, b.Device)) return a.Device;
        if (a.Device == Shapes || b.Device == Shapes) return Shapes;
        throw new DeviceException(
            $"{operation}: one tensor is on {a.Device.Name} ({a.Shape}) and the other on {b.Device.Name} ({b.Shape}). Move one with To(device).");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
