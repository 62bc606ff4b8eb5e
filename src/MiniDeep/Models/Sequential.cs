namespace MiniDeep;

/// <summary>Layers in a row, each fed with what the one before gives. The fluent words are in <see cref="LayerChain"/>.</summary>
public sealed class Sequential : Model, IChain<Sequential>
{
    private readonly List<Layer> _layers = [];
    private Block[] _plan = [];

    /// <summary>A model whose layers are built as they are added.</summary>
    /// <param name="inputShape">The shape of one sample, without the batch: <c>[28, 28, 1]</c>.</param>
    /// <param name="dtype">The type of weights and results: Float32 or Float64.</param>
    /// <param name="seed">Makes the initial weights, the shuffles and the dropout masks the same in each run; by default from <see cref="MiniDeepRandom"/>.</param>
    /// <param name="name">What summaries call the model.</param>
    public Sequential(Shape inputShape, DType dtype = DType.Float32, long? seed = null, string? name = null) : base(dtype, seed, name)
    {
        BuildFor(inputShape, dtype, Device.Cpu);
    }

    /// <summary>A model that is built by its first batch.</summary>
    /// <param name="dtype">The type of weights and results: Float32 or Float64.</param>
    /// <param name="seed">Makes the initial weights, the shuffles and the dropout masks the same in each run; by default from <see cref="MiniDeepRandom"/>.</param>
    /// <param name="name">What summaries call the model.</param>
    public Sequential(DType dtype = DType.Float32, long? seed = null, string? name = null) : base(dtype, seed, name)
    {
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Whether neighbouring layers run as one operation where they can; off, every layer runs by itself. The results agree to rounding.</summary>
    public bool FuseLayers
    {
        get;
        set
        {
            field = value;
            Replan();
        }
    } = true;

    /// <summary>Makes the model of a file; see <see cref="Model.Load"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataFileException">The file is no sound model file, holds another kind of model, or has a layer or an activation of one's own that isn't registered; the message says how to.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static new Sequential Load(string path) => Model.Load(path) is var model && model is Sequential sequential
        ? sequential
        : throw new InvalidDataFileException(path, "a Sequential", $"a {model.GetType().Name}: load it with Model.Load");

    /// <summary>Puts a layer at the end.</summary>
    /// <exception cref="ShapeException">The layer doesn't take what the one before gives; the message names the layer and the shapes.</exception>
    /// <exception cref="ArgumentException">The model has a layer of this name already.</exception>
    /// <returns>The model.</returns>
    public Sequential Add(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        NameUniquely(layer);
        Shape before = OutputShape;
        if (IsBuilt) GrowTo(BuildLayer(layer, OutputShape));
        _layers.Add(layer);
        LayerFields.NoteChange();
        try
        {
            CheckWeightNames();
        }
        catch
        {
            _layers.RemoveAt(_layers.Count - 1);
            GrowTo(before);
            LayerFields.NoteChange();
            throw;
        }
        Replan();
        return this;
    }

    /// <summary>A model of layers that have their names, built at once: many layers take no longer than their number.</summary>
    /// <exception cref="ArgumentException">Two layers have one name.</exception>
    internal static Sequential Of(IReadOnlyList<Layer> layers, Shape inputShape, DType dtype, long seed, bool fuseLayers)
    {
        var model = new Sequential(dtype, seed);
        var names = new HashSet<string>();
        foreach (Layer layer in layers)
        {
            if (!names.Add(layer.Name)) throw new ArgumentException($"The model has two layers '{layer.Name}'.", nameof(layers));
        }
        model._layers.AddRange(layers);
        LayerFields.NoteChange();
        model.BuildFor(inputShape, dtype, Device.Cpu);
        model.FuseLayers = fuseLayers;
        return model;
    }

    /// <inheritdoc/>
    protected internal override void Describe(LayerConfig config) => ModelArchitecture.WriteSequential(this, config);

    /// <inheritdoc/>
    protected override Shape Build(Shape input)
    {
        Shape shape = input;
        foreach (Layer layer in _layers) shape = BuildLayer(layer, shape);
        CheckWeightNames();
        return shape;
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, bool training)
    {
        CheckInput(x);
        if (LayerWatch.Current is null)
        {
            foreach (Block block in _plan) x = block.Apply(x, training);
            return x;
        }
        // a watch sees every layer's result, and may keep it
        foreach (Layer layer in _layers) x = layer.Call(x, training);
        return x;
    }

    private void Replan() => _plan = FuseLayers ? Block.Plan(_layers) : Block.Plain(_layers);
}
