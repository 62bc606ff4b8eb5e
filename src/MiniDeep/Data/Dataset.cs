namespace MiniDeep.Data;

/// <summary>
/// Samples with their targets. Immutable: <see cref="Shuffle"/>, <see cref="Take"/>, <see cref="Skip"/> and <see cref="Split"/> give views of the same data. Elements stay in the type that
/// they came in (images as bytes) until a batch is made.
/// </summary>
public sealed class Dataset
{
    private readonly Source _source;
    private readonly double _scale;
    private readonly int[]? _order;
    private readonly int _start;
    private readonly Shuffler? _shuffler;
    private readonly Device? _batchDevice;
    private Tensor? _indices;

    /// <summary>The shapes of the last batch: the next one most likely has the same.</summary>
    private Shape _recentFeatures, _recentTargets, _recentIndices;
    private GatherPlan? _recentFeaturePlan, _recentTargetPlan;

    /// <summary>A data set of tensors.</summary>
    /// <param name="features">The samples, [count, …], of any dtype; models get them as floats.</param>
    /// <param name="targets">What belongs to each sample, [count, …]: class numbers (Int32) or floats.</param>
    /// <param name="scale">What features are multiplied by when a batch is made, such as 1/255 for images of bytes.</param>
    /// <exception cref="ShapeException">The counts differ.</exception>
    /// <exception cref="LabelException">A class number (Int64) doesn't fit Int32.</exception>
    public Dataset(Tensor features, Tensor targets, double scale = 1)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(targets);
        if (features.Rank == 0 || targets.Rank == 0 || features.Shape[0] != targets.Shape[0])
            throw new ShapeException($"A data set takes as many targets as samples; features have shape {features.Shape} and targets {targets.Shape}, the count first.");
        using (Tensor.NoGrad())
        {
            if (targets.DType == DType.Int64) CheckNarrowing(targets);
            targets = targets.DType is DType.UInt8 or DType.Int64 ? targets.To(DType.Int32) : targets.Detach().Contiguous();
            _source = new Source(features.Detach().Contiguous(), targets);
        }
        _scale = scale;
        Count = features.Shape[0];
    }

    /// <summary>A data set of arrays of any rank, such as <c>double[,]</c> and <c>int[]</c>.</summary>
    public Dataset(Array features, Array targets, double scale = 1) : this(Tensor.From(features), Tensor.From(targets), scale)
    {
    }

    private Dataset(Dataset other, int[]? order, int start, int count, Shuffler? shuffler) : this(other, other._source, other._batchDevice) =>
        (_order, _start, Count, _shuffler) = (order, start, count, shuffler);

    private Dataset(Dataset other, Source source, Device? batchDevice)
    {
        (_source, _batchDevice, _scale) = (source, batchDevice, other._scale);
        (_order, _start, Count, _shuffler) = (other._order, other._start, other.Count, other._shuffler);
    }

    /// <summary>The number of samples.</summary>
    public int Count { get; }

    /// <summary>The shape of one sample.</summary>
    public Shape FeatureShape => _source.Features.Shape.From(1);

    /// <summary>The shape of one target; [] for class numbers.</summary>
    public Shape TargetShape => _source.Targets.Shape.From(1);

    /// <summary>The type of the targets.</summary>
    public DType TargetDType => _source.Targets.DType;

    /// <summary>All samples in order as models get them: floats, scaled. Made anew at each call; for large sets work with batches.</summary>
    public Tensor Features => ReadAll().Features;

    /// <summary>All targets in order.</summary>
    public Tensor Labels => ReadAll().Labels;

    /// <summary>The data set in a random order: a new one for each pass over it, the same passes in each run.</summary>
    public Dataset Shuffle(long seed) => new(this, Indices(), 0, Count, new Shuffler(seed));

    /// <summary>The first samples. Of a shuffled data set: the first of its first pass, in that order from then on.</summary>
    public Dataset Take(int count) => Part(0, Math.Clamp(count, 0, Count));

    /// <summary>All but the first samples. Of a shuffled data set: of its first pass, in that order from then on.</summary>
    public Dataset Skip(int count)
    {
        int skipped = Math.Clamp(count, 0, Count);
        return Part(skipped, Count - skipped);
    }

    /// <summary>Two parts: the first <paramref name="fraction"/> of the samples and the rest. Shuffle first for random parts.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    public (Dataset First, Dataset Second) Split(double fraction)
    {
        if (fraction is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction goes from 0 to 1.");
        int first = (int)Math.Round(Count * fraction);
        return (Take(first), Skip(first));
    }

    /// <summary>The samples in groups, the last of which may be smaller; each enumeration is a pass.</summary>
    /// <param name="size">Samples in a group.</param>
    public Batches Batch(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return new Batches(this, size);
    }

    /// <summary>The dtype of batches that nobody asks to be of another.</summary>
    internal DType FloatDType => _source.Features.DType.IsFloat() ? _source.Features.DType : DType.Float32;

    /// <summary>The order of one pass; null for the data's own.</summary>
    internal int[]? NextPass() => _shuffler is null ? _order : Pass(_shuffler.NextPass());

    /// <summary>The order of a pass by its number; null for the data's own.</summary>
    internal int[]? Pass(long number) => _shuffler is null ? _order : Arrange(_shuffler.Permutation(number, Count));

    /// <summary>The order of one pass that follows a permutation of this view's samples.</summary>
    internal int[] Arrange(int[] permutation)
    {
        for (int i = 0; i < permutation.Length; i++) permutation[i] = _order is null ? _start + permutation[i] : _order[permutation[i]];
        return permutation;
    }

    /// <summary>A pass's order where the data are, in one transfer for all its batches; null for the data's own.</summary>
    /// <param name="order">The order.</param>
    /// <param name="spare">An order of an earlier pass that is over, to be overwritten.</param>
    internal Tensor? Upload(int[]? order, Tensor? spare = null)
    {
        if (order is null) return null;
        if (spare is not null && spare.Device == _source.Features.Device)
        {
            spare.CopyFrom<int>(order);
            return spare;
        }
        return Tensor.Lasting(order, _source.Features.Device);
    }

    /// <summary>The samples at some places of a pass's order (or, without one, of the data's own), on the data's device.</summary>
    internal Batch Read(Tensor? order, int start, int count, DType dtype)
    {
        using (Tensor.NoGrad())
        {
            if (order is null && _order is not null) order = _indices ??= Upload(_order);
            if (order is null)
                return Convert(_source.Features.Rows(_start + start, count, ref _recentFeatures), _source.Targets.Rows(_start + start, count, ref _recentTargets), dtype, isCopy: false);
            Tensor indices = order.Rows(start, count, ref _recentIndices);
            return Convert(GatherOp.Apply(_source.Features, indices, 0, ref _recentFeaturePlan), GatherOp.Apply(_source.Targets, indices, 0, ref _recentTargetPlan), dtype, isCopy: true);
        }
    }

    /// <summary>
    /// The same data on a device, whose batches are there too. All views of a data set share the one copy, which is kept: asking again costs nothing. Fit, Evaluate and Predict do
    /// this by themselves, and where the data are too large for the device they bring them there batch by batch.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The data are too large for the device.</exception>
    public Dataset To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return _source.Features.Device == device ? this : new Dataset(this, _source.On(device), null);
    }

    /// <summary>The same data with batches on a device: kept there, or, where they are too large for it, brought there batch by batch.</summary>
    internal Dataset WithBatchesOn(Device device)
    {
        try
        {
            return To(device);
        }
        catch (OutOfMemoryException)
        {
            return new Dataset(this, _source, device);
        }
    }

    /// <exception cref="LabelException">A target is no class number below <paramref name="classes"/>.</exception>
    internal void CheckLabels(int classes)
    {
        if (TargetDType != DType.Int32) return;
        int perSample = TargetShape.ElementCount;
        int[] labels = _source.Targets.ToArray<int>();
        for (int i = 0; i < Count; i++)
        {
            int sample = _order is null ? _start + i : _order[i];
            for (int j = 0; j < perSample; j++)
            {
                int label = labels[(sample * perSample) + j];
                if ((uint)label >= (uint)classes)
                    throw new LabelException($"The label of sample {i} is {label}, but the model has {classes} classes: labels go from 0 to {classes - 1}.");
            }
        }
    }

    private Batch Convert(Tensor features, Tensor targets, DType dtype, bool isCopy)
    {
        if (_batchDevice is not null)
        {
            features = features.To(_batchDevice);
            targets = targets.To(_batchDevice);
            isCopy = true;
        }
        Tensor floats = features.To(dtype);
        if (_scale != 1)
        {
            if (isCopy || features.DType != dtype) floats.Scale(_scale);
            else floats *= _scale;
        }
        return new Batch(floats, targets.DType.IsFloat() ? targets.To(dtype) : targets);
    }

    private Batch ReadAll() => Read(null, 0, Count, FloatDType);

    private Dataset Part(int start, int count) =>
        Pass(0) is { } order ? new Dataset(this, order[start..(start + count)], 0, count, null) : new Dataset(this, null, _start + start, count, null);

    private static void CheckNarrowing(Tensor labels)
    {
        long[] values = labels.ToArray<long>();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != (int)values[i])
                throw new LabelException($"The label of sample {i / Math.Max(values.Length / labels.Shape[0], 1)} is {values[i]}: class numbers go from 0 to {int.MaxValue}.");
        }
    }

    private int[] Indices()
    {
        if (_order is not null) return _order;
        var indices = new int[Count];
        for (int i = 0; i < Count; i++) indices[i] = _start + i;
        return indices;
    }

    /// <summary>What all views of a data set share: its tensors, and their copies on the device that asked last.</summary>
    private sealed class Source(Tensor features, Tensor targets)
    {
        private Source? _elsewhere;

        public Tensor Features { get; } = features;

        public Tensor Targets { get; } = targets;

        public Source On(Device device)
        {
            if (_elsewhere is { } there && there.Features.Device == device) return there;
            return _elsewhere = new Source(Features.To(device), Targets.To(device)) { _elsewhere = this };
        }
    }

    /// <summary>A new permutation for each pass: a function of the seed and of the pass's number.</summary>
    private sealed class Shuffler(long seed)
    {
        private readonly RandomStream _stream = RandomStream.Of(seed, RandomPurpose.Shuffle);
        private long _passes;

        public long NextPass() => Interlocked.Increment(ref _passes) - 1;

        public int[] Permutation(long number, int count)
        {
            RandomStream pass = _stream.At(number);
            return Philox.Permutation(count, pass.Key, pass.Stream);
        }
    }
}
