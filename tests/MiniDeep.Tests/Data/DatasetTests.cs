using MiniDeep.Data;

namespace MiniDeep.Tests.Data;

public sealed class DatasetTests
{
    private static Dataset Numbered(int count) => new(Tensor.Range(count).Reshape(count, 1), Tensor.Range(count, DType.Int32));

    private static int[] Labels(Dataset data) => data.Labels.ToArray<int>();

    private static int[] Pass(Dataset data, int batch = 3) => [.. data.Batch(batch).SelectMany(static b => b.Labels.ToArray<int>())];

    [Fact]
    public void A_data_set_knows_its_shapes_and_gives_its_samples_in_order()
    {
        var data = new Dataset(new byte[,,] { { { 0, 51 } }, { { 102, 255 } } }, new[] { 7, 8 }, scale: 1.0 / 255);

        Assert.Equal(2, data.Count);
        Assert.Equal([1, 2], data.FeatureShape.ToArray());
        Assert.Equal(0, data.TargetShape.Rank);
        Assert.Equal(DType.Int32, data.TargetDType);
        Assert.Equal([0f, 0.2f, 0.4f, 1f], data.Features.ToArray<float>(), static (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([7, 8], Labels(data));
    }

    [Fact]
    public void Counts_that_differ_are_an_error_that_shows_both()
    {
        var error = Assert.Throws<ShapeException>(() => new Dataset(new float[3, 2], new int[4]));
        Assert.Contains("[3, 2]", error.Message);
        Assert.Contains("[4]", error.Message);
    }

    [Theory]
    [InlineData(10, 3, 4)]
    [InlineData(9, 3, 3)]
    [InlineData(2, 5, 1)]
    [InlineData(0, 5, 0)]
    public void Batches_cover_everything_once_and_the_last_may_be_short(int count, int size, int batches)
    {
        Batches all = Numbered(count).Batch(size);

        Assert.Equal(batches, all.Count);
        Assert.Equal(batches, all.Count());
        Assert.Equal(Enumerable.Range(0, count), Pass(Numbered(count), size));
        Assert.All(all.SkipLast(1), b => Assert.Equal([size, 1], b.Features.Shape.ToArray()));
        Assert.All(all, static b => Assert.Equal(b.Labels.ToArray<int>(), b.Features.ToArray<float>().Select(static v => (int)v)));
    }

    [Fact]
    public void Take_skip_and_split_are_views_in_order_and_forgive_numbers_out_of_range()
    {
        Dataset data = Numbered(10);

        Assert.Equal([0, 1, 2], Labels(data.Take(3)));
        Assert.Equal([7, 8, 9], Labels(data.Skip(7)));
        Assert.Equal([3, 4], Labels(data.Skip(3).Take(2)));
        Assert.Equal([4], Labels(data.Take(5).Skip(4)));
        Assert.Equal(10, data.Take(99).Count);
        Assert.Equal(0, data.Take(-1).Count);
        Assert.Equal(0, data.Skip(10).Count);
        (Dataset first, Dataset second) = data.Split(0.7);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], Labels(first));
        Assert.Equal([7, 8, 9], Labels(second));
        Assert.Equal([0, 10], new[] { data.Split(0).First.Count, data.Split(1).First.Count });
    }

    [Fact]
    public void Shuffle_gives_a_new_order_for_each_pass_and_the_same_passes_in_each_run()
    {
        Dataset one = Numbered(20).Shuffle(seed: 1), again = Numbered(20).Shuffle(seed: 1), other = Numbered(20).Shuffle(seed: 2);
        int[][] passes = [Pass(one), Pass(one), Pass(one)];

        Assert.All(passes, static p => Assert.Equal(Enumerable.Range(0, 20), p.Order()));
        Assert.NotEqual(passes[0], passes[1]);
        Assert.NotEqual(passes[1], passes[2]);
        Assert.Equal(passes, [Pass(again, 7), Pass(again, 20), Pass(again, 1)]);
        Assert.NotEqual(passes[0], Pass(other));
        Assert.Equal(Enumerable.Range(0, 20), Labels(one));     // the data set itself stays in order
    }

    [Fact]
    public void Features_stay_with_their_labels_through_every_view()
    {
        foreach (Dataset data in new[] { Numbered(17).Shuffle(3), Numbered(17).Skip(4).Shuffle(3), Numbered(17).Shuffle(3).Skip(4).Shuffle(5), Numbered(17).Shuffle(3).Split(0.5).Second })
        {
            Assert.All(data.Batch(4), static b => Assert.Equal(b.Labels.ToArray<int>(), b.Features.ToArray<float>().Select(static v => (int)v)));
            Assert.Equal(data.Count, Pass(data).Distinct().Count());
        }
    }

    [Fact]
    public void A_part_of_a_shuffled_data_set_is_a_random_part_that_stays_the_same()
    {
        Dataset shuffled = Numbered(100).Shuffle(seed: 1);
        (Dataset first, Dataset second) = shuffled.Split(0.8);

        int[] ahead = Labels(first);
        Assert.NotEqual(Enumerable.Range(0, 80), ahead.Order());        // not the first eighty
        Assert.Equal(Enumerable.Range(0, 100), ahead.Concat(Labels(second)).Order());
        Assert.Equal(ahead, Pass(first));
        Assert.Equal(ahead, Pass(first));
        Assert.Equal(ahead, Labels(Numbered(100).Shuffle(seed: 1).Take(80)));
        Assert.Equal(ahead, Pass(Numbered(100).Shuffle(seed: 1))[..80]);        // those of the first pass
    }

    [Fact]
    public void Passes_may_run_side_by_side()
    {
        Dataset data = Numbered(12).Shuffle(4);
        List<int> a = [], b = [];
        foreach ((Batch x, Batch y) in data.Batch(5).Zip(data.Batch(5)))
        {
            a.AddRange(x.Labels.ToArray<int>());
            b.AddRange(y.Labels.ToArray<int>());
        }

        Assert.Equal(Enumerable.Range(0, 12), a.Order());
        Assert.Equal(Enumerable.Range(0, 12), b.Order());
        Assert.NotEqual(a, b);
    }

    [Fact]
    public void Targets_keep_their_meaning()
    {
        Assert.Equal(DType.Int32, new Dataset(new float[2, 1], new byte[] { 1, 255 }).TargetDType);
        Assert.Equal([1, 255], Labels(new Dataset(new float[2, 1], new byte[] { 1, 255 })));
        Assert.Equal([1, 2], Labels(new Dataset(new float[2, 1], new long[] { 1, 2 })));
        Dataset doubles = new(new float[2, 1], new[,] { { 0.5, 1 }, { 2, 3 } });
        Assert.Equal(DType.Float64, doubles.TargetDType);
        Assert.Equal(DType.Float32, doubles.Batch(2).Single().Labels.DType);
        Assert.Equal(DType.Float64, new Dataset(new double[2, 1], new[] { 1.0, 2 }).Batch(1).First().Features.DType);
    }
}
