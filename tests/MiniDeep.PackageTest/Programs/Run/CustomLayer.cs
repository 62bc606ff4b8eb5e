// prints: ^weights 4$
// prints: ^learned True$
using MiniDeep;

MiniDeepRandom.Seed(1);
var model = new Sequential(inputShape: [4]).Add(new GatedUnit(8)).Dense(1);
Console.WriteLine($"weights {model.Parameters.Count}");

// the product of the first two inputs, which a gate can learn and one dense layer cannot
var random = new Random(1);
var features = new float[256, 4];
var targets = new float[256, 1];
for (int row = 0; row < 256; row++)
{
    for (int column = 0; column < 4; column++)
    {
        features[row, column] = random.NextSingle() * 2 - 1;
    }

    targets[row, 0] = features[row, 0] * features[row, 1];
}

model.Compile(new Adam(learningRate: 1e-2), Loss.MeanSquaredError);
History history = model.Fit(Tensor.From(features), Tensor.From(targets), epochs: 60, batchSize: 32);
Console.WriteLine($"learned {history["loss"][^1] < 0.2 * history["loss"][0]}");

// readme
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
// end readme
