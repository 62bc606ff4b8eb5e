namespace MiniDeep;

/// <summary>
/// The walk from a result back to the leaves: the only place that knows the order, gathers the gradients of shared subexpressions, undoes broadcasting and
/// cuts the graph behind itself.
/// </summary>
internal sealed class GradientWalk
{
    /// <summary>A deeper graph (a sum of a thousand losses, say) takes its list with it.</summary>
    private const int KeptDepth = 1024;

    [ThreadStatic] private static GradientWalk? t_spare;

    /// <summary>The nodes that have a gradient, by depth: a list each, in the order in which they got it.</summary>
    private (GradNode? First, GradNode? Last)[] _waiting = [];
    private int _depth;
    private readonly List<LeafNode> _leaves = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private GradNode? _at;
    private bool _taken;

    private GradientWalk()
    {
    }

    /// <summary>Whether the gradient that the current operation was handed is exactly 1.</summary>
    public bool IsSeed { get; private set; }

    /// <summary>Gathers the gradients of a scalar in every leaf that it depends on.</summary>
    public static void Run(GradNode root)
    {
        // a Backward inside a Backward gets a walk of its own
        GradientWalk walk = t_spare ?? new GradientWalk();
        t_spare = null;
        try
        {
            walk.Walk(root);
        }
        finally
        {
            walk.Reset();
            t_spare = walk;
        }
    }

    /// <summary>Where to write an input's gradient, or to add to it if the flag says so.</summary>
    public TensorView Target(GradNode input, out bool accumulate)
    {
        if (input is LeafNode leaf)
        {
            TensorView target = leaf.Target(_thread, out accumulate);
            _leaves.Add(leaf);
            return target;
        }
        accumulate = input.Pending is not null;
        if (!accumulate)
        {
            input.Pending = MemoryScope.Rent(input.Device, input.DType, input.Shape.ElementCount);
            Enqueue(input);
        }
        return new TensorView(input.Pending!, 0, input.Shape);
    }

    /// <summary>As <see cref="Target"/>, but nowhere for an input that needs no gradient.</summary>
    public TensorView TargetIfNeeded(GradNode? input, out bool accumulate)
    {
        accumulate = false;
        return input is null ? default : Target(input, out accumulate);
    }

    /// <summary>An input's gradient to add to: zeros if there was none yet.</summary>
    public TensorView TargetToAddTo(GradNode input)
    {
        TensorView target = Target(input, out bool accumulate);
        if (!accumulate) input.Device.Backend.Fill(target, 0);
        return target;
    }

    /// <summary>
    /// The input's gradient is the current operation's dy, element for element. The buffer itself moves on if nobody has written before;
    /// so this is the last that an operation does.
    /// </summary>
    public void Give(GradNode? input, in TensorView dy)
    {
        if (input is null) return;
        if (input is not LeafNode && input.Pending is null && !_taken && dy.IsContiguous && dy.Offset == 0)
        {
            if (ReferenceEquals(dy.Storage, _at!.Pending)) _taken = true;
            input.Pending = dy.Storage;
            Enqueue(input);
            return;
        }
        Add(input, dy.Reshaped(input.Shape));
    }

    /// <summary>Hands over a private buffer that holds an input's whole gradient.</summary>
    public void GiveOwned(GradNode input, in TensorView gradient)
    {
        if (input is not LeafNode && input.Pending is null)
        {
            input.Pending = gradient.Storage;
            Enqueue(input);
            return;
        }
        Add(input, gradient);
        MemoryScope.Return(input.Device, gradient.Storage);
    }

    /// <summary>Adds a value to an input's gradient, summed over the axes along which the input was broadcast.</summary>
    public void Add(GradNode? input, in TensorView value)
    {
        if (input is null) return;
        TensorView target = Target(input, out bool accumulate);
        IBackend backend = input.Device.Backend;
        if (value.Shape == input.Shape)
        {
            if (accumulate) backend.Unary(UnaryKind.Identity, 0, value, target, accumulate: true);
            else backend.Copy(value, target);
        }
        else
        {
            backend.Reduce(ReduceKind.Sum, value, target.Reshaped(Broadcasting.Aligned(input.Shape, value.Shape.Rank)), accumulate);
        }
    }

    /// <summary>Adds f(u, v) to an input's gradient, summed over the axes along which the input was broadcast.</summary>
    public void AddBinary(GradNode? input, BinaryKind kind, in TensorView u, in TensorView v)
    {
        if (input is null) return;
        Shape shape = Broadcasting.Result(u.Shape, v.Shape, Enum.GetName(kind)!);
        IBackend backend = input.Device.Backend;
        if (shape == input.Shape)
        {
            TensorView target = Target(input, out bool accumulate);
            backend.Binary(kind, Broadcasting.To(u, shape), Broadcasting.To(v, shape), target, accumulate);
            return;
        }
        var product = new TensorView(MemoryScope.Rent(input.Device, input.DType, shape.ElementCount), 0, shape);
        backend.Binary(kind, Broadcasting.To(u, shape), Broadcasting.To(v, shape), product, accumulate: false);
        Add(input, product);
        MemoryScope.Return(input.Device, product.Storage);
    }

    private void Walk(GradNode root)
    {
        if (root is LeafNode)
        {
            TensorView gradient = TargetToAddTo(root);
            root.Device.Backend.Unary(UnaryKind.AddScalar, 1, gradient, gradient, accumulate: false);
        }
        else
        {
            root.Pending = MemoryScope.Rent(root.Device, root.DType, 1);
            root.Device.Backend.Fill(new TensorView(root.Pending, 0, root.Shape), 1);
            if (_waiting.Length <= root.Depth) Array.Resize(ref _waiting, Math.Max(root.Depth + 1, 2 * _waiting.Length));
            _depth = root.Depth;
            Enqueue(root);
        }
        while (TakeDeepest() is { } node)
        {
            _at = node;
            if (node.IsReleased)
            {
                throw new GradientException(
                    $"The graph through {node.Name} was already used by a Backward(), which releases it. Run the forward pass again, "
                    + "or add the losses first and call Backward() once on their sum.");
            }
            _taken = false;
            IsSeed = ReferenceEquals(node, root);
            node.Backward(this, new TensorView(node.Pending!, 0, node.Shape));
            if (!_taken) MemoryScope.Return(node.Device, node.Pending!);
            node.Pending = null;
            node.Finish();
        }
        foreach (LeafNode leaf in _leaves) leaf.EndWalk();
        _leaves.Clear();
    }

    private void Enqueue(GradNode node)
    {
        ref (GradNode? First, GradNode? Last) list = ref _waiting[node.Depth];
        if (list.Last is { } last) last.Next = node;
        else list.First = node;
        list.Last = node;
    }

    /// <summary>Inputs are less deep than what is made of them, so the walk never has to look back up.</summary>
    private GradNode? TakeDeepest()
    {
        for (; _depth > 0; _depth--)
        {
            ref (GradNode? First, GradNode? Last) list = ref _waiting[_depth];
            if (list.First is not { } node) continue;
            list.First = node.Next;
            if (node.Next is null) list.Last = null;
            node.Next = null;
            return node;
        }
        return null;
    }

    /// <summary>After an exception half way: what leaves have gathered is half a gradient, so it is forgotten.</summary>
    private void Reset()
    {
        foreach (LeafNode leaf in _leaves)
        {
            leaf.Clear();
            leaf.EndWalk();
        }
        _leaves.Clear();
        if (_at is not null) _at.Pending = null;
        while (TakeDeepest() is { } node) node.Pending = null;
        if (_waiting.Length > KeptDepth) _waiting = [];
        _at = null;
    }
}
