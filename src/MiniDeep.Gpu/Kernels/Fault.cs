using ILGPU;

namespace MiniDeep;

/// <summary>What a kernel found wrong in its data.</summary>
internal enum FaultKind
{
    /// <summary>A class number outside the classes.</summary>
    Label,

    /// <summary>A position outside an axis.</summary>
    Index,
}

/// <summary>A fault. The first slot of a log only says by its sequence that there is one; each group of a kernel has one of the others.</summary>
internal struct FaultNote
{
    /// <summary>The kernel's number since the log was last read, from 1 on; 0: an empty slot.</summary>
    public int Sequence;
    public int Kind, Position, Limit;
    public long Value;
}

/// <summary>Where a kernel notes faults.</summary>
internal struct FaultSink
{
    public ArrayView<FaultNote> Notes;
    public int Sequence;
}

/// <summary>Notes faults without waiting and without atomics on the device's memory: a group writes its own slot, and only if it is empty.</summary>
internal static class Fault
{
    /// <summary>Notes the first fault of a group; all its threads call.</summary>
    /// <param name="sink">The log.</param>
    /// <param name="kind">What is wrong.</param>
    /// <param name="position">Where this thread found it first; int.MaxValue: nowhere.</param>
    /// <param name="value">What stands there.</param>
    /// <param name="limit">What it should be below.</param>
    public static void Note(FaultSink sink, FaultKind kind, int position, long value, int limit)
    {
        ArrayView<int> first = SharedMemory.Allocate<int>(1);
        if (Group.IdxX == 0) first[0] = int.MaxValue;
        Group.Barrier();
        if (position != int.MaxValue) Atomic.Min(ref first[0], position);
        Group.Barrier();
        int slot = Grid.IdxX + 1;
        if (position == int.MaxValue || position != first[0] || sink.Notes[slot].Sequence != 0) return;
        var note = default(FaultNote);
        note.Sequence = sink.Sequence;
        note.Kind = (int)kind;
        note.Position = position;
        note.Limit = limit;
        note.Value = value;
        sink.Notes[slot] = note;
        sink.Notes[0] = note;
    }
}
