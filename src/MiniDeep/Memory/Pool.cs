namespace MiniDeep;

/// <summary>
/// Large buffers of one device, used again without anybody disposing of them. A block out on loan keeps a weak reference to its
/// <see cref="Storage"/>: once the garbage collector has found the storage dead, the block is free. No finalizers. When much more is out than was
/// last found alive, the pool asks for a collection itself: the collector doesn't know how much a small handle holds.
/// </summary>
internal sealed class Pool(Device device, IBackend backend)
{
    private const long Slack = 64 << 20;
    private const int ClassesUp = 3;

    private readonly Lock _lock = new();
    private readonly Stack<MemoryBlock>?[] _free = new Stack<MemoryBlock>?[SizeClass.Count];
    private readonly List<Loan> _loans = [];
    private readonly Stack<WeakReference> _spareReferences = new();
    private long _outBytes;
    private long _aliveBytes;
    private int _collectionsSeen;

    /// <summary>Bytes on loan, those of dead storages that nobody has looked for yet included.</summary>
    public long OutBytes { get { lock (_lock) return _outBytes; } }

    /// <summary>A buffer with undefined content.</summary>
    public Storage Rent(DType dtype, int length)
    {
        long bytes = (long)length * dtype.Size();
        if (bytes < backend.PoolThreshold) return SpareBuffers.Take(device, bytes, dtype, length) ?? new Storage(device, backend.Allocate(bytes), dtype, length);
        int sizeClass = SizeClass.Of(bytes);
        lock (_lock)
        {
            MemoryBlock? block = TakeFree(sizeClass);
            if (block is null)
            {
                Reclaim();
                block = TakeFree(sizeClass);
            }
            if (block is not null) return Lend(block, dtype, length);
        }
        // the backend is never called under the lock: it may want the pool trimmed while it holds its own
        MemoryBlock made = AllocateOrTrim(SizeClass.Bytes(sizeClass));
        lock (_lock) return Lend(made, dtype, length);
    }

    /// <summary>Takes a buffer back before the collector finds it dead. The caller is its only owner.</summary>
    public void Return(Storage storage)
    {
        if (storage.Block.Bytes < backend.PoolThreshold)
        {
            SpareBuffers.Put(storage);
            return;
        }
        lock (_lock)
        {
            int at = storage.Loan;
            if (at < 0) return;
            storage.Generation++;
            Free(at);
        }
    }

    /// <summary>Gives the blocks that nobody uses back to the system.</summary>
    public void Trim()
    {
        GC.Collect(2);
        List<MemoryBlock> unused = [];
        lock (_lock)
        {
            Sweep();
            foreach (Stack<MemoryBlock>? stack in _free)
            {
                while (stack is not null && stack.TryPop(out MemoryBlock? block)) unused.Add(block);
            }
        }
        foreach (MemoryBlock block in unused) block.Free();
    }

    private MemoryBlock? TakeFree(int sizeClass)
    {
        for (int c = sizeClass; c <= Math.Min(sizeClass + ClassesUp, SizeClass.Count - 1); c++)
        {
            if (_free[c] is { Count: > 0 } stack) return stack.Pop();
        }
        return null;
    }

    private MemoryBlock AllocateOrTrim(long bytes)
    {
        try
        {
            return backend.Allocate(bytes);
        }
        catch (OutOfMemoryException)
        {
            Trim();
            return backend.Allocate(bytes);
        }
    }

    private Storage Lend(MemoryBlock block, DType dtype, int length)
    {
        var storage = new Storage(device, block, dtype, length);
        storage.Loan = _loans.Count;
        WeakReference owner;
        if (_spareReferences.TryPop(out WeakReference? spare))
        {
            owner = spare;
            owner.Target = storage;
        }
        else
        {
            owner = new WeakReference(storage, trackResurrection: true);
        }
        _loans.Add(new Loan(owner, storage.Block));
        _outBytes += storage.Block.Bytes;
        return storage;
    }

    /// <summary>Looks for dead storages where a collection has run since the last look, and asks for one when too much is out.</summary>
    private void Reclaim()
    {
        int collections = GC.CollectionCount(0);
        if (collections != _collectionsSeen) Sweep();
        long limit = (2 * _aliveBytes) + Slack;
        if (_outBytes > limit)
        {
            GC.Collect(1);
            Sweep();
            if (_outBytes > limit * 6 / 10)
            {
                GC.Collect(2);
                Sweep();
                _aliveBytes = _outBytes;
            }
        }
        _collectionsSeen = GC.CollectionCount(0);
    }

    private void Sweep()
    {
        for (int at = _loans.Count - 1; at >= 0; at--)
        {
            if (!_loans[at].Owner.IsAlive) Free(at);
        }
    }

    private void Free(int at)
    {
        Loan loan = _loans[at];
        int last = _loans.Count - 1;
        if (loan.Owner.Target is Storage owner) owner.Loan = -1;
        if (at != last)
        {
            _loans[at] = _loans[last];
            if (_loans[at].Owner.Target is Storage moved) moved.Loan = at;
        }
        _loans.RemoveAt(last);
        loan.Owner.Target = null;
        _spareReferences.Push(loan.Owner);
        _outBytes -= loan.Block.Bytes;

        int sizeClass = SizeClass.Of(loan.Block.Bytes);
        (_free[sizeClass] ??= new Stack<MemoryBlock>()).Push(loan.Block);
    }

    private readonly record struct Loan(WeakReference Owner, MemoryBlock Block);
}
