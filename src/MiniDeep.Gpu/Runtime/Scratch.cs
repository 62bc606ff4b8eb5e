using ILGPU;

namespace MiniDeep;

/// <summary>
/// Memory for what one operation hands from a kernel to the next: one block a purpose, that grows. The kernels run in order, so the next operation may have it again at once.
/// </summary>
internal sealed class Scratch(DeviceMemory memory)
{
    private Slab? _slab;
    private long _offset, _bytes;

    /// <summary>So many elements, of any content.</summary>
    public ArrayView<T> Take<T>(long count)
        where T : unmanaged
    {
        long wanted = count * Interop.SizeOf<T>();
        if (_slab is null || wanted > _bytes)
        {
            if (_slab is not null) memory.Return(_slab);
            (_slab, _bytes) = (null, 0);
            (_slab, _offset, _bytes) = memory.TakeOrTrim(wanted);
        }
        return _slab.View.SubView(_offset, wanted).Cast<T>();
    }
}
