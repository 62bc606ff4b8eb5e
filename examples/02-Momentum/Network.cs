using MiniDeep;
using MiniDeep.Examples;

namespace MomentumExercise;

/// <summary>A run of the exercise.</summary>
/// <param name="Model">The trained network.</param>
/// <param name="Losses">The mean loss of each epoch, before its update.</param>
/// <param name="Accuracies">The part of the samples that each epoch's forward pass got right.</param>
/// <param name="Times">How long each epoch took.</param>
internal sealed record Outcome(Sequential Model, IReadOnlyList<double> Losses, IReadOnlyList<double> Accuracies, IReadOnlyList<TimeSpan> Times);

/// <summary>The exercise's network: 2 inputs, a hidden layer with ReLU, one output with sigmoid.</summary>
internal static class Network
{
    /// <summary>Trains on all samples at once, in their order, as the notebook does.</summary>
    /// <param name="exercise">The data and the initial weights.</param>
    /// <param name="optimizer">With or without momentum.</param>
    /// <param name="training">Makes the training one that can be stopped and resumed.</param>
    /// <param name="callbacks">Code that runs beside the training.</param>
    public static Outcome Train(Exercise exercise, Optimizer optimizer, Training? training = null, params Callback[] callbacks)
    {
        Settings settings = exercise.Settings;
        Sequential model = new Sequential(inputShape: [2], dtype: DType.Float64)
            .Dense(settings.Hidden, Activation.ReLU, name: "hidden")
            .Dense(1, Activation.Sigmoid, name: "output");
        model.To(settings.Device);
        model.SetWeight("hidden.kernel", Tensor.From(exercise.W1));
        model.SetWeight("output.kernel", Tensor.From(exercise.W2));

        // The notebook's gradients are sums over the batch, but the loss that it prints is a mean, with 1e-9 against log(0).
        Metric printedLoss = Metric.Of("printed_loss", (p, t) => -(t * (p + 1e-9).Log() + (1 - t) * (1 - p + 1e-9).Log()));
        model.Compile(optimizer, Loss.BinaryCrossentropy with { Reduction = Reduction.Sum }, printedLoss, Metric.BinaryAccuracy);
        if (training is not null) callbacks = [.. callbacks, training.Checkpoint()];
        History history = model.Fit(
            Tensor.From(exercise.X), Tensor.From(exercise.Y),
            epochs: settings.Epochs, batchSize: settings.Samples, shuffle: false, verbosity: Verbosity.Silent,
            callbacks: callbacks, resumeFrom: training?.Folder, cancellationToken: training?.Cancellation ?? default);

        // A mean is a sum of ones divided; rounding to whole samples takes the rounding of that division back.
        double[] accuracies = [.. history["binary_accuracy"].Select(accuracy => Math.Round(accuracy * settings.Samples) / settings.Samples)];
        return new Outcome(model, history["printed_loss"], accuracies, history.EpochTimes);
    }
}
