namespace MiniDeep;

/// <summary>Where a gradient ends: it gathers in a buffer that lives as long as its tensor, until an optimizer's step clears it.</summary>
internal sealed class LeafNode(Tensor leaf) : GradNode(leaf, null)
{
    private readonly Tensor _leaf = leaf;
    private Storage? _gradient;
    private bool _exposed;
    private int _thread;

    /// <summary>Whether a gradient has been gathered since the last clearing.</summary>
    public bool HasGradient { get; private set; }

    public override string Name => _leaf.Description;

    /// <summary>The gathered gradient as optimizers see it; only while <see cref="HasGradient"/>.</summary>
    public TensorView Gradient => new(_gradient!, 0, Shape);

    /// <summary>The gathered gradient as users see it, null where there is none. Its buffer isn't used again for the next one.</summary>
    public Tensor? Expose()
    {
        if (!HasGradient) return null;
        _exposed = true;
        return new Tensor(_gradient!, 0, Shape, null);
    }

    /// <summary>The buffer to write to or, where a gradient is there already, to add to.</summary>
    /// <exception cref="GradientException">Another thread's walk is gathering here.</exception>
    public TensorView Target(int thread, out bool accumulate)
    {
        if (_thread != 0 && _thread != thread)
        {
            throw new GradientException(
                $"Two threads run Backward() through {Name} at once. Gradients of a parameter are gathered by one thread at a time: give each thread a model of its own, or take turns.");
        }
        _gradient ??= MemoryScope.RentPersistent(Device, DType, Shape.ElementCount);
        _thread = thread;
        accumulate = HasGradient;
        HasGradient = true;
        _gradient.Version++;
        return new TensorView(_gradient, 0, Shape);
    }

    /// <summary>The walk that gathered here is over.</summary>
    public void EndWalk() => _thread = 0;

    public void Clear()
    {
        HasGradient = false;
        if (!_exposed) return;
        _gradient = null;
        _exposed = false;
    }

    public override void Backward(GradientWalk walk, in TensorView dy)
    {
    }

    protected override void Release()
    {
    }
}
