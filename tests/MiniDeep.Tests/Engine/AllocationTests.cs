using MiniDeep.Data;

namespace MiniDeep.Tests.Engine;

/// <summary>What the engine itself leaves to the garbage collector. Allocation is counted to the byte, so these are no measurements of time.</summary>
[Collection(Alone.Name)]
public sealed class AllocationTests : IDisposable
{
    private const int BytesAnOperation = 150;
    private readonly int _threads = Compute.Threads;

    /// <summary>One thread: a caller that has to block for a member's last chunk leaves some bytes to .NET's semaphore.</summary>
    public AllocationTests() => Compute.Threads = 1;

    public void Dispose() => Compute.Threads = _threads;

    /// <summary>The bytes that this thread has allocated when each epoch begins.</summary>
    private sealed class Watch : Callback
    {
        public List<long> Bytes { get; } = new(1024);

        public override void OnEpochBegin(TrainingProgress progress) => Bytes.Add(GC.GetAllocatedBytesForCurrentThread());

        /// <summary>Of an ordinary epoch: now and then a list grows, or the kernels' working memory changes.</summary>
        public double Median()
        {
            long[] epochs = [.. Bytes.Zip(Bytes.Skip(1), static (first, next) => next - first).Skip(5).Order()];
            return epochs[epochs.Length / 2];
        }
    }

    [Fact]
    public void Small_steps_of_Fit_allocate_little()
    {
        (Sequential model, Dataset data) = Exercise1();
        var watch = new Watch();
        model.Fit(data, epochs: 500, batchSize: 100, shuffle: false, verbosity: Verbosity.Silent, callbacks: [watch]);

        // three layers, softmax, cross-entropy, the running loss, the update; a step is an epoch, so the history is in it
        const int Operations = 7;
        AssertLess(Operations, watch.Median());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Image_steps_of_Fit_allocate_little(bool metric)
    {
        Sequential model = new Sequential([12, 12, 1], seed: 1)
            .Conv2D(4, 3, Padding.Same, Activation.ReLU).MaxPool2D(2)
            .Conv2D(8, 3, Padding.Same, Activation.Swish).MaxPool2D(2)
            .Flatten().Dense(16, Activation.LeakyReLU(0.1)).Dense(10, Activation.Softmax);
        if (metric) model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        else model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy);
        var images = new byte[160, 12, 12, 1];
        for (int i = 0; i < images.Length; i++) images[i / 144, i / 12 % 12, i % 12, 0] = (byte)(i * 37 % 251);
        var data = new Dataset(images, Enumerable.Range(0, 160).Select(static i => i % 10).ToArray(), scale: 1.0 / 255);
        var watch = new Watch();
        model.Fit(data, epochs: 40, batchSize: 16, verbosity: Verbosity.Silent, callbacks: [watch]);

        // batch: two gathers, conversion, scale; two blocks, reshape, two layers, cross-entropy; update; accuracy: softmax, argmax, conversion, comparison, conversion, mean, running mean
        AssertLess(metric ? 18 : 11, watch.Median() / 10);
    }

    [Fact]
    public void What_a_walk_gives_back_is_used_again()
    {
        (Sequential model, Dataset data) = Exercise1();
        Batch batch = data.Batch(100).Single();
        Steps(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Steps(100);
        double bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / 100.0;

        // the model's result is the caller's: 100 rows of 3 numbers; the gradients, and the results of the two hidden layers, were given back
        const int Result = 100 * 3 * sizeof(double);
        Assert.InRange(bytes, Result, Result + 2_000);

        void Steps(int count)
        {
            for (int i = 0; i < count; i++)
            {
                model.Loss!.Of(model.Call(batch.Features, training: true), batch.Labels).Backward();
                model.Optimizer!.Step(model.Parameters);
            }
        }
    }

    /// <summary>The long form is the program LongRuns.</summary>
    [Fact]
    public void Twenty_thousand_small_steps_need_no_collection_of_the_oldest_generation()
    {
        (Sequential model, Dataset data) = Exercise1();
        model.Fit(data, epochs: 5, batchSize: 100, verbosity: Verbosity.Silent);
        int before = GC.CollectionCount(2);
        model.Fit(data, epochs: 10_000, batchSize: 100, verbosity: Verbosity.Silent);
        model.Fit(data, epochs: 2_500, batchSize: 25, verbosity: Verbosity.Silent);
        Assert.Equal(before, GC.CollectionCount(2));
    }

    private static void AssertLess(int operations, double bytes) =>
        Assert.True(bytes <= BytesAnOperation * operations, $"{bytes:F0} bytes a step, {bytes / operations:F0} an operation.");

    private static (Sequential Model, Dataset Data) Exercise1()
    {
        Sequential model = new Sequential([4], DType.Float64, seed: 1)
            .Dense(5, Activation.ReLU).Dense(4, Activation.ReLU).Dense(3, Activation.Softmax);
        model.Compile(new SGD(0.01), Loss.SparseCategoricalCrossentropy with { Reduction = Reduction.Sum });
        var random = new NumPyRandom(0);
        return (model, new Dataset(random.Randn(100, 4), random.RandInt(0, 3, 100)));
    }
}
