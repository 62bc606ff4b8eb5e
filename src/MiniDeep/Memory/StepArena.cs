namespace MiniDeep;

/// <summary>
/// The buffers of one training step (or one prediction), used again in the next. Only Fit, Evaluate and Predict open one. At the end of a step every buffer's
/// generation grows: a tensor that user code kept is stale and says so when touched, unless <see cref="Tensor.Keep"/> took it out.
/// </summary>
internal sealed class StepArena(Device device)
{
    private readonly Bucket?[] _buckets = new Bucket?[SizeClass.Count];
    private int _highest = -1;

    public Device Device => device;

    /// <summary>Which step this is: a buffer of another one may have a new owner.</summary>
    public int Step { get; private set; } = 1;

    /// <summary>What the arena has taken from the pool.</summary>
    public long Bytes { get; private set; }

    public Storage Rent(DType dtype, int length)
    {
        int sizeClass = SizeClass.Of((long)length * dtype.Size());
        Bucket bucket = _buckets[sizeClass] ??= NewBucket(sizeClass);
        Storage? storage = bucket.Take();
        if (storage is null)
        {
            storage = device.Pool.Rent(DType.UInt8, checked((int)SizeClass.Bytes(sizeClass)));
            storage.Arena = this;
            Bytes += storage.Block.Bytes;
            bucket.Add(storage);
        }
        storage.Reassign(dtype, length);
        return storage;
    }

    /// <summary>Takes a buffer back before the step ends. The caller is its only owner.</summary>
    public void Return(Storage storage)
    {
        storage.Generation++;
        _buckets[SizeClass.Of(storage.Block.Bytes)]?.Returned.Push(storage);
    }

    /// <summary>Ends the step: all its buffers are free and every handle to them is stale.</summary>
    public void EndStep()
    {
        Step++;
        for (int i = 0; i <= _highest; i++) Bytes -= _buckets[i]?.EndStep() ?? 0;
    }

    /// <summary>Gives the buffers back to the device's pool.</summary>
    public void Release()
    {
        EndStep();
        for (int i = 0; i <= _highest; i++) _buckets[i]?.Release(device.Pool);
        _highest = -1;
        Bytes = 0;
    }

    private Bucket NewBucket(int sizeClass)
    {
        _highest = Math.Max(_highest, sizeClass);
        return new Bucket();
    }

    private sealed class Bucket
    {
        public readonly Stack<Storage> Returned = new();
        private readonly List<Storage> _all = [];
        private int _used;

        public Storage? Take()
        {
            if (Returned.TryPop(out Storage? returned)) return returned;
            return _used < _all.Count ? _all[_used++] : null;
        }

        public void Add(Storage storage)
        {
            _all.Add(storage);
            _used++;
        }

        /// <returns>The bytes of buffers that users kept, which have left.</returns>
        public long EndStep()
        {
            Returned.Clear();
            long kept = 0;
            for (int i = 0; i < _used; i++)
            {
                if (_all[i].Arena is null) kept += _all[i].Block.Bytes;
                else _all[i].Generation++;
            }
            if (kept > 0) _all.RemoveAll(static storage => storage.Arena is null);
            _used = 0;
            return kept;
        }

        public void Release(Pool pool)
        {
            foreach (Storage storage in _all) pool.Return(storage);
            _all.Clear();
        }
    }
}
