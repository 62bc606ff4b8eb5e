using System.Globalization;
using MiniDeep;
using MiniDeep.Examples;

namespace ActivationCnn;

/// <summary>What the study compares, and how.</summary>
/// <param name="Candidates">The activations.</param>
/// <param name="Epochs">Passes over the training images.</param>
/// <param name="BatchSize">Images in a step.</param>
/// <param name="LearningRate">Adam's.</param>
/// <param name="FirstSeed">The seed of the first training of each activation; the next ones count up.</param>
/// <param name="Seeds">Trainings of each activation.</param>
/// <param name="Device">Where to compute.</param>
internal sealed record StudySettings(IReadOnlyList<Candidate> Candidates, int Epochs, int BatchSize, double LearningRate, long FirstSeed, int Seeds, Device Device);

/// <summary>One training and what came of it.</summary>
/// <param name="Candidate">The activation.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Curve">Loss and accuracy on the training images on the way.</param>
/// <param name="TestLoss">The loss on the test images after each epoch.</param>
/// <param name="TestAccuracy">The accuracy on the test images after each epoch.</param>
/// <param name="Test">How the finished model does on the test images.</param>
/// <param name="TrainingTime">The time of all training steps.</param>
/// <param name="StepTime">The time of a step.</param>
internal sealed record TrainingRun(
    Candidate Candidate, long Seed, IReadOnlyList<CurvePoint> Curve, IReadOnlyList<double> TestLoss, IReadOnlyList<double> TestAccuracy, TestResult Test, TimeSpan TrainingTime,
    TimeSpan StepTime);

/// <summary>Trains the same network with each activation.</summary>
internal static class Study
{
    /// <summary>Trains every activation with one seed, then with the next: what disturbs the clock meets them all.</summary>
    /// <param name="images">What to learn.</param>
    /// <param name="settings">What to compare.</param>
    /// <param name="journal">Is told of what happens.</param>
    /// <param name="trainings">Keeps the state of each; trainings whose state is there go on from it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<TrainingRun> Run(ImageSet images, StudySettings settings, Journal journal, Trainings trainings)
    {
        List<TrainingRun> runs = [];
        for (int repetition = 0; repetition < settings.Seeds; repetition++)
        {
            foreach (Candidate candidate in settings.Candidates)
            {
                journal.Begin(candidate, settings, repetition);
                long seed = settings.FirstSeed + repetition;
                Training training = trainings[string.Create(CultureInfo.InvariantCulture, $"{candidate.Key}-{seed}")];
                TrainingRun run = Train(images, settings, candidate, seed, journal.Verbosity, training);
                journal.End(run);
                runs.Add(run);
            }
        }
        return runs;
    }

    private static TrainingRun Train(ImageSet images, StudySettings settings, Candidate candidate, long seed, Verbosity verbosity, Training training)
    {
        Sequential model = Cnn.Create(images.ImageShape, images.Classes, candidate.Function, settings.LearningRate, seed);
        model.To(settings.Device);
        var recorder = new CurveRecorder(images.Train.Count, settings.BatchSize);
        History history = model.Fit(
            images.Train, settings.Epochs, settings.BatchSize, validationData: images.Test, verbosity: verbosity,
            callbacks: [recorder, training.Checkpoint(everyEpochs: 1)], resumeFrom: training.Folder, cancellationToken: training.Cancellation);
        var result = TestResult.Of(model, images);
        training.Cancellation.ThrowIfCancellationRequested();
        return new TrainingRun(candidate, seed, recorder.Points, history["val_loss"], history["val_accuracy"], result, recorder.TrainingTime, recorder.StepTime);
    }
}
