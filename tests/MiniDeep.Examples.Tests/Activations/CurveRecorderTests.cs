using ActivationCnn;
using MiniDeep.Data;

namespace MiniDeep.Tests.Activations;

/// <summary>The curve's points share the epoch out among them.</summary>
public class CurveRecorderTests
{
    [Fact]
    public void The_points_of_an_epoch_average_to_the_epoch()
    {
        // 23 batches, the last of a single sample
        var data = new Dataset(Tensor.From([.. Enumerable.Range(0, 177).Select(static i => (float)Math.Sin(i))], [177, 1]), Tensor.From([.. Enumerable.Range(0, 177).Select(static i => i % 3)], [177]));
        Sequential model = new Sequential(inputShape: [1], seed: 3).Dense(3, Activation.Softmax);
        model.Compile(new Adam(learningRate: 0.05), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        var recorder = new CurveRecorder(data.Count, batchSize: 8);

        History history = model.Fit(data, epochs: 2, batchSize: 8, verbosity: Verbosity.Silent, callbacks: [recorder]);

        for (int epoch = 0; epoch < 2; epoch++)
        {
            CurvePoint[] points = [.. recorder.Points.Where(point => point.Epochs > epoch && point.Epochs <= epoch + 1)];
            Assert.Equal(10, points.Length);
            Assert.Equal(epoch + 1, points[^1].Epochs);
            double[] weights = [.. points.Select((point, i) => point.Epochs - (i == 0 ? epoch : points[i - 1].Epochs))];
            Assert.Equal(history.Loss[epoch], points.Zip(weights, static (point, weight) => point.Loss * weight).Sum(), 1e-6);
            Assert.Equal(history["accuracy"][epoch], points.Zip(weights, static (point, weight) => point.Accuracy * weight).Sum(), 1e-6);
            Assert.True(points.Select(static point => point.Loss).Distinct().Count() > 5);
        }
        Assert.True(recorder.StepTime > TimeSpan.Zero);
        Assert.True(recorder.TrainingTime >= recorder.StepTime * 46);
    }
}
