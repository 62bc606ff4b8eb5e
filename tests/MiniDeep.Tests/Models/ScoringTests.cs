using MiniDeep.Data;
using MiniDeep.Tests.Engine;

namespace MiniDeep.Tests.Models;

/// <summary>Losses and metrics of a data set: means over samples, whatever the batches.</summary>
public sealed class ScoringTests
{
    private static Sequential Identity(Loss loss, params Metric[] metrics)
    {
        var model = new Sequential([1], seed: 1);
        model.Dense(1, kernelInitializer: Initializer.Ones);
        model.Compile(new SGD(0), loss, metrics);
        return model;
    }

    // predictions 0, 1, …, 6; the last batch of three holds one sample
    private static Dataset Seven { get; } = new(Tensor.Range(7).Reshape(7, 1), Tensor.Zeros([7, 1]));

    private const double MeanOfSquares = (0 + 1 + 4 + 9 + 16 + 25 + 36) / 7.0;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(100)]
    public void A_short_last_batch_counts_for_what_it_holds(int batchSize)
    {
        Sequential model = Identity(Loss.MeanSquaredError, Metric.MeanSquaredError, Metric.Of("mean", static (p, _) => p), Metric.Of("mean_of_batch", static (p, _) => p.Mean()));

        Evaluation scores = model.Evaluate(Seven, batchSize);
        History history = model.Fit(Seven, 2, batchSize, validationData: Seven, verbosity: Verbosity.Silent);

        Assert.Equal(MeanOfSquares, scores.Loss, 1e-5);
        Assert.Equal(MeanOfSquares, scores["mean_squared_error"], 1e-5);
        Assert.Equal(3, scores["mean"], 1e-6);
        Assert.Equal(3, scores["mean_of_batch"], 1e-6);
        Assert.Equal(["loss", "mean_squared_error", "mean", "mean_of_batch", "val_loss", "val_mean_squared_error", "val_mean", "val_mean_of_batch"], history.Names);
        Assert.All(history.Names, name => Assert.Equal(name.Contains("mean_squared", StringComparison.Ordinal) || name.EndsWith("loss", StringComparison.Ordinal) ? MeanOfSquares : 3, history[name][1], 1e-5));
        Assert.Equal(2, history.Epochs);
        Assert.Equal(2, history.EpochTimes.Count);
        Assert.Same(history["loss"], history.Loss);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void A_loss_that_is_a_sum_adds_up(int batchSize)
    {
        Sequential model = Identity(Loss.MeanSquaredError with { Reduction = Reduction.Sum }, Metric.MeanSquaredError);

        Assert.Equal(7 * MeanOfSquares, model.Evaluate(Seven, batchSize).Loss, 1e-4);
        Assert.Equal(7 * MeanOfSquares, model.Fit(Seven, 1, batchSize, verbosity: Verbosity.Silent).Loss[0], 1e-4);
        Assert.Equal(MeanOfSquares, model.Evaluate(Seven, batchSize)["mean_squared_error"], 1e-5);
    }

    [Fact]
    public void A_loss_of_ones_own_is_reduced_as_asked()
    {
        Loss absolute = Loss.Of("absolute", static (p, t) => (p - t).Abs());
        Assert.Equal(3, Identity(absolute).Evaluate(Seven, 2).Loss, 1e-6);
        Assert.Equal(21, Identity(absolute with { Reduction = Reduction.Sum }).Evaluate(Seven, 2).Loss, 1e-5);
        Assert.Equal("absolute", absolute.Name);
    }

    [Fact]
    public void Accuracy_takes_the_form_that_fits()
    {
        Tensor p = Tensor.From(new float[,] { { 0.2f, 0.8f }, { 0.6f, 0.4f }, { 0.1f, 0.9f } });
        Assert.Equal(2 / 3.0, Metric.Accuracy.Of(p, Tensor.From([1, 1, 1])).Item(), 1e-6);
        Assert.Equal(2 / 3.0, Metric.Accuracy.Of(p, Tensor.From([1, 1, 1]).OneHot(2)).Item(), 1e-6);
        Assert.Equal(2 / 3.0, Metric.Accuracy.Of(p[.., 1..], Tensor.From(new float[,] { { 1 }, { 1 }, { 1 } })).Item(), 1e-6);
        Assert.Equal(0.5, Metric.BinaryAccuracy.Of(p, Tensor.From(new float[,] { { 0, 0 }, { 1, 1 }, { 1, 1 } })).Item(), 1e-6);
    }

    [Fact]
    public void The_history_says_what_it_has()
    {
        History history = Identity(Loss.MeanSquaredError).Fit(Seven, 1, verbosity: Verbosity.Silent);
        Assert.True(history.Contains("loss"));
        Assert.False(history.Contains("val_loss"));
        Assert.Contains("no 'accuracy'; it has loss", Assert.Throws<KeyNotFoundException>(() => history["accuracy"]).Message);
        Assert.Contains("no 'accuracy'; it has loss", Assert.Throws<KeyNotFoundException>(() => Identity(Loss.MeanSquaredError).Evaluate(Seven)["accuracy"]).Message);
        Assert.Equal("loss: 13.0000", Identity(Loss.MeanSquaredError).Evaluate(Seven).ToString());
    }

    [Fact]
    public void A_validation_split_comes_from_the_end_before_shuffling()
    {
        // predictions are the features themselves, so that the means tell which samples were where
        Sequential model = Identity(Loss.MeanSquaredError, Metric.Of("mean", static (p, _) => p));
        Dataset ten = new(Tensor.Range(10).Reshape(10, 1), Tensor.Zeros([10, 1]));

        History history = model.Fit(ten, 3, 4, validationSplit: 0.3, verbosity: Verbosity.Silent);

        Assert.All(history["mean"], static v => Assert.Equal((0 + 1 + 2 + 3 + 4 + 5 + 6) / 7.0, v, 1e-6));
        Assert.All(history["val_mean"], static v => Assert.Equal((7 + 8 + 9) / 3.0, v, 1e-6));
    }

    [Fact]
    public void Fit_shuffles_anew_for_each_epoch_the_same_in_each_run_and_not_at_all_when_told()
    {
        int[][] Orders(Dataset data, bool shuffle, long? seed = null)
        {
            List<int> seen = [];
            var model = new Sequential([1], seed: 5);
            model.Add(new FunctionLayer((x, training) =>
            {
                if (training) seen.AddRange(x.ToArray<float>().Select(static v => (int)v));
                return x;
            })).Dense(1);
            model.Compile(new SGD(0), Loss.MeanSquaredError);
            model.Fit(data, 3, 4, shuffle: shuffle, seed: seed, verbosity: Verbosity.Silent);
            return [.. seen.Chunk(data.Count)];
        }

        Dataset ten = new(Tensor.Range(10).Reshape(10, 1), Tensor.Zeros([10, 1]));
        int[][] orders = Orders(ten, shuffle: true);
        Assert.All(orders, static o => Assert.Equal(Enumerable.Range(0, 10), o.Order()));
        Assert.Equal(3, orders.Select(static o => string.Join(" ", o)).Distinct().Count());
        Assert.Equal(orders, Orders(ten, shuffle: true));
        Assert.Equal(orders, Orders(ten, shuffle: true, seed: 5));
        Assert.NotEqual(orders, Orders(ten, shuffle: true, seed: 6));
        Assert.All(Orders(ten, shuffle: false), static o => Assert.Equal(Enumerable.Range(0, 10), o));

        // a data set that shuffles itself does so in Fit as in a loop
        Dataset shuffled = ten.Shuffle(9);
        int[][] passes = [.. Enumerable.Range(0, 3).Select(_ => shuffled.Batch(4).SelectMany(static b => b.Features.ToArray<float>()).Select(static v => (int)v).ToArray())];
        Assert.Equal(passes, Orders(ten.Shuffle(9), shuffle: false));
    }
}
