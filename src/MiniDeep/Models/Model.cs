namespace MiniDeep;

/// <summary>
/// A network that can be trained, measured and asked: a layer made of layers, with an optimizer, a loss and metrics. Not for use by several threads at once, except <see cref="Predict(Tensor, int)"/>.
/// </summary>
public abstract partial class Model : Layer
{
    private readonly BuildContext _building;
    private readonly StepMemories _trainingMemory;
    private readonly StepMemories _inferenceMemory;
    private Optimizer? _optimizer;
    private Loss? _loss;
    private IReadOnlyList<Metric> _metrics = [];
    private int _training;

    private protected Model(DType dtype, long? seed, string? name)
    {
        if (!dtype.IsFloat()) throw new DTypeException($"A model computes in Float32 or Float64, not {dtype}.");
        Seed = seed ?? MiniDeepRandom.NextModelSeed();
        _building = new BuildContext(dtype, Device.Cpu, Seed);
        ModelDType = dtype;
        var kept = new KeptTensors();
        _trainingMemory = new StepMemories(kept);
        _inferenceMemory = new StepMemories(kept);
        if (name is not null) Name = name;
    }

    /// <summary>What the initial weights, the shuffles and the dropout masks follow from.</summary>
    public long Seed { get; }

    /// <summary>Where the weights are and where the model computes.</summary>
    public Device Device => _building.Device;

    /// <summary>The layers in order.</summary>
    public abstract IReadOnlyList<Layer> Layers { get; }

    /// <summary>Whether every layer's result, the input and the loss are looked through for NaN and infinity, which costs time.</summary>
    public bool WatchNonFinite { get; set; }

    /// <summary>The optimizer given to <see cref="Compile"/>.</summary>
    public Optimizer? Optimizer => _optimizer;

    /// <summary>The loss given to <see cref="Compile"/>.</summary>
    public Loss? Loss => _loss;

    /// <summary>The metrics given to <see cref="Compile"/>.</summary>
    public IReadOnlyList<Metric> Metrics => _metrics;

    internal override IReadOnlyList<Layer> NamedChildren => Layers;

    internal DType ModelDType { get; }

    /// <summary>Whether the steps of Fit share an arena; null before its third step.</summary>
    internal bool? TrainsOnArena => _trainingMemory.UsesArena;

    /// <summary>Says how the model is trained and measured.</summary>
    /// <param name="optimizer">Changes the weights.</param>
    /// <param name="loss">What is made small.</param>
    /// <param name="metrics">What is watched beside it.</param>
    public void Compile(Optimizer optimizer, Loss loss, params ReadOnlySpan<Metric> metrics)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(loss);
        var names = new HashSet<string> { "loss" };
        foreach (Metric metric in metrics)
        {
            ArgumentNullException.ThrowIfNull(metric, nameof(metrics));
            if (!names.Add(metric.Name)) throw new ArgumentException($"There are two metrics named '{metric.Name}'.", nameof(metrics));
        }
        (_optimizer, _loss, _metrics) = (optimizer, loss, metrics.ToArray());
    }

    /// <summary>Moves the weights to a device, where the model computes from then on.</summary>
    public void To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.Prepare(ModelDType);
        foreach (Parameter parameter in Parameters) parameter.MoveTo(device);
        _building.Device = device;
    }

    /// <summary>Builds the layers for samples of a shape.</summary>
    internal void EnsureBuilt(Shape sample)
    {
        if (IsBuilt) return;
        using (_building.Enter()) BuildFor(sample, ModelDType, Device);
    }

    /// <summary>Builds a layer of the model.</summary>
    private protected Shape BuildLayer(Layer layer, Shape input)
    {
        using (_building.Enter())
        {
            layer.BuildFor(input, ModelDType, Device);
            if (layer.InputShape != input)
                throw new ShapeException($"{LayerError.Name(layer)} was built for {layer.InputShape} and can't also take {input}.");
            return layer.OutputShape;
        }
    }

    private protected void CheckInput(Tensor x)
    {
        if (x.Rank != InputShape.Rank + 1 || x.Shape.From(1) != InputShape)
        {
            throw LayerError.Input(this, $"an input [batch, {string.Join(", ", InputShape.Sizes.ToArray())}]", $"shape {x.Shape}",
                x.Shape == InputShape ? "A single sample needs a batch axis in front: x.Reshape(1, …)." : "The first axis is the batch.");
        }
        if (x.DType != ModelDType)
            throw new DTypeException($"{LayerError.Name(this)} computes in {ModelDType}, but got {x.DType}. Convert the input with To(DType.{ModelDType}), or give the model a dtype.");
    }

    private protected override bool GivesNames => true;

    /// <exception cref="ModelStateException">Two weights have one name.</exception>
    private protected void CheckWeightNames()
    {
        var names = new HashSet<string>();
        foreach ((string name, _) in NamedParameters)
        {
            if (!names.Add(name))
                throw new ModelStateException($"{LayerError.Name(this)} has two weights named '{name}'. Give one of them, or the layer that holds it, another name.");
        }
    }

    private protected override void Unbuild()
    {
        base.Unbuild();
        _building.Streams = 0;
    }

    /// <summary>Gives a layer without a name of its own one that no other layer of the model has.</summary>
    private protected void NameUniquely(Layer layer)
    {
        if (Layers.Contains(layer)) return;
        if (layer.HasName)
        {
            if (Layers.Any(other => other.Name == layer.Name)) throw new ArgumentException($"The model has a layer '{layer.Name}' already.", nameof(layer));
            return;
        }
        string stem = layer.Name;
        string name = stem;
        for (int number = 1; Layers.Any(other => other.Name == name); number++) name = $"{stem}_{number}";
        layer.Name = name;
    }
}
