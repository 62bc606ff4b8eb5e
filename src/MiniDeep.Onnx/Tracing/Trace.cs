namespace MiniDeep;

/// <summary>What a model did with a batch: every operation that its layers called, in order.</summary>
internal sealed record Trace(IReadOnlyList<Step> Steps, Operand Output)
{
    /// <summary>Runs a model's Forward, as in inference, on a device that only records.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">How many samples there seem to be.</param>
    public static Trace Of(Model model, int batch)
    {
        var backend = new TraceBackend(model);
        var device = new Device("onnx", backend, hasData: false);
        using NoGradScope noGrad = Tensor.NoGrad();
        using MemoryScope.Entered memory = MemoryScope.Plain.Enter();
        using LayerWatch.Scope watch = backend.Layers.Enter();
        Tensor x = Tensor.Empty(model.InputShape.Prepend(batch), model.ModelDType, device);
        backend.TakeInput(x.View);
        Tensor y;
        try
        {
            y = model.Call(x);
        }
        catch (MiniDeepException error) when (error is not OnnxExportException)
        {
            throw OnnxExportException.In(backend.Layers.Innermost, $"its Forward fails in a run without data. {error.Message}", error);
        }
        if (y.Rank == 0 || y.Shape[0] != batch) throw OnnxExportException.In(model, $"it gave shape {y.Shape} for {batch} samples: the batch must stay the first axis.");
        return new Trace(backend.Steps, backend.Read(y.View));
    }
}

/// <summary>One operation that was called.</summary>
/// <param name="Operation">What it computes.</param>
/// <param name="Inputs">What it reads; null for an optional operand that was left out.</param>
/// <param name="Output">What it gave.</param>
/// <param name="Layer">The layer that called it.</param>
/// <param name="Scope">The layer's name with those of the layers around it: "encoder.dense".</param>
internal sealed record Step(Operation Operation, Operand?[] Inputs, Computed Output, Layer Layer, string Scope);

/// <summary>Where an operand's elements come from.</summary>
internal abstract class Source;

/// <summary>A result of the trace, number 0 is the model's input: the elements side by side.</summary>
internal sealed class Computed(int number, Shape shape, DType dtype) : Source
{
    public int Number => number;

    public Shape Shape => shape;

    public DType DType => dtype;
}

/// <summary>Elements that are known: a weight, or another tensor that the layer has.</summary>
/// <param name="storage">The buffer.</param>
internal sealed class Known(Storage storage) : Source
{
    private readonly int _version = storage.Version;

    public Storage Storage => storage;

    public bool HasChanged => storage.Version != _version;
}

/// <summary>What an operation reads: elements of a source under a shape, with strides where they aren't side by side.</summary>
internal sealed record Operand(Source Source, int Offset, Shape Shape, int[]? Strides);
