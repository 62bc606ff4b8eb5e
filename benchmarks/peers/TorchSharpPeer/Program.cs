// TorchSharp on libtorch. Argument: the folder of the files that MiniDeep has written; with "start" alone it builds the network, predicts one image, says its working set and ends.
using System.Diagnostics;
using System.Runtime.InteropServices;
using MiniDeep.Peers;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

if (args is ["start"])
{
    var network = new Cnn(x => F.relu(x), zeros(1, 1, 28, 28), zeros(1).to(int64));
    network.Predict(1);
    Console.WriteLine($"ok {Process.GetCurrentProcess().WorkingSet64}");
    return;
}

string folder = args[0];
byte[] pixels = File.ReadAllBytes(Path.Combine(folder, "images.u8")), classes = File.ReadAllBytes(Path.Combine(folder, "labels.u8"));
Tensor images = tensor(pixels, [classes.Length, 1, 28, 28]).to(float32).div_(255), labels = tensor(classes).to(int64);
Dictionary<string, Cnn> networks = new()
{
    ["relu"] = new(x => F.relu(x), images, labels),
    ["leakyrelu"] = new(x => F.leaky_relu(x, 0.01), images, labels),
    ["swish"] = new(x => F.silu(x), images, labels),
};
var peer = new PeerLoop { Threads = set_num_threads, Load = Load };
foreach ((string name, Cnn network) in networks)
{
    peer.Time($"train-{name}", network.TrainStep);
    peer.Value($"loss-{name}", () => [network.FirstLoss()]);
}
foreach (int count in new[] { 1, 64, 1000 }) peer.Time($"predict-{count}", () => networks["relu"].Predict(count));
peer.Value("predict", networks["relu"].FirstProbabilities);
foreach (int size in new[] { 512, 1024, 2048 })
{
    foreach (string transposes in new[] { "NN", "NT", "TN", "TT" }) peer.Time($"gemm-{size}-{transposes}", Once(() => Product(size, transposes)));
}
foreach ((int batch, int size, int input, int output) in new[] { (64, 14, 16, 32), (8, 56, 64, 64) })
{
    string name = $"{batch}x{size}x{size}-{input}-{output}";
    peer.Time($"conv-{name}", Once(() => Convolution(batch, size, input, output, gradients: false)));
    peer.Time($"convgrad-{name}", Once(() => Convolution(batch, size, input, output, gradients: true)));
}
peer.Time("exercise1", Once(Exercise1));
peer.Run();

// The operands are made when a case is first asked for.
static Action Once(Func<Action> make)
{
    Action? run = null;
    return () => (run ??= make())();
}

void Load(string file) =>
    networks[Path.GetFileNameWithoutExtension(file)].Load(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray());

static Action Product(int size, string transposes)
{
    Tensor a = rand(size, size), b = rand(size, size);
    if (transposes[0] == 'T') a = a.t();
    if (transposes[1] == 'T') b = b.t();
    return () =>
    {
        using Tensor c = mm(a, b);
    };
}

static Action Convolution(int batch, int size, int input, int output, bool gradients)
{
    Tensor x = rand([batch, input, size, size], requires_grad: gradients), w = rand([output, input, 3, 3], requires_grad: gradients);
    Tensor Forward() => F.conv2d(x, w, padding: [1, 1]);
    if (!gradients)
    {
        return () =>
        {
            using Tensor y = Forward();
        };
    }
    Tensor y = Forward(), dy = rand_like(y);
    return () =>
    {
        foreach (Tensor gradient in autograd.grad([y], [x, w], [dy], retain_graph: true)) gradient.Dispose();
    };
}

Action Exercise1()
{
    double[] values = MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, "exercise1.f64"))).ToArray();
    int at = 0;
    Tensor Next(int rows, int columns)
    {
        Tensor part = tensor(values.AsSpan(at, rows * columns).ToArray(), [rows, columns]);
        at += rows * columns;
        return part;
    }
    Tensor x = Next(100, 4), y = F.one_hot(Next(100, 1).to(int64).squeeze(1), 3).to(float64);
    var layers = new[] { Linear(4, 5, dtype: float64), Linear(5, 4, dtype: float64), Linear(4, 3, dtype: float64) };
    using (no_grad())
    {
        foreach (TorchSharp.Modules.Linear layer in layers)
        {
            layer.weight!.copy_(Next((int)layer.weight!.shape[1], (int)layer.weight!.shape[0]).t());
            layer.bias!.zero_();
        }
    }
    optim.Optimizer sgd = optim.SGD(layers.SelectMany(l => l.parameters()), 0.01);
    return () =>
    {
        using DisposeScope scope = NewDisposeScope();
        sgd.zero_grad();
        Tensor logits = layers[2].forward(F.relu(layers[1].forward(F.relu(layers[0].forward(x)))));
        (-(y * F.log_softmax(logits, 1)).sum()).backward();
        sgd.step();
    };
}
