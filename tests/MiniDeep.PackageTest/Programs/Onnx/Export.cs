// prints: ^file True$
// prints: ^refused: Layer 'watching' \(Watching\) can't be exported to ONNX: its Forward reads a tensor's elements
using MiniDeep;

var model = new Sequential(inputShape: [28, 28, 1], seed: 1)
    .Conv2D(4, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
    .MaxPool2D(2)
    .Flatten()
    .Add(new GatedUnit(8))
    .Dense(10, Activation.Softmax);

// readme
model.ExportOnnx("digits.onnx");
// end readme

Console.WriteLine($"file {new FileInfo("digits.onnx").Length > 4 * 196 * 4 * 8}");
try
{
    model.Add(new Watching()).ExportOnnx("digits.onnx");
}
catch (OnnxExportException error)
{
    Console.WriteLine($"refused: {error.Message}");
}

sealed class GatedUnit(int units) : Layer
{
    private Parameter _value = null!, _gate = null!;

    protected override Shape Build(Shape input)
    {
        _value = AddWeight("value", [input[^1], units], Initializer.GlorotUniform);
        _gate = AddWeight("gate", [input[^1], units], Initializer.GlorotUniform);
        return input.WithLast(units);
    }

    protected override Tensor Forward(Tensor x, bool training) => x.MatMul(_value) * x.MatMul(_gate).Sigmoid();
}

sealed class Watching : Layer
{
    protected override Shape Build(Shape input) => input;

    protected override Tensor Forward(Tensor x, bool training) => x / x.Max().Item();
}
