// prints: ^saved and loaded: True$
// prints: ^loss, accuracy
// prints: ^resumed: True$
// prints: ^conv2d\.kernel$
// prints: ^from PyTorch: True$
// prints: ^own layer: True$
// prints: ^arrays: \[4, 3\]$
// prints: ^\[setosa, virginica\]$
// guide
using MiniDeep;
using MiniDeep.Data;
// end guide

string work = Directory.CreateTempSubdirectory("minideep-guide-").FullName;
Directory.SetCurrentDirectory(work);
Dataset train = MakeMoons.Load(samples: 64);
Tensor samples = train.Features.To(DType.Float32);

// guide
var model = new Sequential(inputShape: [2], seed: 1)
    .Dense(16, Activation.ReLU)
    .Dropout(0.2)
    .Dense(2, Activation.Softmax);
model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);

model.Save("moons.safetensors");
Sequential again = Sequential.Load("moons.safetensors");
// end guide

Console.WriteLine($"saved and loaded: {Same(model, again)}");

// guide
var checkpoint = new Checkpoint("run") { EverySteps = 100, EveryEpochs = 1, Keep = 3 };
History history = model.Fit(train, epochs: 5, callbacks: [checkpoint], resumeFrom: "run");
// end guide

Console.WriteLine(string.Join(", ", history.Names));
var second = new Sequential(inputShape: [2], seed: 1).Dense(16, Activation.ReLU).Dropout(0.2).Dense(2, Activation.Softmax);
second.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
second.Fit(train, epochs: 5, verbosity: Verbosity.Silent, resumeFrom: "run");
Console.WriteLine($"resumed: {Same(model, second)}");

// guide
var cnn = new Sequential(inputShape: [28, 28, 1])
    .Conv2D(6, kernelSize: 3, padding: Padding.Same, activation: Activation.ReLU)
    .MaxPool2D(2)
    .Flatten()
    .Dense(10, name: "head");

foreach (string name in cnn.GetWeights().Keys) Console.WriteLine(name);
// end guide

SafeTensors.Write("pytorch.safetensors",
[
    new("0.weight", Tensor.Ones([6, 1, 3, 3])), new("0.bias", Tensor.Zeros([6])), new("4.weight", Tensor.Ones([10, 6 * 14 * 14])), new("4.bias", Tensor.Ones([10])),
]);

// guide
cnn.LoadWeights(
    "pytorch.safetensors", layout: WeightLayout.PyTorch,
    names: new Dictionary<string, string> { ["conv2d"] = "0", ["head"] = "4" });
// end guide

Console.WriteLine($"from PyTorch: {cnn.GetParameter("head.bias").ToArray<float>().All(static v => v == 1)}");

// guide
LayerRegistry.Register("scale", config => new Scale(config.GetDouble("factor")));
// end guide

var scaled = new Sequential([2]).Add(new Scale(3)).Dense(1);
scaled.Save("scaled.safetensors");
Console.WriteLine($"own layer: {Same(scaled, Sequential.Load("scaled.safetensors"))}");
NpyFile.Write("features.npy", Tensor.Ones([4, 3]));
NpzFile.Write("digits.npz", [new("x", Tensor.Ones([4, 3])), new("y", Tensor.From([0, 1, 0, 1]))]);
File.WriteAllText("flowers.csv", "length,colour,species\n5.1,red,setosa\n,blue,virginica\n4.9,red,virginica\n");

// guide
Tensor features = NpyFile.Read("features.npy");
IReadOnlyDictionary<string, Tensor> arrays = NpzFile.Read("digits.npz");
var digits = new Dataset(arrays["x"], arrays["y"]);

CsvData flowers = CsvReader.Read("flowers.csv", new CsvFormat
{
    Label = "species",
    Categorical = ["colour"],
    Missing = CsvMissing.Fill,
    FillValue = 0,
});
// end guide

Console.WriteLine($"arrays: {features.Shape}");
Console.WriteLine($"[{string.Join(", ", flowers.Classes)}]");
Directory.SetCurrentDirectory(Path.GetTempPath());
Directory.Delete(work, recursive: true);
return digits.Count == 4 && flowers.Data.Count == 3 ? 0 : 1;

bool Same(Sequential one, Sequential other) => one.Predict(samples).ToArray<float>().SequenceEqual(other.Predict(samples).ToArray<float>());

// guide
sealed class Scale(double factor) : Layer
{
    protected override void Describe(LayerConfig config) => config.Set("factor", factor);

    protected override Shape Build(Shape input) => input;

    protected override Tensor Forward(Tensor x, bool training) => x * factor;
}
// end guide
