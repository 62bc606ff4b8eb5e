using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// A kernel's working memory: a stack for each thread, in pinned arrays, given back when the frame is disposed of. What was taken is aligned to 64 bytes and
/// holds whatever was there before. A large block that has hardly been used for a while goes back to the system.
/// </summary>
internal readonly unsafe ref struct Scratch : IDisposable
{
    [ThreadStatic] private static Stack? t_stack;

    private readonly Stack? _stack;
    private readonly nint _used;
    private readonly int _full;

    private Scratch(Stack stack)
    {
        _stack = stack;
        _used = stack.Used;
        _full = stack.Full.Count;
    }

    /// <summary>Opens a frame; <c>default</c> is a frame from which nothing is taken.</summary>
    public static Scratch Open() => new(t_stack ??= new Stack());

    public T* Take<T>(nint count)
        where T : unmanaged => (T*)_stack!.Take(count * sizeof(T));

    public void Dispose()
    {
        if (_stack is null) return;
        _stack.Used = _stack.Full.Count == _full ? _used : 0;
        if (_full == 0 && _used == 0) _stack.EndOutermost();
    }

    /// <summary>The bytes that this thread's stack holds.</summary>
    internal static nint Held => t_stack?.Held ?? 0;

    private sealed class Stack
    {
        private const int Alignment = 64;

        /// <summary>A block up to this size stays for good.</summary>
        private const nint Kept = 1 << 20;

        /// <summary>How many outermost frames make a while.</summary>
        private const int While = 1024;

        /// <summary>Blocks that were too small for what came next; they live until the outermost frame ends.</summary>
        public readonly List<byte[]> Full = [];
        public nint Used;
        private byte[] _block = [];
        private nint _most;
        private int _frames;

        public nint Held => _block.Length;

        public void EndOutermost()
        {
            Full.Clear();
            if (_block.Length <= Kept || ++_frames < While) return;
            if (_most < _block.Length / 4) _block = [];
            (_most, _frames) = (0, 0);
        }

        public byte* Take(nint bytes)
        {
            bytes = (bytes + Alignment - 1) & -Alignment;
            if (Used + bytes + Alignment > _block.Length)
            {
                if (Used > 0) Full.Add(_block);
                nint size = Math.Max(bytes + Alignment, Math.Min(2 * (nint)_block.Length, 1 << 24));
                _block = GC.AllocateUninitializedArray<byte>(checked((int)Math.Max(size, 1 << 18)), pinned: true);
                Used = 0;
            }
            byte* start = (byte*)(((nint)Unsafe.AsPointer(ref _block[0]) + Alignment - 1) & -Alignment);
            byte* taken = start + Used;
            Used += bytes;
            _most = Math.Max(_most, Used);
            return taken;
        }
    }
}
