// prints: ^native True$
// prints: ^smaller True$
// prints: ^loaded True$
using System.Runtime.CompilerServices;
using MiniDeep;

MiniDeepRandom.Seed(1);
var model = new Sequential(inputShape: [8, 8, 1])
    .Conv2D(4, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
    .MaxPool2D(2)
    .Flatten()
    .Dense(3, Activation.Softmax);
var optimizer = new SGD(learningRate: 0.1);

var random = new Random(1);
var images = new float[6, 8, 8, 1];
foreach (ref float pixel in System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref images[0, 0, 0, 0], images.Length))
{
    pixel = random.NextSingle();
}

Tensor x = Tensor.From(images);
Tensor y = Tensor.From(new[] { 0, 1, 2, 0, 1, 2 });
float before = Step(), after = Step();
Console.WriteLine($"native {!RuntimeFeature.IsDynamicCodeSupported}");
Console.WriteLine($"smaller {after < before}");
string path = Path.Combine(Path.GetTempPath(), $"minideep-{Environment.ProcessId}.safetensors");
model.Save(path);
Console.WriteLine($"loaded {Sequential.Load(path).Predict(x).ToArray<float>().SequenceEqual(model.Predict(x).ToArray<float>())}");
File.Delete(path);

float Step()
{
    Tensor loss = Loss.SparseCategoricalCrossentropy.Of(model.Call(x, training: true), y);
    loss.Backward();
    optimizer.Step(model.Parameters);
    return loss.Item<float>();
}
