using System.Diagnostics;

namespace MiniDeep;

/// <summary>
/// An array of numbers on a device, with any number of axes, in row-major order. Operations run at once and give new tensors; where a gradient is needed, a result
/// remembers the operation that made it, and <see cref="Backward"/> of a scalar sends gradients back to every <see cref="Parameter"/> and every tensor whose
/// <see cref="RequiresGrad"/> is set.
/// <para>Nobody disposes of tensors. Inside Fit, Evaluate and Predict the buffers of a step are used again in the next: a tensor that is to outlive its step is kept with
/// <see cref="Keep"/>; touching another one throws <see cref="StaleTensorException"/>.</para>
/// </summary>
[DebuggerDisplay("{DebuggerText,nq}")]
[DebuggerTypeProxy(typeof(TensorDebugView))]
public partial class Tensor
{
    private static readonly Lock s_settling = new();

    private Storage _storage;
    private readonly int _offset;
    private readonly int[]? _strides;
    private int _generation;

    internal Tensor(Storage storage, int offset, Shape shape, int[]? strides)
    {
        _storage = storage;
        _generation = storage.Generation;
        _offset = offset;
        Shape = shape;
        _strides = strides;
    }

    /// <summary>The sizes of the axes, the batch included.</summary>
    public Shape Shape { get; }

    /// <summary>The type of the elements.</summary>
    public DType DType => _storage.Generation == _generation || IsDelayed ? _storage.DType : Storage.DType;

    /// <summary>Where the elements are.</summary>
    public Device Device => _storage.Device;

    /// <summary>The number of axes.</summary>
    public int Rank => Shape.Rank;

    /// <summary>The number of elements.</summary>
    public int Count => Shape.ElementCount;

    /// <summary>Whether the elements lie side by side in row-major order.</summary>
    public bool IsContiguous => _strides is null;

    /// <summary>What made the tensor, or where its gradient gathers; null where no gradient is needed.</summary>
    internal GradNode? Node { get; set; }

    /// <summary>The tensor as backends see it.</summary>
    internal TensorView View => new(Storage, _offset, Shape, _strides);

    internal int Version => _storage.Version;

    /// <summary>The step of the arena that the buffer belongs to, 0 for none.</summary>
    internal int ArenaStep => _storage.Arena?.Step ?? 0;

    /// <summary>What messages call it.</summary>
    internal virtual string Description => $"a tensor of shape {Shape}";

    /// <summary>The buffer, if the handle still stands for it.</summary>
    private Storage Storage
    {
        get
        {
            // the generation first: it is written last
            int generation = Volatile.Read(ref _generation);
            Storage storage = _storage;
            return storage.Generation == generation ? storage : Settled();
        }
    }

    /// <summary>
    /// Whether gradients gather in this tensor. Setting it makes the tensor a leaf of its own; results of operations have it where one of their operands has.
    /// </summary>
    /// <exception cref="DTypeException">The elements are no floats.</exception>
    /// <exception cref="GradientException">The tensor is the result of an operation: use <see cref="Detach"/> first.</exception>
    public bool RequiresGrad
    {
        get => Node is not null;
        set
        {
            if (value == RequiresGrad) return;
            if (!DType.IsFloat()) throw new DTypeException($"Only floats have gradients; this tensor is {DType}.");
            if (Node is not null and not LeafNode)
                throw new GradientException("The tensor is the result of an operation, so its gradient flows through. Use Detach() for one without.");
            Node = value ? new LeafNode(this) : null;
        }
    }

    /// <summary>The gradient gathered by <see cref="Backward"/>: null before, after an optimizer's step, and for results of operations.</summary>
    public virtual Tensor? Grad => (Node as LeafNode)?.Expose();

    /// <summary>
    /// Sends the gradient of this scalar to every leaf that it depends on; gradients add up until they are cleared (an optimizer's step clears them). Releases the graph:
    /// a second call on the same graph is an error. Two threads may run backward passes at once as long as no parameter is in both.
    /// </summary>
    /// <exception cref="GradientException">
    /// The tensor has more than one element, depends on no parameter, its graph was already used, a tensor that the gradient needs was changed in place, or another thread's
    /// backward pass goes through the same parameter.
    /// </exception>
    public void Backward()
    {
        if (Shape.ElementCount != 1)
            throw new GradientException($"Backward() starts at a scalar, such as a loss; this tensor has shape {Shape}. Reduce it first, with Sum() or Mean().");
        _ = Storage;
        GradientWalk.Run(Node ?? throw new GradientException(
            "The tensor depends on no parameter and on no tensor with RequiresGrad, or was made under NoGrad(): there is nothing to send a gradient to."));
    }

    /// <summary>Forgets the gradient gathered here.</summary>
    public void ClearGrad() => (Node as LeafNode)?.Clear();

    /// <summary>The same elements (not a copy) without the memory of how they were made.</summary>
    public Tensor Detach() => new(Storage, _offset, Shape, _strides);

    /// <summary>
    /// Lets the tensor outlive the training step or prediction that it was made in. Outside of those nothing needs keeping.
    /// </summary>
    /// <returns>This tensor.</returns>
    public Tensor Keep()
    {
        Storage.Keep();
        return this;
    }

    /// <summary>Until the result is disposed of, this thread's operations don't remember how they were made: <c>using (Tensor.NoGrad()) { … }</c>.</summary>
    public static NoGradScope NoGrad() => GradMode.Disable();

    /// <summary>A tensor for an operation's result, with undefined content.</summary>
    internal static Tensor Empty(Shape shape, DType dtype, Device device) => new(MemoryScope.Rent(device, dtype, shape.ElementCount), 0, shape, null);

    /// <summary>Another view of the same buffer.</summary>
    internal Tensor Alias(int offset, Shape shape, int[]? strides) => new(Storage, offset, shape, strides);

    /// <summary>Some slices along the first axis, as a view without a gradient.</summary>
    internal Tensor Rows(int start, int count)
    {
        Shape none = default;
        return Rows(start, count, ref none);
    }

    /// <param name="start">The first slice.</param>
    /// <param name="count">How many.</param>
    /// <param name="recent">The shape of the last result in the caller's hands, used again where the new one has the same.</param>
    internal Tensor Rows(int start, int count, ref Shape recent)
    {
        if (start == 0 && count == Shape[0]) return Node is null ? this : Detach();
        if (!IsContiguous) return Detach()[start..(start + count)];
        Shape shape = recent;
        if (!shape.HasFirst(count, Shape))
        {
            int[] sizes = Shape.ToArray();
            sizes[0] = count;
            recent = shape = Shape.Adopt(sizes);
        }
        return Alias(_offset + (start * (Count / Shape[0])), shape, null);
    }

    /// <summary>Says that a change in place is about to happen: a backward pass that needs the old elements finds out, and what waits to be computed from them is computed.</summary>
    internal void NoteChange()
    {
        Storage storage = Storage;
        storage.Waiting?.Settle();
        storage.Version++;
    }

    /// <summary>
    /// Leaves the elements to <see cref="WriteDelayed"/>, for when something needs them: until then the tensor has the buffer of what they are computed from, and can't wait longer than that
    /// stays as it is.
    /// </summary>
    private protected void Delay(IDelayed self)
    {
        _storage.Waiting?.Settle();
        _storage.Waiting = self;
        _generation = ~_generation;
    }

    /// <summary>Writes elements that were left for later.</summary>
    private protected void SettleNow()
    {
        if (IsDelayed) Settled();
    }

    private bool IsDelayed => _storage.Generation == ~_generation;

    /// <summary>Writes the elements that <see cref="Delay"/> left for later.</summary>
    private protected virtual void WriteDelayed(in TensorView destination)
    {
    }

    /// <summary>Puts another buffer behind the handle: for parameters that move to another device.</summary>
    private protected void Rebind(Storage storage)
    {
        _storage.Waiting?.Settle();
        _storage = storage;
        _generation = storage.Generation;
    }

    /// <summary>The buffer of a tensor whose elements follow only now, or the error of one whose time is over.</summary>
    private Storage Settled()
    {
        lock (s_settling)
        {
            Storage source = _storage;
            if (source.Generation == _generation) return source;
            if (!IsDelayed) throw Stale();
            Storage own = MemoryScope.RentBeside(source, Shape.ElementCount);
            WriteDelayed(new TensorView(own, 0, Shape));
            own.Version = source.Version;    // a version that was noted while the elements were to come stays right
            if (ReferenceEquals(source.Waiting, this)) source.Waiting = null;
            _storage = own;
            Volatile.Write(ref _generation, own.Generation);
            return own;
        }
    }

    private StaleTensorException Stale() => new(
        $"A tensor of shape {Shape} was touched after its training step (or prediction) had ended: its memory belongs to the next step by now. "
        + "Call Keep() on a tensor that is to outlive its step, or take its numbers out with ToArray() or Item().");
}
