// prints: ^accuracy 0[.,]9
using MiniDeep;
using MiniDeep.Data;

var (train, test) = Mnist.Load();
var model = new Sequential(inputShape: [28, 28, 1]).Flatten().Dense(64, Activation.ReLU).Dense(10, Activation.Softmax);
var optimizer = new Adam(learningRate: 1e-3);

// readme
foreach (var (x, y) in train.Shuffle(seed: 1).Batch(64))
{
    Tensor loss = Loss.SparseCategoricalCrossentropy.Of(model.Call(x, training: true), y);
    loss.Backward();
    optimizer.Step(model.Parameters);       // and clears the gradients
}
// end readme

model.Compile(optimizer, Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
Console.WriteLine($"accuracy {model.Evaluate(test)["accuracy"]}");
