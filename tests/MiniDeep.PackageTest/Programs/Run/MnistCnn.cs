// prints: conv2d
// prints: 3/3
// prints: ^0[.,]9[789]
// prints: ^\[10000, 10\], the same: True$
// readme
using MiniDeep;
using MiniDeep.Data;

var (train, test) = Mnist.Load();

var model = new Sequential(inputShape: [28, 28, 1])
    .Conv2D(16, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
    .MaxPool2D(2)
    .Conv2D(32, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
    .MaxPool2D(2)
    .Flatten()
    .Dense(128, Activation.ReLU)
    .Dense(10, Activation.Softmax);

model.Summary();
model.Compile(new Adam(learningRate: 1e-3), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
History history = model.Fit(train, epochs: 3, batchSize: 64, validationData: test);
Console.WriteLine(model.Evaluate(test)["accuracy"]);
model.Save("mnist.safetensors");
Sequential again = Sequential.Load("mnist.safetensors");
Tensor probabilities = again.Predict(test.Features);
// end readme
Console.WriteLine($"{probabilities.Shape}, the same: {probabilities.ToArray<float>().SequenceEqual(model.Predict(test.Features).ToArray<float>())}");
