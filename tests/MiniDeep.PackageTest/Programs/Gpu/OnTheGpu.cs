// prints: ^devices \d+$
// prints: ^trains on emulator, learned True$
// prints: ^no Best: (False|True)$
using MiniDeep;

Console.WriteLine($"devices {Gpu.Devices.Count}");
Sequential model = new Sequential(inputShape: [2], seed: 1).Dense(8, Activation.Tanh).Dense(1);
model.Compile(new Adam(learningRate: 0.05), Loss.MeanSquaredError);

// readme
model.To(Gpu.IsAvailable ? Gpu.Best() : Device.Cpu);
// end readme

// any machine has it
model.To(Gpu.Emulator());
Tensor x = Tensor.From(new float[,] { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 1, 1 } }), y = Tensor.From(new float[,] { { 0 }, { 1 }, { 1 }, { 0 } });
History history = model.Fit(x, y, epochs: 30, batchSize: 4, verbosity: Verbosity.Silent);
Console.WriteLine($"trains on {model.Device}, learned {history["loss"][^1] < 0.8 * history["loss"][0]}");
try
{
    Gpu.Best();
    Console.WriteLine("no Best: False");
}
catch (DeviceException missing)
{
    Console.WriteLine($"no Best: {missing.Message.Contains("Looked for CUDA devices", StringComparison.Ordinal)}");
}
