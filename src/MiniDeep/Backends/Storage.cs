using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>The memory of one buffer, as its backend knows it: a managed array, a device pointer.</summary>
[Experimental(Experiments.Backends)]
public abstract class MemoryBlock(long bytes)
{
    /// <summary>How many bytes the block holds.</summary>
    public long Bytes { get; } = bytes;

    /// <summary>Gives the memory back to the system; called when a pool is trimmed. A managed array has nothing to do.</summary>
    public virtual void Free()
    {
    }
}

/// <summary>
/// One buffer of elements that tensors point into. Its accounting (pool, arena, generation) is shared by all backends,
/// the memory behind it is the backend's.
/// </summary>
[Experimental(Experiments.Backends)]
public sealed class Storage
{
    internal Storage(Device device, MemoryBlock block, DType dtype, int length)
    {
        Device = device;
        Block = block;
        DType = dtype;
        Length = length;
    }

    /// <summary>Where the memory is.</summary>
    internal Device Device { get; }

    /// <summary>The backend's memory.</summary>
    public MemoryBlock Block { get; }

    /// <summary>The type of the elements.</summary>
    public DType DType { get; private set; }

    /// <summary>How many elements are in use; the block may be larger.</summary>
    public int Length { get; private set; }

    /// <summary>Grows when the buffer goes back to its arena: a handle made before is stale.</summary>
    internal int Generation;

    /// <summary>Grows with each change in place, so that a backward pass can tell that what it saved is gone.</summary>
    internal int Version;

    /// <summary>The place in the pool's list of loans, -1 for a buffer that is no loan.</summary>
    internal int Loan = -1;

    /// <summary>Whether the buffer was given back, to be used again under another storage: that can't be done twice.</summary>
    internal bool IsSpare;

    /// <summary>The arena this buffer returns to, if any.</summary>
    internal StepArena? Arena;

    /// <summary>Whether the user asked for it to outlive its step: such a buffer is no sign of a model that keeps tensors unknowingly.</summary>
    internal bool IsKept { get; private set; }

    /// <summary>What is computed from these elements only when something needs it, so at the latest before they change.</summary>
    internal IDelayed? Waiting;

    /// <summary>Takes the buffer out of its arena, for its handle to own.</summary>
    internal void Keep()
    {
        Arena = null;
        IsKept = true;
    }

    /// <summary>Takes the buffer into use for other elements.</summary>
    internal void Reassign(DType dtype, int length)
    {
        DType = dtype;
        Length = length;
        Waiting = null;
    }
}

/// <summary>Elements that are to be computed later from those of a buffer.</summary>
internal interface IDelayed
{
    /// <summary>Computes them now, if that hasn't been done.</summary>
    void Settle();
}

/// <summary>Identifiers of the parts of the API that may still change.</summary>
internal static class Experiments
{
    /// <summary>The seam between ops and devices, until 1.0.</summary>
    public const string Backends = "MDEEP001";
}
