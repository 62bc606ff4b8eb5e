namespace MiniDeep;

/// <summary>
/// One application of an operation, kept for its backward pass: where the gradient goes on to, and what is needed to compute it.
/// A subclass overwrites <see cref="Backward"/> and forgets in <see cref="Release"/> everything that it kept.
/// </summary>
internal abstract class GradNode
{
    /// <summary>Longer than the depth of every input: the walk goes from deep to shallow.</summary>
    public readonly int Depth;

    /// <summary>The shape, dtype and device of the result, and so of its gradient.</summary>
    public readonly Shape Shape;
    public readonly Device Device;
    private readonly byte _dtype;    // a byte each beside the depth, and of the step's number the lowest two: there is a node for every operation of a step
    private bool _released;
    private readonly ushort _step;
    private Storage? _result;

    /// <summary>The gradient gathered so far, while a walk is under way.</summary>
    internal Storage? Pending;

    /// <summary>The node of the same depth that the walk comes to next.</summary>
    internal GradNode? Next;

    protected GradNode(Tensor output, GradNode? input0, GradNode? input1 = null, GradNode? input2 = null)
    {
        Depth = 1 + Math.Max(input0?.Depth ?? 0, Math.Max(input1?.Depth ?? 0, input2?.Depth ?? 0));
        Shape = output.Shape;
        _dtype = (byte)output.DType;
        Device = output.Device;
        _step = (ushort)output.ArenaStep;
    }

    public DType DType => (DType)_dtype;

    /// <summary>Whether a walk has used the node up.</summary>
    public bool IsReleased => _released;

    protected IBackend Backend => Device.Backend;

    /// <summary>The operation's name in messages.</summary>
    public virtual string Name => GetType().Name.EndsWith("Op", StringComparison.Ordinal) ? GetType().Name[..^2] : GetType().Name;

    /// <summary>Sends the gradient of the result on to the inputs. <paramref name="dy"/> is contiguous and may be overwritten.</summary>
    public abstract void Backward(GradientWalk walk, in TensorView dy);

    /// <summary>Forgets what was kept and gives private buffers back.</summary>
    protected abstract void Release();

    /// <summary>The result's buffer goes back with the operation: nobody has the tensor but the operation that reads it, which the walk comes to first.</summary>
    internal void OwnResult(Tensor result) => _result = result.View.Storage;

    internal void Finish()
    {
        _released = true;
        Release();
        Return(_result);
        _result = null;
    }

    /// <summary>A buffer for a temporary of the backward pass; give it back with <see cref="Return(in TensorView)"/>.</summary>
    protected TensorView Rent(Shape shape, DType dtype) => new(MemoryScope.Rent(Device, dtype, shape.ElementCount), 0, shape);

    /// <summary>Gives back a temporary.</summary>
    protected void Return(in TensorView temporary) => MemoryScope.Return(Device, temporary.Storage);

    /// <summary>A private buffer that was made with the result, as backends see it.</summary>
    /// <exception cref="StaleTensorException">The training step that it belonged to has ended.</exception>
    protected TensorView Private(Storage storage, Shape shape) => IsStale(storage)
        ? throw new StaleTensorException(
            $"Backward() came to {Name} after the training step (or prediction) in which it ran had ended: what it kept belongs to the next step by now. Call Backward() within the step.")
        : new TensorView(storage, 0, shape);

    /// <summary>Gives back a private buffer that was made with the result.</summary>
    protected void Return(Storage? storage)
    {
        if (storage is not null && !IsStale(storage)) MemoryScope.Return(Device, storage);
    }

    private bool IsStale(Storage storage) => storage.Arena is { } arena && (ushort)arena.Step != _step;
}

/// <summary>A tensor that backward needs, with the proof that it hasn't been changed in between.</summary>
internal readonly struct Saved(Tensor tensor)
{
    private readonly Tensor _tensor = tensor;
    private readonly int _version = tensor.Version;

    public GradNode? Node => _tensor.Node;

    public Shape Shape => _tensor.Shape;

    /// <summary>The tensor as backends see it.</summary>
    /// <exception cref="GradientException">It was changed in place since the forward pass.</exception>
    public TensorView View(GradNode user)
    {
        if (_tensor.Version != _version)
        {
            throw new GradientException(
                $"{_tensor.Description} was changed in place after {user.Name} used it, so the gradient can't be computed. "
                + "Call Backward() before changing it, or change a copy.");
        }
        return _tensor.View;
    }
}
