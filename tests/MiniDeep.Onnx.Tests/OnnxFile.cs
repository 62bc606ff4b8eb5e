using Microsoft.ML.OnnxRuntime;

namespace MiniDeep.Tests;

/// <summary>An exported model in ONNX Runtime.</summary>
internal sealed class OnnxFile : IDisposable
{
    private readonly InferenceSession _session;

    public OnnxFile(Sequential model)
    {
        using var stream = new MemoryStream();
        model.ExportOnnx(stream);
        // beyond the basic ones ONNX Runtime has optimizations that keep a factor as a 32-bit float, whatever the matrices are
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = model.DType == DType.Float32 ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_BASIC,
        };
        _session = new InferenceSession(stream.ToArray(), options);
    }

    public IReadOnlyDictionary<string, NodeMetadata> Inputs => _session.InputMetadata;

    public IReadOnlyDictionary<string, NodeMetadata> Outputs => _session.OutputMetadata;

    public Tensor Predict(Tensor x) => x.DType switch
    {
        DType.Float32 => Predict<float>(x),
        _ => Predict<double>(x),
    };

    /// <summary>
    /// Exports a model and compares the file's answers with Predict's, for one sample and for seven: the norm of the difference is at most 1e-5 of the answer's in Float32 and 1e-12 in Float64.
    /// </summary>
    public static void AssertPredicts(Sequential model, int seed = 1)
    {
        using var file = new OnnxFile(model);
        foreach (int batch in (int[])[1, 7])
        {
            Tensor x = Draw(model.InputShape.Prepend(batch), model.DType, seed + batch);
            Tensor expected = model.Predict(x), actual = file.Predict(x);
            Assert.Equal(expected.Shape, actual.Shape);
            double[] wanted = expected.To(DType.Float64).ToArray<double>(), got = actual.To(DType.Float64).ToArray<double>();
            double norm = Math.Sqrt(wanted.Sum(static w => w * w)), difference = Math.Sqrt(wanted.Zip(got, static (w, g) => (w - g) * (w - g)).Sum());
            Assert.True(norm > 0, "An answer of zeros shows nothing.");
            double tolerance = model.DType == DType.Float32 ? 1e-5 : 1e-12;
            Assert.True(difference <= tolerance * norm, $"{batch} samples: the answers differ by {difference / norm:g3}, at most {tolerance:g3}.");
        }
    }

    /// <summary>Random numbers between -1.5 and 1.5.</summary>
    public static Tensor Draw(Shape shape, DType dtype, int seed)
    {
        var random = new Random(seed);
        var values = new double[shape.ElementCount];
        for (int i = 0; i < values.Length; i++) values[i] = (random.NextDouble() - 0.5) * 3;
        return Tensor.From(values, shape).To(dtype);
    }

    /// <summary>Gives every weight random numbers, biases too.</summary>
    public static Sequential WithRandomWeights(Sequential model, int seed = 3)
    {
        foreach (Parameter weight in model.Parameters)
        {
            double scale = weight.Rank > 1 ? 1.0 / Math.Sqrt(weight.Count / weight.Shape[^1]) : 0.5;
            weight.CopyFrom(Draw(weight.Shape, weight.DType, seed++) * scale);
        }
        return model;
    }

    public void Dispose() => _session.Dispose();

    private Tensor Predict<T>(Tensor x)
        where T : unmanaged
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(x.ToArray<T>(), [.. x.Shape.Select(static size => (long)size)]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(options, [OnnxExport.InputName], [input], [OnnxExport.OutputName]);
        int[] sizes = [.. outputs[0].GetTensorTypeAndShape().Shape.Select(static size => (int)size)];
        return Tensor.From(outputs[0].GetTensorDataAsSpan<T>(), Shape.Create(sizes));
    }
}
