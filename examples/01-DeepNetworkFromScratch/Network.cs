using MiniDeep;
using MiniDeep.Examples;

namespace DeepNetworkFromScratch;

/// <summary>The exercise with MiniDeep: layers, a loss and an optimizer; the backward pass comes from the operations.</summary>
internal static class Network
{
    /// <summary>Trains on all samples at once, in their order, as the notebook does.</summary>
    /// <param name="exercise">The data and the initial weights.</param>
    /// <param name="activation">Of the hidden layers.</param>
    /// <param name="training">Makes the training one that can be stopped and resumed.</param>
    /// <param name="callbacks">Code that runs beside the training.</param>
    public static Outcome Train(Exercise exercise, Activation activation, Training? training = null, params Callback[] callbacks)
    {
        var clock = new TrainingClock();
        callbacks = [.. callbacks, clock];
        Settings settings = exercise.Settings;
        Sequential model = new Sequential(inputShape: [settings.Features], dtype: DType.Float64)
            .Dense(settings.Hidden1, activation, name: "hidden1")
            .Dense(settings.Hidden2, activation, name: "hidden2")
            .Dense(settings.Classes, Activation.Softmax, name: "output");
        model.To(settings.Device);
        model.SetWeight("hidden1.kernel", Tensor.From(exercise.W1));
        model.SetWeight("hidden2.kernel", Tensor.From(exercise.W2));
        model.SetWeight("output.kernel", Tensor.From(exercise.W3));

        // The notebook's gradients are sums over the batch, but the loss that it prints is a mean, with 1e-9 against log(0).
        Metric printedLoss = Metric.Of("printed_loss", (p, t) => -(t.OneHot(settings.Classes, DType.Float64) * (p + 1e-9).Log()).Sum(-1));
        model.Compile(new SGD(settings.LearningRate), Loss.SparseCategoricalCrossentropy with { Reduction = Reduction.Sum }, printedLoss, Metric.Accuracy);
        if (training is not null) callbacks = [.. callbacks, training.Checkpoint()];
        History history = model.Fit(
            Tensor.From(exercise.X), Tensor.From(exercise.Labels),
            epochs: settings.Epochs, batchSize: settings.Samples, shuffle: false, verbosity: Verbosity.Silent,
            callbacks: callbacks, resumeFrom: training?.Folder, cancellationToken: training?.Cancellation ?? default);

        // A mean is a sum of ones divided; rounding to whole samples takes the rounding of that division back.
        double accuracy = Math.Round(history["accuracy"][^1] * settings.Samples) / settings.Samples;
        return new Outcome(history["printed_loss"], accuracy, [.. model.GetWeights().Values.Select(static weight => weight.ToArray<double>())], clock.Elapsed);
    }
}
