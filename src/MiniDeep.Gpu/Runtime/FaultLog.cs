using ILGPU;
using ILGPU.Runtime;

namespace MiniDeep;

/// <summary>
/// What kernels found wrong in their data, kept on the device until the host waits anyway. Which fault is reported doesn't depend on how groups were scheduled: the first one of
/// the first kernel. Used under the backend's lock.
/// </summary>
internal sealed class FaultLog(Accelerator accelerator, ArrayView<FaultNote> notes)
{
    private int _kernels;

    /// <summary>Slots for kernels of so many groups.</summary>
    public static int Slots(int groups) => groups + 1;

    /// <summary>The log for the next kernel.</summary>
    /// <param name="checks">Whether the kernel checks anything at all.</param>
    public FaultSink Sink(bool checks)
    {
        if (checks) _kernels++;
        return new FaultSink { Notes = notes, Sequence = _kernels };
    }

    public void Clear() => notes.MemSetToZero(accelerator.DefaultStream);

    /// <summary>Waits and throws what the kernels since the last call found; costs nothing where none has checked its data.</summary>
    /// <exception cref="LabelException">A class number outside the classes.</exception>
    /// <exception cref="IndexOutOfRangeException">An index outside its axis.</exception>
    public void Throw()
    {
        if (_kernels == 0) return;
        _kernels = 0;
        var found = new FaultNote[1];
        notes.SubView(0, 1).CopyToCPU(accelerator.DefaultStream, found);
        if (found[0].Sequence == 0) return;
        found = new FaultNote[notes.Length];
        notes.CopyToCPU(accelerator.DefaultStream, found);
        Clear();
        FaultNote first = found.Skip(1).Where(static note => note.Sequence != 0).MinBy(static note => (note.Sequence, note.Position));
        if ((FaultKind)first.Kind == FaultKind.Label)
            throw new LabelException($"Row {first.Position} has label {first.Value}, but there are {first.Limit} classes: labels go from 0 to {first.Limit - 1}.");
        throw new IndexOutOfRangeException($"Index {first.Value} at position {first.Position} is outside an axis of size {first.Limit}.");
    }
}
