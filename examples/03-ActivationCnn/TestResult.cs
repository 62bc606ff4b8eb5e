using MiniDeep;
using MiniDeep.Data;

namespace ActivationCnn;

/// <summary>An image that was taken for something else.</summary>
/// <param name="Index">Its place in the test set.</param>
/// <param name="Label">What it is.</param>
/// <param name="Prediction">What the model took it for.</param>
/// <param name="Confidence">The probability that the model gave to its prediction.</param>
internal readonly record struct Mistake(int Index, int Label, int Prediction, double Confidence);

/// <summary>What a trained model makes of the test images.</summary>
/// <param name="Accuracy">The part that it classifies right.</param>
/// <param name="Loss">The mean cross-entropy.</param>
/// <param name="Confusion">How many images of a class (row) were taken for one of a class (column).</param>
/// <param name="Mistakes">The wrong ones, the most confident first.</param>
/// <param name="HiddenUnits">The units of the hidden layer.</param>
/// <param name="DeadUnits">Those of them that no test image activates.</param>
internal sealed record TestResult(double Accuracy, double Loss, int[,] Confusion, IReadOnlyList<Mistake> Mistakes, int HiddenUnits, int DeadUnits)
{
    private const int BatchSize = 500;

    public static TestResult Of(Sequential model, ImageSet images)
    {
        Evaluation evaluation = model.Evaluate(images.Test);
        Tensor probabilities = model.Predict(images.Test);
        float[,] rows = probabilities.ToArray2D<float>();
        long[] predictions = probabilities.ArgMax(axis: 1).ToArray<long>();
        int[] labels = images.Test.Labels.ToArray<int>();

        var confusion = new int[images.Classes, images.Classes];
        List<Mistake> mistakes = [];
        for (int i = 0; i < labels.Length; i++)
        {
            int prediction = (int)predictions[i];
            confusion[labels[i], prediction]++;
            if (prediction != labels[i]) mistakes.Add(new Mistake(i, labels[i], prediction, rows[i, prediction]));
        }
        bool[] alive = FindLivingUnits(model, images.Test);
        return new TestResult(
            evaluation["accuracy"], evaluation.Loss, confusion, [.. mistakes.OrderByDescending(static m => m.Confidence)], alive.Length, alive.Count(static unit => !unit));
    }

    /// <summary>Runs the layers up to the hidden one and looks for the units that are ever positive.</summary>
    private static bool[] FindLivingUnits(Sequential model, Dataset images)
    {
        int hidden = Enumerable.Range(0, model.Layers.Count).First(i => model.Layers[i].Name == Cnn.HiddenLayer);
        using NoGradScope noGrad = Tensor.NoGrad();
        bool[]? alive = null;
        foreach ((Tensor features, _) in images.To(model.Device).Batch(BatchSize))
        {
            Tensor x = features;
            for (int i = 0; i <= hidden; i++) x = model.Layers[i].Call(x);
            float[] largest = x.Max(0).ToArray<float>();
            alive ??= new bool[largest.Length];
            for (int unit = 0; unit < alive.Length; unit++) alive[unit] |= largest[unit] > 0;
        }
        return alive!;
    }
}
