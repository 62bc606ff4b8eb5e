namespace MiniDeep.GpuTests;

/// <summary>Kernels are compiled when a model comes to the device, not in the middle of its first steps.</summary>
[Collection(Alone.Name)]
public class PreparationTests : DeviceTest
{
    [SkippableTheory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void Training_compiles_nothing_after_the_model_has_come(DType dtype)
    {
        Sequential model = new Sequential([6, 6, 2], dtype: dtype, seed: 1)
            .Conv2D(3, 3, padding: Padding.Same, activation: Activation.Swish).MaxPool2D(2).Dropout(0.5).Flatten().Dense(4, Activation.Tanh).Dense(3, Activation.Softmax);
        model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        model.To(Device);
        IReadOnlyList<Type> compiled = Backend.Compiled;
        Tensor x = Tensor.Ones([8, 6, 6, 2], dtype), y = Tensor.From([0, 1, 2, 0, 1, 2, 0, 1]);
        model.Fit(x, y, epochs: 2, batchSize: 4, verbosity: Verbosity.Silent);
        model.Evaluate(x, y);
        model.Predict(x);
        Assert.Equal(compiled, Backend.Compiled);
        Assert.InRange(compiled.Count, 20, 500);
    }

    [SkippableFact]
    public void Eight_threads_may_prepare_at_once()
    {
        var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() => Backend.Prepare(DType.Float32))).ToList();
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        IReadOnlyList<Type> compiled = Backend.Compiled;
        Backend.Prepare(DType.Float32);
        Assert.Equal(compiled, Backend.Compiled);
    }
}
