using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>
/// A part of a model. An author writes <see cref="Forward"/>; the backward pass comes from the operations that it uses. Weights are made with <see cref="AddWeight"/>, in
/// <see cref="Build"/> or wherever the shapes are known. Layers and parameters in fields, and in lists and dictionaries in fields, are found, built and trained.
/// </summary>
[DynamicallyAccessedMembers(LayerFields.Searched)]
public abstract class Layer
{
    // one model is built at a time, so that threads that meet an unbuilt model at once build it once
    private static readonly Lock s_building = new();
    private static readonly List<Layer> s_justBuilt = [];
    private static int s_buildDepth;

    private readonly List<Parameter> _weights = [];
    private volatile bool _isBuilt;
    private string? _name;
    private BuildContext? _context;
    private Contents? _contents;

    /// <summary>What summaries, messages and weight names call the layer; by default its type's name in lower case, numbered where a model has several.</summary>
    public string Name
    {
        get => _name ?? DefaultName(GetType().Name);
        set
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            _name = value;
            LayerFields.NoteChange();
        }
    }

    /// <summary>Whether the layer knows its shapes and has its weights.</summary>
    public bool IsBuilt => _isBuilt;

    /// <summary>The shape of an input, without the batch; once built.</summary>
    public Shape InputShape { get; private set; }

    /// <summary>The shape of an output, without the batch; once built.</summary>
    public Shape OutputShape { get; private set; }

    /// <summary>The dtype of weights and results; once built.</summary>
    public DType DType { get; private set; }

    /// <summary>The weights of this layer and of the layers in it, each once, in the order of their fields.</summary>
    public IReadOnlyList<Parameter> Parameters => Found.Parameters;

    /// <summary>Whether training changes the layer. Setting it sets <see cref="Parameter.Trainable"/> of every parameter; reading it tells whether any is trained.</summary>
    public bool Trainable
    {
        get => Parameters.Count == 0 || Parameters.Any(static p => p.Trainable);
        set
        {
            foreach (Parameter parameter in Parameters) parameter.Trainable = value;
        }
    }

    internal bool HasName => _name is not null;

    internal IReadOnlyList<Parameter> OwnWeights => _weights;

    /// <summary>The parameters with their names in this layer: "dense.kernel".</summary>
    internal IReadOnlyList<KeyValuePair<string, Parameter>> NamedParameters => Found.Named;

    /// <summary>Whether another layer was seen to hold this one.</summary>
    internal bool IsPart { get; set; }

    /// <summary>Whether the parameters in it go by their names here, if it isn't part of something larger.</summary>
    private protected virtual bool GivesNames => false;

    private Contents Found
    {
        get
        {
            long version = LayerFields.Version;
            if (_contents is { } known && known.Version == version) return known;
            KeyValuePair<string, Parameter>[] named = LayerFields.ParametersOf(this);
            if (GivesNames && !IsPart)
            {
                foreach ((string name, Parameter parameter) in named) parameter.Name = name;
            }
            var parameters = new Parameter[named.Length];
            for (int i = 0; i < named.Length; i++) parameters[i] = named[i].Value;
            return _contents = new Contents(version, named, parameters);
        }
    }

    /// <summary>The layers in it that go by their own names, not by the fields they are in.</summary>
    internal virtual IReadOnlyList<Layer> NamedChildren => [];

    /// <summary>Applies the layer to a batch. Builds the layer first if that hasn't been done.</summary>
    /// <param name="x">The input, [batch, …].</param>
    /// <param name="training">Whether this is a training step: dropout drops, and so on.</param>
    /// <exception cref="ShapeException">The input's shape doesn't fit; the message names the layer.</exception>
    /// <exception cref="NonFiniteException">The result holds NaN or infinity, where a model watches for them.</exception>
    public Tensor Call(Tensor x, bool training = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        try
        {
            if (!IsBuilt) BuildFor(x.Shape.Rank == 0 ? throw new ShapeException("A layer takes a batch, not a scalar.") : x.Shape.From(1), x.DType, x.Device);
            using BuildContext.Scope scope = _context!.Enter();
            Tensor y = Forward(x, training) ?? throw new ModelStateException($"{LayerError.Name(this)}: Forward gave null.");
            if (y.Device == Device.Shapes && x.Device != Device.Shapes)
            {
                throw new ShapeException(
                    "Forward gave a tensor without data: the layer keeps one from the run that found its output shape, which is made without data. "
                    + "Override Build and return the shape, or make the tensor anew in each Forward.");
            }
            if (NonFiniteWatch.IsOn) NonFiniteWatch.Check(y, this);
            return y;
        }
        catch (MiniDeepException error) when (LayerError.In(this, error) is { } named && !ReferenceEquals(named, error))
        {
            throw named;
        }
    }

    /// <summary>Computes the output of a batch.</summary>
    /// <param name="x">The input, [batch, …].</param>
    /// <param name="training">Whether this is a training step.</param>
    protected abstract Tensor Forward(Tensor x, bool training);

    /// <summary>
    /// Makes the weights for inputs of a shape and tells the output's shape; neither includes the batch. Where it isn't overridden, the shape is found by running
    /// <see cref="Forward"/> without data.
    /// </summary>
    protected virtual Shape Build(Shape input)
    {
        using (Tensor.NoGrad())
        {
            try
            {
                Tensor y = Forward(Tensor.Empty(input.Prepend(1), DType, Device.Shapes), training: false);
                return y.Rank > 0 && y.Shape[0] == 1
                    ? y.Shape.From(1)
                    : throw new ShapeException($"Forward turned a batch of shape {input.Prepend(1)} into {y.Shape}: the first axis must stay the batch.");
            }
            catch (ShapeInferenceException error)
            {
                throw new ShapeException(
                    "Forward reads the values of a tensor, so the output shape can't be found by running it without data. Override Build and return the shape.", error);
            }
        }
    }

    /// <summary>
    /// Says what a file needs, beside the weights, to make the layer again; a layer of one's own is registered with its counterpart, <see cref="LayerRegistry.Register"/>. By default nothing:
    /// enough for a layer whose constructor takes no arguments.
    /// </summary>
    protected internal virtual void Describe(LayerConfig config)
    {
    }

    /// <summary>How PyTorch keeps a weight of the layer.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="flattened">The shape of the images whose flattened values the layer takes; null if it takes none such.</param>
    internal virtual PyTorchWeight InPyTorch(Parameter weight, Shape? flattened) => PyTorchWeight.Same(weight);

    /// <summary>Makes a weight of this layer.</summary>
    /// <param name="name">Its name within the layer.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="initializer">What it starts with.</param>
    /// <param name="trainable">Whether training changes it.</param>
    protected Parameter AddWeight(string name, Shape shape, Initializer initializer, bool trainable = true)
    {
        ArgumentNullException.ThrowIfNull(initializer);
        BuildContext context = _context ?? throw new InvalidOperationException("Weights are made in Build, or in Forward; in a constructor the shapes and the dtype aren't known.");
        if (_weights.Exists(w => w.LocalName == name)) throw new ArgumentException($"{LayerError.Name(this)} has a weight '{name}' already.", nameof(name));
        RandomStream stream = context.NextStream();
        Tensor values = WeightRestoring.Current?.Blank(shape, context.DType) ?? initializer.Create(shape, context.DType, stream);
        var weight = new Parameter(name, values, trainable);
        weight.MoveTo(context.Device);
        _weights.Add(weight);
        LayerFields.NoteChange();
        return weight;
    }

    /// <summary>For a model that grows after it is built.</summary>
    private protected void GrowTo(Shape output) => OutputShape = output;

    /// <summary>The key of the random numbers that the layer draws while it runs.</summary>
    internal RandomStream NewRandomStream() => _context!.NextStream(RandomPurpose.Dropout);

    /// <summary>Makes the weights, for inputs of a shape (without the batch). After an error the layer, and every layer that was built on the way, is as before.</summary>
    internal void BuildFor(Shape input, DType dtype, Device device)
    {
        if (IsBuilt) return;
        if (!dtype.IsFloat()) throw new DTypeException($"{LayerError.Name(this)} takes floats, not {dtype}. Convert the input, for example with To(DType.Float32).");
        lock (s_building)
        {
            if (IsBuilt) return;
            using BuildContext.Scope scope = BuildContext.EnterFor(dtype, device);
            int built = s_justBuilt.Count, streams = scope.Context.Streams;
            s_buildDepth++;
            try
            {
                _context = scope.Context;
                InputShape = input;
                DType = _context.DType;
                OutputShape = Build(input);
                _isBuilt = true;
                s_justBuilt.Add(this);
                LayerFields.NoteChange();
            }
            catch (Exception error)
            {
                Unbuild();
                for (int i = built; i < s_justBuilt.Count; i++) s_justBuilt[i].Unbuild();
                s_justBuilt.RemoveRange(built, s_justBuilt.Count - built);
                scope.Context.Streams = streams;
                if (error is MiniDeepException own && LayerError.In(this, own) is { } named && !ReferenceEquals(named, own)) throw named;
                throw;
            }
            finally
            {
                if (--s_buildDepth == 0) s_justBuilt.Clear();
            }
        }
    }

    /// <summary>Back to before <see cref="BuildFor"/>.</summary>
    private protected virtual void Unbuild()
    {
        _weights.Clear();
        _isBuilt = false;
        _context = null;
        (InputShape, OutputShape) = (default, default);
        LayerFields.NoteChange();
    }

    private static string DefaultName(string type)
    {
        // Conv2D: conv2d; MaxPool2D: max_pool2d; ReLU: relu; GatedUnit: gated_unit
        var name = new System.Text.StringBuilder();
        for (int i = 0; i < type.Length; i++)
        {
            bool startsWord = i > 0 && char.IsUpper(type[i]) && char.IsLower(type[i - 1]);
            if (startsWord) name.Append('_');
            name.Append(char.ToLowerInvariant(type[i]));
        }
        return name.ToString();
    }

    /// <summary>What a search through the fields has found.</summary>
    private sealed record Contents(long Version, KeyValuePair<string, Parameter>[] Named, Parameter[] Parameters);
}
