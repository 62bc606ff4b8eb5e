namespace MiniDeep;

/// <summary>
/// The memory of a run of steps of one model. The first two steps are watched; if none of their buffers outlives them, later steps share an arena, otherwise the model keeps tensors across
/// steps and simply runs without one.
/// </summary>
internal sealed class StepMemory(Device device, StepMemories owner)
{
    private const int WatchedSteps = 2;

    private MemoryScope? _watch;
    private StepArena? _arena;
    private MemoryScope? _arenaScope;
    private int _steps;

    public Device Device => device;

    /// <summary>What the arena holds.</summary>
    public long ArenaBytes => _arena?.Bytes ?? 0;

    /// <summary>Where the buffers of the next step come from. End it with <see cref="EndStep"/>, outside the method that ran the step.</summary>
    public MemoryScope BeginStep()
    {
        switch (owner.UsesArena)
        {
            case null:
                return _watch ??= MemoryScope.Watching();
            case false:
                return MemoryScope.Plain;
            default:
                _arena ??= new StepArena(device);
                return _arenaScope ??= MemoryScope.Over(_arena);
        }
    }

    /// <param name="completed">Whether the step came to its end: what an exception on its way out still holds says nothing about the model.</param>
    public void EndStep(bool completed)
    {
        _arena?.EndStep();
        if (_watch is null) return;
        if (!completed)
        {
            _watch = null;
            _steps = 0;
            return;
        }
        if (owner.UsesArena is null && ++_steps < WatchedSteps) return;
        owner.NoteWatched(_watch.CountSurvivors());
        _watch = null;
    }

    /// <summary>Gives the buffers back to the device's pool.</summary>
    public void Release()
    {
        _arena?.Release();
        _arena = null;
        _arenaScope = null;
    }
}

/// <summary>
/// Whether a model keeps tensors across steps, seen in training or in inference: a layer that does in one may do so later in the other.
/// </summary>
internal sealed class KeptTensors
{
    private volatile bool _found;

    public bool Found => _found;

    public void Note() => _found = true;
}

/// <summary>The step memories of one model for one purpose (training or inference), used again from run to run and by several threads at once.</summary>
internal sealed class StepMemories(KeptTensors kept)
{
    private const long KeptBytes = 16 << 20;

    private readonly Lock _lock = new();
    private readonly List<StepMemory> _spare = [];
    private volatile bool _watched;

    /// <summary>Whether steps run on an arena; null while that isn't known.</summary>
    public bool? UsesArena => kept.Found ? false : _watched ? true : null;

    /// <summary>Notes what a watch of some steps has found. Once kept tensors were seen, no other thread's watch can unsee them.</summary>
    public void NoteWatched(int survivors)
    {
        if (survivors > 0) kept.Note();
        _watched = true;
    }

    public StepMemory Take(Device device)
    {
        while (TakeSpare() is { } memory)
        {
            if (memory.Device == device) return memory;
            memory.Release();
        }
        return new StepMemory(device, this);
    }

    /// <summary>Takes a memory back between runs; a large one gives its buffers to the pool.</summary>
    public void Return(StepMemory memory)
    {
        if (memory.ArenaBytes > KeptBytes) memory.Release();
        lock (_lock) _spare.Add(memory);
    }

    private StepMemory? TakeSpare()
    {
        lock (_lock)
        {
            if (_spare.Count == 0) return null;
            StepMemory memory = _spare[^1];
            _spare.RemoveAt(_spare.Count - 1);
            return memory;
        }
    }
}
