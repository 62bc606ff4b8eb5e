namespace MiniDeep;

/// <summary>A named tensor that belongs to a layer: trained by optimizers while it is <see cref="Trainable"/>, saved with the model.</summary>
public sealed class Parameter : Tensor
{
    private static int s_made;
    private LeafNode _leaf;
    private long _lastStep;

    /// <summary>A parameter with the given values (copied).</summary>
    /// <param name="name">Its name within its layer, such as "kernel".</param>
    /// <param name="values">Floats of any shape.</param>
    /// <param name="trainable">Whether optimizers change it.</param>
    /// <exception cref="DTypeException">The values are no floats.</exception>
    public Parameter(string name, Tensor values, bool trainable = true)
        : base(MemoryScope.RentPersistent((values ?? throw new ArgumentNullException(nameof(values))).Device, values.DType, values.Count), 0, values.Shape, null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!values.DType.IsFloat()) throw new DTypeException($"A parameter holds floats, not {values.DType}.");
        Name = LocalName = name;
        Device.Backend.Copy(values.View, View);
        _leaf = new LeafNode(this);
        Trainable = trainable;
        Interlocked.Increment(ref s_made);
    }

    /// <summary>How many have been made in the process: a layer that made one by itself holds more than was found before.</summary>
    internal static int Made => Volatile.Read(ref s_made);

    /// <summary>The name; once the model is built, with the layers it belongs to: "dense_1.kernel".</summary>
    public string Name { get; internal set; }

    /// <summary>The name within its layer.</summary>
    internal string LocalName { get; }

    /// <summary>Whether it takes part in training. A parameter that doesn't gathers no gradient, and forgets what it had gathered.</summary>
    public bool Trainable
    {
        get => Node is not null;
        set
        {
            Node = value ? _leaf : null;
            if (!value) _leaf.Clear();
        }
    }

    /// <inheritdoc/>
    public override Tensor? Grad => _leaf.Expose();

    internal override string Description => $"parameter '{Name}' {Shape}";

    /// <summary>The gradient as optimizers see it; false where none has been gathered.</summary>
    internal bool TryGetGradient(out TensorView gradient)
    {
        gradient = _leaf.HasGradient && Trainable ? _leaf.Gradient : default;
        return !gradient.IsNone;
    }

    /// <summary>Whether this is the first time that the parameter comes up in an optimizer's step.</summary>
    internal bool ComesFirst(long step)
    {
        if (_lastStep == step) return false;
        _lastStep = step;
        return true;
    }

    internal void ForgetGradient() => _leaf.Clear();

    /// <summary>Moves to another device, in place: the handle stays the same for the layer that holds it.</summary>
    internal void MoveTo(Device device)
    {
        if (Device == device) return;
        bool trainable = Trainable;
        Tensor there;
        using (NoGrad()) there = Detach().To(device);
        Storage storage = MemoryScope.RentPersistent(device, DType, Count);
        device.Backend.Copy(there.View, new TensorView(storage, 0, Shape));
        Rebind(storage);
        _leaf = new LeafNode(this);
        Trainable = trainable;
    }
}
