using System.Collections.Concurrent;

namespace MiniDeep;

/// <summary>
/// The memory of a run of steps of one model. The first two steps are watched; if none of their buffers outlives them, later steps share an arena, otherwise the model keeps tensors across
/// steps and simply runs without one.
/// </summary>
internal sealed class StepMemory(Device device, StepMemory.Verdict verdict)
{
    private const int WatchedSteps = 2;

    private MemoryScope? _watch = MemoryScope.Watching();
    private StepArena? _arena;
    private MemoryScope? _arenaScope;
    private int _steps;

    /// <summary>What has been found out about a model; shared by all its runs.</summary>
    internal sealed class Verdict
    {
        public volatile Answer Answer;
    }

    internal enum Answer
    {
        Unknown,
        Arena,
        Plain,
    }

    public Device Device => device;

    /// <summary>What the arena holds.</summary>
    public long ArenaBytes => _arena?.Bytes ?? 0;

    /// <summary>Where the buffers of the next step come from. End it with <see cref="EndStep"/>, outside the method that ran the step.</summary>
    public MemoryScope BeginStep()
    {
        if (verdict.Answer == Answer.Plain) return MemoryScope.Plain;
        if (verdict.Answer == Answer.Unknown) return _watch ??= MemoryScope.Watching();
        _arena ??= new StepArena(device);
        return _arenaScope ??= MemoryScope.Over(_arena);
    }

    public void EndStep()
    {
        _arena?.EndStep();
        if (verdict.Answer != Answer.Unknown || _watch is null || ++_steps < WatchedSteps) return;
        verdict.Answer = _watch.CountSurvivors() == 0 ? Answer.Arena : Answer.Plain;
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

/// <summary>The step memories of one model for one purpose (training or inference), used again from run to run and by several threads at once.</summary>
internal sealed class StepMemories
{
    private const long KeptBytes = 16 << 20;

    private readonly StepMemory.Verdict _verdict = new();
    private readonly ConcurrentStack<StepMemory> _spare = new();

    /// <summary>Whether steps run on an arena; null while that isn't known.</summary>
    public bool? UsesArena => _verdict.Answer == StepMemory.Answer.Unknown ? null : _verdict.Answer == StepMemory.Answer.Arena;

    public StepMemory Take(Device device)
    {
        while (_spare.TryPop(out StepMemory? memory))
        {
            if (memory.Device == device) return memory;
            memory.Release();
        }
        return new StepMemory(device, _verdict);
    }

    /// <summary>Takes a memory back between runs; a large one gives its buffers to the pool.</summary>
    public void Return(StepMemory memory)
    {
        if (memory.ArenaBytes > KeptBytes) memory.Release();
        _spare.Push(memory);
    }
}
