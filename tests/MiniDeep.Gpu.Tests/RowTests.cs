namespace MiniDeep.GpuTests;

/// <summary>What the suites don't ask of reductions, losses and updates: more axes than a kernel walks, ten million elements, and how few kernels are started.</summary>
[Collection(Alone.Name)]
public sealed class RowTests : DeviceTest
{
    [SkippableTheory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_reduction_may_have_any_number_of_axes(int first)
    {
        // every other axis of fifteen: no two can be walked as one
        int[] axes = [.. Enumerable.Range(0, 15).Where(axis => axis % 2 == first)];
        Tensor x = Tensor.From([.. Enumerable.Range(0, 1 << 15).Select(static i => (float)(i % 1009))], [.. Enumerable.Repeat(2, 15)]), there = x.To(Device);
        Assert.Equal(x.Sum(axes).ToArray<float>(), there.Sum(axes).ToArray<float>());
        Assert.Equal(x.Max(axes).ToArray<float>(), there.Max(axes).ToArray<float>());
        Assert.Equal(x.Mean(axes).ToArray<float>(), there.Mean(axes).ToArray<float>());
        Assert.Equal(x.To(DType.Int32).Sum(axes).ToArray<int>(), there.To(DType.Int32).Sum(axes).ToArray<int>());
    }

    [SkippableFact]
    public void The_mean_of_ten_million_floats_is_right_to_a_millionth()
    {
        var random = new Random(5);
        float[] values = new float[10_000_000];
        double sum = 0;
        foreach (ref float value in values.AsSpan())
        {
            value = random.NextSingle() + 0.5f;
            sum += value;
        }
        double mean = sum / values.Length;
        Tensor x = Tensor.From(values, device: Device);
        Assert.Equal(mean, x.Mean().Item(), 1e-6 * mean);
        Assert.Equal(mean, x.Reshape(100_000, 100).Sum(0).Mean().Item() / 100_000, 1e-6 * mean);
    }

    [SkippableFact]
    public void A_result_has_the_same_bits_each_time()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, 3_000_017).Select(static i => MathF.Sin(i))], device: Device);
        float first = x.Sum().Item<float>();
        for (int i = 0; i < 20; i++) Assert.Equal(first, x.Sum().Item<float>());
    }

    [SkippableFact]
    public void Few_kernels_are_started()
    {
        TensorView View(params int[] shape) => Tensor.Zeros(Shape.Create(shape), device: Device).View;
        TensorView labels = Tensor.From(new int[64], device: Device).View, manyLabels = Tensor.From(new int[5000], device: Device).View;
        TensorView batch = View(64, 128), images = View(64 * 26 * 26, 16), logits = View(64, 10), manyLogits = View(5000, 10), one = View(1), few = View(16_000), all = View(1_000_000);
        TensorView columns = View(1, 128), channels = View(1, 16), gradient = View(64, 10);
        Expect(1, () => Backend.Reduce(ReduceKind.Sum, batch, columns, false));
        Expect(2, () => Backend.Reduce(ReduceKind.Sum, images, channels, true));
        Expect(1, () => Backend.Reduce(ReduceKind.Mean, few, one, false));
        Expect(2, () => Backend.Reduce(ReduceKind.Mean, all, one, false));
        Expect(1, () => Backend.CrossEntropy(CrossEntropyKind.SparseSoftmax, logits, labels, 1, one, gradient));
        Expect(2, () => Backend.CrossEntropy(CrossEntropyKind.SparseSoftmax, manyLogits, manyLabels, 1, one, default));
        Expect(2, () => Backend.CrossEntropy(CrossEntropyKind.Sigmoid, manyLogits, manyLogits, 1, one, manyLogits));
        UpdateTarget[] parameters = [.. Enumerable.Range(0, 9).Select(_ => new UpdateTarget(View(100), View(100), View(100), View(100)))];
        UpdateRule rule = new() { Kind = UpdateKind.Adam, LearningRate = new Cell(0.1), Step = new Cell(1), Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-7 };
        Expect(1, () => Backend.Update(rule, parameters.AsSpan(0, 8)));
        Expect(2, () => Backend.Update(rule, parameters));
    }

    private void Expect(int launches, Action call)
    {
        call();
        long before = Backend.Launches;
        call();
        Assert.Equal(launches, Backend.Launches - before);
    }
}
