// ONNX Runtime, for inference. Argument: the folder of the files that MiniDeep has written.
using System.Runtime.InteropServices;
using MiniDeep.Peers;
using Microsoft.ML.OnnxRuntime;

string folder = args[0];
float[] images = [.. File.ReadAllBytes(Path.Combine(folder, "images.u8")).Take(1000 * 784).Select(p => p / 255f)];
byte[] model = [];
InferenceSession? session = null;
Dictionary<int, Inference> inferences = [];

var peer = new PeerLoop
{
    Threads = count =>
    {
        var options = new SessionOptions { IntraOpNumThreads = count, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        session?.Dispose();
        session = new InferenceSession(model, options);
        inferences.Clear();
    },
    Load = file => model = OnnxModel.Write(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray()),
};
foreach (int count in new[] { 1, 64, 1000 }) peer.Time($"predict-{count}", () => Of(count).Run(session!));
peer.Value("predict", () =>
{
    Of(1).Run(session!);
    return Of(1).Probabilities.Select(p => (double)p);
});
peer.Run();

Inference Of(int count)
{
    if (!inferences.TryGetValue(count, out Inference? inference)) inferences.Add(count, inference = new Inference(images, count));
    return inference;
}

/// <summary>The buffers of a call, made once.</summary>
internal sealed class Inference(float[] images, int count)
{
    private readonly RunOptions _options = new();
    private readonly OrtValue[] _inputs = [OrtValue.CreateTensorValueFromMemory(images.AsSpan(0, count * 784).ToArray(), [count, 1, 28, 28])];
    private readonly OrtValue[] _outputs = new OrtValue[1];

    public float[] Probabilities { get; } = new float[count * 10];

    public void Run(InferenceSession session)
    {
        _outputs[0] ??= OrtValue.CreateTensorValueFromMemory(Probabilities, [count, 10]);
        session.Run(_options, ["images"], _inputs, ["probabilities"], _outputs);
    }
}
