using System.Runtime.CompilerServices;
using MiniDeep.Data;

namespace MiniDeep.GpuTests;

/// <summary>What happens when something goes wrong on a device, and what must not happen over a long run. The device is opened a second time, so that its memory is these tests' alone.</summary>
[Collection(Alone.Name)]
public sealed class FaultTests : IDisposable
{
    private const int Megabyte = 1 << 20;

    private static readonly Lazy<Device> s_own = new(DeviceUnderTest.OpenAgain);

    private readonly Device _device;
    private readonly GpuBackend _backend;

    public FaultTests()
    {
        var under = new DeviceUnderTest();
        Skip.If(under.Missing is not null, under.Missing);
        _device = s_own.Value;
        _backend = (GpuBackend)_device.Backend;
    }

    public void Dispose() => _backend?.Memory.Limit = long.MaxValue;

    [SkippableFact]
    public void Out_of_memory_names_the_request_and_what_is_held()
    {
        Tensor kept = Tensor.Zeros([8 * Megabyte], device: _device);
        // what earlier tests have left would be given back first
        _device.Trim();
        long held = _backend.Memory.HeldBytes;
        _backend.Memory.Limit = held + (16 * Megabyte);
        OutOfMemoryException failure = Assert.Throws<OutOfMemoryException>(() => Tensor.Zeros([64 * Megabyte], device: _device));
        Assert.Contains(_device.Name, failure.Message);
        Assert.Contains("256 MB", failure.Message);
        Assert.Contains(FormattableString.Invariant($"{held / (double)Megabyte:0.###} MB"), failure.Message);

        // what fits still works, and so does everything that is there
        kept.Fill(3);
        Assert.Equal(3 * Megabyte, Tensor.Ones([3 * Megabyte], device: _device).Sum().Item());
        Assert.Equal(3, kept[7 * Megabyte].Item());
    }

    [SkippableFact]
    public void Before_memory_runs_out_what_nobody_uses_is_given_back()
    {
        long before = _backend.Memory.HeldBytes;
        LeaveGarbage();
        Assert.True(_backend.Memory.HeldBytes >= before + (40 * Megabyte));
        _backend.Memory.Limit = _backend.Memory.HeldBytes + (16 * Megabyte);
        Tensor other = Tensor.Ones([12 * Megabyte], device: _device);
        Assert.Equal(1, other[12 * Megabyte - 1].Item());
        Assert.True(_backend.Memory.HeldBytes < before + (60 * Megabyte));
    }

    [SkippableFact]
    public void So_it_is_when_an_operation_needs_room_for_itself()
    {
        LeaveGarbage();
        long held = _backend.Memory.HeldBytes;
        _backend.Memory.Limit = held + Megabyte;
        Assert.Equal(16 * Megabyte, _backend.Scratch.Take<byte>(16 * Megabyte).Length);
        Assert.True(_backend.Memory.HeldBytes < held);
        Assert.Throws<OutOfMemoryException>(() => _backend.Scratch.Take<byte>(1 << 30));
    }

    [SkippableFact]
    public void A_data_set_that_is_too_large_for_the_device_comes_batch_by_batch()
    {
        Dataset data = new(Tensor.Ones([2000, 4, 512]), Tensor.From(Enumerable.Range(0, 2000).Select(static i => i % 3).ToArray()));
        float[] kept = Train(), brought;
        _device.Trim();
        _backend.Memory.Limit = _backend.Memory.HeldBytes + (12 * Megabyte);
        data = new Dataset(Tensor.Ones([2000, 4, 512]), Tensor.From(Enumerable.Range(0, 2000).Select(static i => i % 3).ToArray()));
        Assert.Throws<OutOfMemoryException>(() => data.To(_device));
        brought = Train();
        Assert.Equal(kept, brought);

        float[] Train()
        {
            Sequential model = new Sequential([4, 512], seed: 1).Flatten().Dense(3, Activation.Softmax);
            model.Compile(new SGD(0.01), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
            model.To(_device);
            model.Fit(data, epochs: 2, batchSize: 100, verbosity: Verbosity.Silent);
            model.Evaluate(data);
            Assert.Equal(2000, model.Predict(data).Shape[0]);
            return model.GetWeights().Values.First().ToArray<float>();
        }
    }

    [SkippableFact]
    public void Views_of_a_data_set_share_one_copy()
    {
        Dataset data = new(Tensor.Ones([2000, 1024]), Tensor.Zeros([2000]));
        Dataset here = data.Take(10).To(_device);
        _device.Trim();
        long held = _backend.Memory.HeldBytes;
        Dataset rest = data.Skip(10).Shuffle(1).To(_device);
        Assert.Equal(held, _backend.Memory.HeldBytes);
        Assert.Equal(_device, rest.Features.Device);
        GC.KeepAlive(here);
    }

    [SkippableFact]
    public void A_tensor_on_another_device_is_an_error_that_names_both()
    {
        Tensor here = Tensor.Ones([2, 2], device: _device), there = Tensor.Ones([2, 2]);
        foreach (Func<Tensor> mixed in (Func<Tensor>[])[() => here + there, () => there.MatMul(here), () => Loss.MeanSquaredError.Of(here, there)])
        {
            DeviceException failure = Assert.Throws<DeviceException>(mixed);
            Assert.Contains("cpu", failure.Message);
            Assert.Contains(_device.Name, failure.Message);
        }

        Sequential model = new Sequential([2]).Dense(2);
        model.To(_device);
        DeviceException layer = Assert.Throws<DeviceException>(() => model.Call(there));
        Assert.Contains("cpu", layer.Message);
        Assert.Contains(_device.Name, layer.Message);
        Assert.Contains("'dense", layer.Message);

        // the seam itself, which ops never use so
        Assert.Contains(_device.Name, Assert.Throws<DeviceException>(() => _backend.Copy(there.View, here.View)).Message);
        Assert.Contains(_device.Name, Assert.Throws<DeviceException>(() => _backend.Copy(Tensor.Ones([2, 2], device: Gpu.Emulator()).View, here.View)).Message);
    }

    [SkippableFact]
    public void The_first_fault_of_the_first_kernel_is_reported_once()
    {
        Tensor logits = Tensor.Zeros([3000, 10], device: _device), x = Tensor.Zeros([5, 3], device: _device);
        int[] labels = new int[3000];
        labels[2999] = 11;
        labels[700] = 12;
        labels[1500] = -3;
        Loss.SparseCategoricalCrossentropy.Of(logits.Softmax(), Tensor.From(labels, device: _device));
        x.Gather(Tensor.From([0, 9], device: _device), 0);
        LabelException failure = Assert.Throws<LabelException>(() => x.ToArray<float>());
        Assert.Equal("Row 700 has label 12, but there are 10 classes: labels go from 0 to 9.", failure.Message);
        Assert.Equal(new float[15], x.ToArray<float>());

        x.Gather(Tensor.From([0, 4, 5, -1], device: _device), 0);
        Assert.Equal("Index 5 at position 2 is outside an axis of size 5.", Assert.Throws<IndexOutOfRangeException>(_backend.Synchronize).Message);
        _backend.Synchronize();
    }

    [SkippableFact]
    public void Two_models_in_two_threads_get_the_bits_of_one_after_the_other()
    {
        float[] first = Train(1), second = Train(2);
        float[][] together = new float[2][];
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() => together[i] = Train(i + 1)))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(first, together[0]);
        Assert.Equal(second, together[1]);
        Assert.NotEqual(first, second);
    }

    [SkippableFact]
    public void Memory_stays_flat_over_ten_thousand_steps()
    {
        (Sequential model, Dataset data) = Make(3);
        model.Fit(data, epochs: 50, batchSize: 16, verbosity: Verbosity.Silent);
        long warm = _backend.Memory.HeldBytes, launches = _backend.Launches;
        model.Fit(data, epochs: 2500, batchSize: 16, verbosity: Verbosity.Silent);
        Assert.Equal(warm, _backend.Memory.HeldBytes);
        Assert.True(_backend.Launches - launches > 10_000 * 5);
    }

    private float[] Train(int seed)
    {
        (Sequential model, Dataset data) = Make(seed);
        model.Fit(data, epochs: 20, batchSize: 16, verbosity: Verbosity.Silent);
        return [.. model.Parameters.SelectMany(static parameter => parameter.ToArray<float>())];
    }

    /// <summary>A small model, and four batches of 16.</summary>
    private (Sequential Model, Dataset Data) Make(int seed)
    {
        double[] values = new NumPyRandom(seed).Randn(64 * 6);
        Dataset data = new(Tensor.From([.. values.Select(static v => (float)v)], [64, 6]), Tensor.From([.. Enumerable.Range(0, 64).Select(static i => i % 3)]));
        Sequential model = new Sequential([6], seed: seed).Dense(16, Activation.Tanh).Dropout(0.1).Dense(3, Activation.Softmax);
        model.To(_device);
        model.Compile(new Adam(0.01), Loss.SparseCategoricalCrossentropy);
        return (model, data);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LeaveGarbage() => Tensor.Zeros([10 * Megabyte], device: _device);
}
