namespace MiniDeep;

/// <summary>
/// Where this thread's new buffers come from: an arena, the pool, or the pool under watch. Scopes nest (a callback may call Predict in the middle of Fit).
/// </summary>
internal sealed class MemoryScope
{
    [ThreadStatic] private static MemoryScope? t_current;

    private readonly StepArena? _arena;
    private readonly List<WeakReference>? _watched;

    private MemoryScope(StepArena? arena, bool watch)
    {
        _arena = arena;
        _watched = watch ? [] : null;
    }

    /// <summary>A scope whose buffers come from an arena.</summary>
    public static MemoryScope Over(StepArena arena) => new(arena, watch: false);

    /// <summary>A scope whose buffers are watched, to see whether some outlive their step.</summary>
    public static MemoryScope Watching() => new(null, watch: true);

    /// <summary>A scope that hides the outer one: its buffers belong to their handles.</summary>
    public static MemoryScope Plain { get; } = new(null, watch: false);

    /// <summary>A buffer with undefined content for a value of the step.</summary>
    public static Storage Rent(Device device, DType dtype, int length)
    {
        MemoryScope? scope = t_current;
        if (scope is not null)
        {
            if (scope._arena is { } arena && ReferenceEquals(arena.Device, device)) return arena.Rent(dtype, length);
            if (scope._watched is { } watched)
            {
                Storage storage = device.Pool.Rent(dtype, length);
                watched.Add(new WeakReference(storage));
                return storage;
            }
        }
        return device.Pool.Rent(dtype, length);
    }

    /// <summary>A buffer for what an operation keeps for its own backward pass; it belongs to no tensor.</summary>
    public static TensorView RentPrivate(Device device, DType dtype, Shape shape) => new(Rent(device, dtype, shape.ElementCount), 0, shape);

    /// <summary>A buffer that lives as long as another one, of the same dtype: in its arena where this thread is in the middle of the step, otherwise in the pool.</summary>
    public static Storage RentBeside(Storage other, int length) => other.Arena is { } arena && ReferenceEquals(arena, t_current?._arena)
        ? arena.Rent(other.DType, length)
        : RentPersistent(other.Device, other.DType, length);

    /// <summary>A buffer that lives as long as its handle, whatever the scope: parameters, gradients, optimizer state.</summary>
    public static Storage RentPersistent(Device device, DType dtype, int length) => device.Pool.Rent(dtype, length);

    /// <summary>Gives back a buffer that only the caller knows.</summary>
    public static void Return(Device device, Storage storage)
    {
        if (storage.Arena is { } arena) arena.Return(storage);
        else device.Pool.Return(storage);
    }

    /// <summary>Enters the scope on this thread; dispose of the result to leave it.</summary>
    public Entered Enter() => new(this);

    /// <summary>How many of the watched buffers are still alive after a collection, but for those that were meant to be.</summary>
    public int CountSurvivors()
    {
        GC.Collect();
        int alive = 0;
        foreach (WeakReference storage in _watched ?? [])
        {
            if (storage.Target is Storage { IsKept: false, IsSpare: false }) alive++;
        }
        return alive;
    }

    internal readonly ref struct Entered
    {
        private readonly MemoryScope? _outer;

        public Entered(MemoryScope scope)
        {
            _outer = t_current;
            t_current = scope;
        }

        public void Dispose() => t_current = _outer;
    }
}
