namespace MiniDeep;

/// <summary>
/// Neighbouring layers that run as one operation. Decided when a model is built; names, weights, summaries and files don't show it. The patterns are listed here, and the plain chain is
/// what a block must equal.
/// </summary>
internal abstract class Block
{
    /// <summary>The layers in the fewest blocks.</summary>
    public static Block[] Plan(IReadOnlyList<Layer> layers)
    {
        List<Block> plan = [];
        for (int i = 0; i < layers.Count;)
        {
            Block block = Match(layers, i);
            plan.Add(block);
            i += block.Length;
        }
        return WithHiddenResults([.. plan]);
    }

    /// <summary>Every layer by itself.</summary>
    public static Block[] Plain(IReadOnlyList<Layer> layers) => WithHiddenResults([.. layers.Select(static layer => new SingleLayer(layer))]);

    /// <summary>How many layers the block runs.</summary>
    public abstract int Length { get; }

    /// <summary>Whether the result is new, and nobody but its operation has a hold of it.</summary>
    protected virtual bool GivesNew => true;

    /// <summary>Whether the operation, and nobody else, has a hold of the input until Backward.</summary>
    protected virtual bool HoldsInput => true;

    /// <summary>Whether the result is the input under another shape.</summary>
    protected virtual bool Reshapes => false;

    /// <summary>Whether nobody but this block's operation and the one that reads the result can see it.</summary>
    private bool ResultIsHidden { get; set; }

    /// <summary>The block's result. A hidden one belongs to its operation: in a loop of the user's own its buffer goes back during Backward and not when the collector finds it.</summary>
    public Tensor Apply(Tensor x, bool training)
    {
        Tensor y = Run(x, training);
        if (ResultIsHidden && y.Node is { } node) node.OwnResult(y);
        return y;
    }

    protected abstract Tensor Run(Tensor x, bool training);

    private static Block[] WithHiddenResults(Block[] plan)
    {
        for (int i = 0; i < plan.Length; i++)
        {
            int reader = i + 1;
            while (reader < plan.Length && plan[reader].Reshapes) reader++;
            plan[i].ResultIsHidden = plan[i].GivesNew && reader < plan.Length && plan[reader].HoldsInput;
        }
        return plan;
    }

    private static Block Match(IReadOnlyList<Layer> layers, int at)
    {
        switch (layers[at])
        {
            case Conv2D conv when Activation(conv.Activation, layers, at + 1, out int length) is { } fused:
                if (At(layers, at + length) is MaxPool2D pool) return new ConvPoolBlock(conv, fused, pool, length + 1);
                if (length > 1) return new ConvBlock(conv, fused, length);
                break;
            case Dense dense when Activation(dense.Activation, layers, at + 1, out int length) is { } fused && length > 1:
                return new DenseBlock(dense, fused, length);
        }
        return new SingleLayer(layers[at]);
    }

    /// <summary>The fusable activation of a layer, its own or (where that is none) the next layer's; the length says how many layers that makes.</summary>
    private static FusedActivation? Activation(Activation own, IReadOnlyList<Layer> layers, int next, out int length)
    {
        length = 1;
        if (own.Fused != FusedActivation.None || At(layers, next) is not ActivationLayer { Activation.Fused: { } following }) return own.Fused;
        length = 2;
        return following;
    }

    private static Layer? At(IReadOnlyList<Layer> layers, int index) => index < layers.Count ? layers[index] : null;

    private sealed class SingleLayer(Layer layer) : Block
    {
        public override int Length => 1;

        protected override bool GivesNew => layer is Dense { Activation.Fused: not null } or Conv2D { Activation.Fused: not null } or MaxPool2D;

        // what an activation of one's own gets is the sum of products, not the input
        protected override bool HoldsInput => layer is Dense or Conv2D;

        protected override bool Reshapes => layer is Flatten;

        protected override Tensor Run(Tensor x, bool training) => layer.Call(x, training);
    }

    private sealed class ConvPoolBlock(Conv2D conv, FusedActivation activation, MaxPool2D pool, int length) : Block
    {
        private readonly PoolSettings _pool = pool.Settings;

        public override int Length => length;

        protected override Tensor Run(Tensor x, bool training) => conv.ConvolveAndPool(x, activation, _pool);
    }

    private sealed class ConvBlock(Conv2D conv, FusedActivation activation, int length) : Block
    {
        public override int Length => length;

        protected override Tensor Run(Tensor x, bool training) => conv.Convolve(x, activation);
    }

    private sealed class DenseBlock(Dense dense, FusedActivation activation, int length) : Block
    {
        public override int Length => length;

        protected override Tensor Run(Tensor x, bool training) => dense.Linear(x, activation);
    }
}
