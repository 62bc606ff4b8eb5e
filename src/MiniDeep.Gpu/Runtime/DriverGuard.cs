namespace MiniDeep;

/// <summary>
/// Stands before the calls of a device's driver: its errors become MiniDeep's, and after one that the device doesn't survive, every later call says so. Used under the backend's lock.
/// </summary>
internal sealed class DriverGuard(string deviceName)
{
    private string? _lost;

    /// <summary>What messages call the device.</summary>
    public string DeviceName => deviceName;

    /// <summary>Called before each driver call with the operation's name, for tests of what happens when one fails.</summary>
    public Action<string>? Interrupt { get; set; }

    public bool IsLost => _lost is not null;

    /// <summary>An operation is about to call the driver.</summary>
    /// <exception cref="DeviceException">The device was lost before.</exception>
    public void Enter(string operation)
    {
        if (_lost is not null) throw new DeviceException($"{deviceName}, {operation}: the device was lost before, {_lost}.");
        Interrupt?.Invoke(operation);
    }

    /// <summary>What a driver's error in an operation is to the caller. But for a lack of memory, it is the end of the device: drivers answer every later call with the same error.</summary>
    public Exception Error(string operation, Exception failure)
    {
        string error = DriverErrors.Describe(failure);
        if (DriverErrors.IsOutOfMemory(failure)) return new OutOfMemoryException($"{deviceName}, {operation}: the device has no memory left ({error}). Use a smaller batch.", failure);
        _lost = $"in {operation}: {error}; work before it may be the cause. Start the program again and go on from what was saved";
        return new DeviceException($"{deviceName} was lost {_lost}.", failure);
    }
}
