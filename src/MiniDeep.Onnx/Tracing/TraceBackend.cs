namespace MiniDeep;

/// <summary>Computes nothing and writes down what it is asked for. Values are known by the buffer that they were written to.</summary>
internal sealed class TraceBackend : IBackend
{
    private static readonly MemoryBlock s_nothing = new NoMemory();

    private readonly List<Step> _steps = [];
    private readonly Dictionary<Storage, Source> _contents = [];
    private int _values;

    public TraceBackend(Model model) => Layers = new TraceLayers(model, NoteOutput);

    /// <summary>Which layer runs.</summary>
    public TraceLayers Layers { get; }

    public IReadOnlyList<Step> Steps => _steps;

    public long PoolThreshold => long.MaxValue;

    /// <summary>Makes a buffer stand for the model's input.</summary>
    public void TakeInput(in TensorView x) => _contents[x.Storage] = new Computed(_values++, x.Shape, x.DType);

    /// <summary>What a view shows now.</summary>
    public Operand Read(in TensorView view)
    {
        if (!_contents.TryGetValue(view.Storage, out Source? source))
        {
            if (!view.Storage.Device.HasData) throw Refused("it keeps a tensor from a run without data, such as the one that finds its output shape. Make the tensor anew in each Forward, or override Build.");
            source = new Known(view.Storage);
        }
        // what was filled has one element for all of them
        return source is Known { Storage.Length: 1 } && view.Shape.Rank > 0
            ? new Operand(source, 0, view.Shape, new int[view.Shape.Rank])
            : new Operand(source, view.Offset, view.Shape, view.IsContiguous ? null : view.Strides.ToArray());
    }

    public MemoryBlock Allocate(long bytes) => s_nothing;

    public void Upload(ReadOnlySpan<byte> source, Storage destination, long byteOffset)
    {
        if (byteOffset != 0 || source.Length != (long)destination.Length * destination.DType.Size()) throw WritesAPart();
        Tensor values = Tensor.Empty([destination.Length], destination.DType, Device.Cpu);
        values.WriteBytes(0, source);
        _contents[destination] = new Known(values.View.Storage);
    }

    public void Download(Storage source, long byteOffset, Span<byte> destination) => throw Refused(
        "its Forward reads a tensor's elements (Item, ToArray, CopyTo or To(Device.Cpu)), so that what it does would follow from the data of the export. Use operations on tensors instead.");

    public void Synchronize()
    {
    }

    public void Fill(in TensorView y, double value)
    {
        CheckWhole(y, accumulate: false);
        _contents[y.Storage] = new Known(Tensor.Full([1], value, y.DType).View.Storage);
    }

    public void Copy(in TensorView x, in TensorView y) => Record(x.DType == y.DType ? new CopyOperation() : new CastOperation(y.DType), y, false, x);

    public void Unary(UnaryKind kind, double alpha, in TensorView x, in TensorView y, bool accumulate) => Record(new UnaryOperation(kind, alpha), y, accumulate, x);

    public void Binary(BinaryKind kind, in TensorView a, in TensorView b, in TensorView y, bool accumulate) => Record(new BinaryOperation(kind), y, accumulate, a, b);

    public void Select(in TensorView condition, in TensorView a, in TensorView b, in TensorView y) => Record(new SelectOperation(), y, false, condition, a, b);

    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate) => Record(new ReduceOperation(kind), y, accumulate, x);

    public void ArgReduce(bool largest, in TensorView x, int axis, in TensorView y) => Record(new ArgReduceOperation(largest, axis), y, false, x);

    public void MatMul(in TensorView a, bool transposeA, in TensorView b, bool transposeB, in TensorView c, bool accumulate) =>
        Record(new MatMulOperation(transposeA, transposeB), c, accumulate, a, b);

    public bool Linear(in TensorView x, in TensorView w, in TensorView bias, FusedActivation activation, in TensorView y, in TensorView slope)
    {
        CheckInference(slope);
        Record(new LinearOperation(activation), y, false, x, w, bias);
        return true;
    }

    public void Conv2D(in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry geometry, FusedActivation activation, in TensorView y, in TensorView slope)
    {
        CheckInference(slope);
        Record(new ConvOperation(geometry with { Batch = 0 }, activation), y, false, x, w, bias);
    }

    public void MaxPool2D(in TensorView x, in PoolGeometry geometry, in TensorView y, in TensorView argmax)
    {
        CheckInference(argmax);
        Record(new MaxPoolOperation(geometry with { Batch = 0 }), y, false, x);
    }

    /// <summary>Layers run one by one under a watch, so this comes from nowhere; the chain that runs instead is the same.</summary>
    public bool ConvPool(
        in TensorView x, in TensorView w, in TensorView bias, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView y, in TensorView argmax, in TensorView slope) => false;

    public void Softmax(bool logarithm, in TensorView x, in TensorView y) => Record(new SoftmaxOperation(logarithm), y, false, x);

    public void Gather(in TensorView x, in TensorView indices, in TensorView y) => Record(new GatherOperation(), y, false, x, indices);

    public void Dropout(in TensorView x, double rate, ulong key, ulong stream, in TensorView y, bool accumulate) =>
        throw Refused("its Forward draws random numbers in inference too. Let it drop only where training is true.");

    public void CrossEntropy(CrossEntropyKind kind, in TensorView logits, in TensorView target, double scale, in TensorView loss, in TensorView gradient) =>
        throw Refused("its Forward computes a loss, which ONNX's inference operations have not.");

    public void Update(in UpdateRule rule, ReadOnlySpan<UpdateTarget> targets) => throw Trains();

    public void UnaryGrad(UnaryKind kind, double alpha, in TensorView saved, in TensorView dy, in TensorView dx, bool accumulate) => throw Trains();

    public bool LinearGrad(
        in TensorView x, in TensorView w, in TensorView saved, FusedActivation activation, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => throw Trains();

    public void ActivationGrad(FusedActivation activation, in TensorView saved, in TensorView dy, in TensorView dz, in TensorView dbias, bool accumulateBias) => throw Trains();

    public void Conv2DInputGrad(in TensorView dz, in TensorView w, in ConvGeometry geometry, in TensorView dx, bool accumulate) => throw Trains();

    public void Conv2DWeightGrad(in TensorView x, in TensorView dz, in ConvGeometry geometry, in TensorView dw, bool accumulate) => throw Trains();

    public void MaxPool2DGrad(in TensorView dy, in TensorView argmax, in PoolGeometry geometry, in TensorView dx, bool accumulate) => throw Trains();

    public bool ConvPoolGrad(
        in TensorView x, in TensorView w, in ConvGeometry conv, FusedActivation activation, in PoolGeometry pool,
        in TensorView saved, in TensorView argmax, in TensorView dy,
        in TensorView dx, bool accumulateX, in TensorView dw, bool accumulateW, in TensorView dbias, bool accumulateBias) => throw Trains();

    public void SoftmaxGrad(bool logarithm, in TensorView y, in TensorView dy, in TensorView dx, bool accumulate) => throw Trains();

    public void ScatterAdd(in TensorView dy, in TensorView indices, in TensorView dx) => throw Trains();

    private void Record(Operation operation, in TensorView y, bool accumulate, params ReadOnlySpan<TensorView> inputs)
    {
        var operands = new Operand?[inputs.Length];
        for (int i = 0; i < operands.Length; i++) operands[i] = inputs[i].IsNone ? null : Read(inputs[i]);
        CheckWhole(y, accumulate);
        _contents[y.Storage] = Add(operation, operands, y);
    }

    /// <summary>A layer that only gives another view of a value, such as Flatten, is to have its nodes under its own name and not under that of the layer that reads them.</summary>
    private void NoteOutput(TensorView output)
    {
        if (!_contents.TryGetValue(output.Storage, out Source? source) || source is not Computed value || (output.IsContiguous && output.Shape == value.Shape)) return;
        Add(new CopyOperation(), [Read(output)], output);
    }

    private Computed Add(Operation operation, Operand?[] operands, in TensorView y)
    {
        var output = new Computed(_values++, y.Shape, y.DType);
        _steps.Add(new Step(operation, operands, output, Layers.Innermost, Layers.Path));
        return output;
    }

    private void CheckWhole(in TensorView y, bool accumulate)
    {
        if (accumulate) throw Trains();
        if (!y.IsContiguous || y.Offset != 0 || y.Shape.ElementCount != y.Storage.Length || !ReferenceEquals(y.Storage.Block, s_nothing)) throw WritesAPart();
    }

    private void CheckInference(in TensorView kept)
    {
        if (!kept.IsNone) throw Trains();
    }

    private OnnxExportException WritesAPart() => Refused("its Forward changes a part of a tensor in place, or a tensor that it keeps. Compute a new tensor instead.");

    private OnnxExportException Trains() => Refused("its Forward computes gradients or changes weights. An exported model only predicts.");

    private OnnxExportException Refused(string why) => OnnxExportException.In(Layers.Innermost, why);

    private sealed class NoMemory() : MemoryBlock(0);
}
