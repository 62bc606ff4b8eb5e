using MiniDeep.Data;

namespace MiniDeep;

public abstract partial class Model
{
    /// <summary>Trains the model.</summary>
    /// <param name="train">The samples and targets.</param>
    /// <param name="epochs">Passes over them.</param>
    /// <param name="batchSize">Samples in a step; the last of an epoch may have fewer.</param>
    /// <param name="validationData">What the model is measured on after each epoch.</param>
    /// <param name="validationSplit">Instead of <paramref name="validationData"/>: the part of <paramref name="train"/>, from its end and before shuffling, to measure on.</param>
    /// <param name="shuffle">Whether each epoch has its own random order: a function of the model's seed and of the epoch.</param>
    /// <param name="seed">Another seed for the order.</param>
    /// <param name="verbosity">What is written to the console.</param>
    /// <param name="callbacks">Code that runs after steps and epochs.</param>
    /// <param name="resumeFrom">
    /// A folder of a <see cref="Checkpoint"/>: the run goes on from its newest, with the same bits as one that was never broken, and the history begins with that of the run before. Model,
    /// optimizer, loss, data, batch size and callbacks are as in that run; <paramref name="epochs"/> counts from its beginning. Where there is no checkpoint yet, the run begins.
    /// </param>
    /// <param name="cancellationToken">Ends the run between two steps, or between two batches of the validation.</param>
    /// <returns>The loss and metrics of each epoch.</returns>
    /// <exception cref="ModelStateException">The model isn't compiled, or is already in training.</exception>
    /// <exception cref="ArgumentException">The data set is empty, or an argument is out of range.</exception>
    /// <exception cref="ShapeException">Samples or targets don't fit the model; the message names the layer.</exception>
    /// <exception cref="LabelException">A class number is outside the model's classes.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity, where <see cref="WatchNonFinite"/> is set.</exception>
    /// <exception cref="StaleTensorException">A layer touched a tensor that it had kept from an earlier step.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled; the model is as after the last whole step.</exception>
    /// <exception cref="InvalidDataFileException">The newest checkpoint is broken or doesn't fit the model; the message names it, the model is as before.</exception>
    /// <exception cref="IOException">A checkpoint couldn't be written; the message names it, the older ones are whole.</exception>
    public History Fit(
        Dataset train, int epochs = 1, int batchSize = 32, Dataset? validationData = null, double validationSplit = 0, bool shuffle = true, long? seed = null,
        Verbosity verbosity = Verbosity.Auto, IEnumerable<Callback>? callbacks = null, string? resumeFrom = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        if (validationSplit is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(validationSplit), validationSplit, "The part goes from 0 up to but not including 1.");
        if (validationSplit > 0)
        {
            if (validationData is not null) throw new ArgumentException("Give validationData or validationSplit, not both.", nameof(validationSplit));
            (Dataset first, Dataset last) = train.Split(1 - validationSplit);
            if (train.Count > 0 && (first.Count == 0 || last.Count == 0))
            {
                throw new ArgumentException(
                    $"A validation split of {validationSplit} of {train.Count} samples leaves {first.Count} to train on and {last.Count} to validate with.", nameof(validationSplit));
            }
            (train, validationData) = (first, last);
        }
        List<Callback> all = [.. callbacks ?? []];
        if (all.Contains(null!)) throw new ArgumentException("A callback is null.", nameof(callbacks));
        if (ProgressPrinter.For(verbosity) is { } printer) all.Add(printer);
        (Optimizer optimizer, Loss loss) = Compiled("Fit");
        if (Interlocked.Exchange(ref _training, 1) != 0)
            throw new ModelStateException($"{LayerError.Name(this)} is already in training: Fit runs once at a time on a model.");
        StepMemory memory = _trainingMemory.Take(Device);
        try
        {
            Prepare(train, loss, batchSize, nameof(train));
            if (validationData is not null) Prepare(validationData, loss, batchSize, nameof(validationData));
            Callback[] ordered = [.. all.Where(static callback => callback is not Checkpoint), .. all.OfType<Checkpoint>()];
            var trainer = new Trainer(this, optimizer, new Scoring(loss, _metrics, Device), new Scoring(loss, _metrics, Device), memory, ordered, cancellationToken);
            RandomStream? order = shuffle ? RandomStream.Of(seed ?? Seed, RandomPurpose.Shuffle) : null;
            Resumption? checkpoint = resumeFrom is null ? null : Resumption.Find(resumeFrom, this, optimizer, isOrderGiven: seed is not null);
            return trainer.Run(train.WithBatchesOn(Device), epochs, batchSize, validationData?.WithBatchesOn(Device), order, checkpoint);
        }
        finally
        {
            foreach (Parameter parameter in Parameters) parameter.ForgetGradient();
            _trainingMemory.Return(memory);
            Volatile.Write(ref _training, 0);
        }
    }

    /// <summary>Trains the model on tensors.</summary>
    /// <param name="features">The samples, [count, …].</param>
    /// <param name="targets">What belongs to each, [count, …].</param>
    /// <param name="epochs">Passes over them.</param>
    /// <param name="batchSize">Samples in a step; the last of an epoch may have fewer.</param>
    /// <param name="validationData">What the model is measured on after each epoch.</param>
    /// <param name="validationSplit">Instead of <paramref name="validationData"/>: the part of the samples, from its end and before shuffling, to measure on.</param>
    /// <param name="shuffle">Whether each epoch has its own random order: a function of the model's seed and of the epoch.</param>
    /// <param name="seed">Another seed for the order.</param>
    /// <param name="verbosity">What is written to the console.</param>
    /// <param name="callbacks">Code that runs after steps and epochs.</param>
    /// <param name="resumeFrom">A folder of a <see cref="Checkpoint"/>: the run goes on from its newest, as if it had never been broken; where there is none yet, it begins.</param>
    /// <param name="cancellationToken">Ends the run between two steps, or between two batches of the validation.</param>
    /// <inheritdoc cref="Fit(Dataset, int, int, Dataset?, double, bool, long?, Verbosity, IEnumerable{Callback}?, string?, CancellationToken)" path="/returns|/exception"/>
    public History Fit(
        Tensor features, Tensor targets, int epochs = 1, int batchSize = 32, Dataset? validationData = null, double validationSplit = 0, bool shuffle = true, long? seed = null,
        Verbosity verbosity = Verbosity.Auto, IEnumerable<Callback>? callbacks = null, string? resumeFrom = null, CancellationToken cancellationToken = default) =>
        Fit(new Dataset(features, targets), epochs, batchSize, validationData, validationSplit, shuffle, seed, verbosity, callbacks, resumeFrom, cancellationToken);

    /// <summary>Measures the loss and the metrics on a data set.</summary>
    /// <param name="data">The samples and targets.</param>
    /// <param name="batchSize">Samples that are computed at once; the result doesn't depend on it, but for rounding.</param>
    /// <exception cref="ModelStateException">The model isn't compiled.</exception>
    public Evaluation Evaluate(Dataset data, int batchSize = 256)
    {
        ArgumentNullException.ThrowIfNull(data);
        (_, Loss loss) = Compiled("Evaluate");
        Prepare(data, loss, batchSize, nameof(data));
        var scoring = new Scoring(loss, _metrics, Device);
        EvaluateWith(scoring, data.WithBatchesOn(Device), batchSize);
        return new Evaluation(scoring.Logs());
    }

    /// <summary>Measures the loss and the metrics on tensors.</summary>
    /// <inheritdoc cref="Evaluate(Dataset, int)"/>
    public Evaluation Evaluate(Tensor features, Tensor targets, int batchSize = 256) => Evaluate(new Dataset(features, targets), batchSize);

    /// <summary>The model's answer to samples. May be called by several threads at once.</summary>
    /// <param name="x">The samples, [count, …]; converted to the model's dtype.</param>
    /// <param name="batchSize">Samples that are computed at once.</param>
    /// <returns>The results, [count, …], the caller's to keep.</returns>
    public Tensor Predict(Tensor x, int batchSize = 256)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (x.Rank == 0) throw new ShapeException($"{LayerError.Name(this)} takes a batch of samples, not a scalar.");
        EnsureBuilt(x.Shape.From(1));
        return Inference.Predict(this, _inferenceMemory, x.Shape[0], batchSize, (start, count) => x.Rows(start, count).To(Device).To(ModelDType));
    }

    /// <summary>The model's answer to the samples of a data set, in order.</summary>
    /// <inheritdoc cref="Predict(Tensor, int)"/>
    public Tensor Predict(Dataset data, int batchSize = 256)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        EnsureBuilt(data.FeatureShape);
        Dataset here = data.WithBatchesOn(Device);
        return Inference.Predict(this, _inferenceMemory, data.Count, batchSize, (start, count) => here.Read(null, start, count, ModelDType).Features);
    }

    internal void EvaluateWith(Scoring scoring, Dataset data, int batchSize, CancellationToken cancellation = default) =>
        Inference.Evaluate(this, _inferenceMemory, scoring, data, batchSize, cancellation);

    private (Optimizer Optimizer, Loss Loss) Compiled(string what) => _optimizer is not null && _loss is not null
        ? (_optimizer, _loss)
        : throw new ModelStateException($"{LayerError.Name(this)} isn't compiled: call Compile(optimizer, loss) before {what}.");

    /// <summary>Everything about a data set that can be checked before the first step, so that an error leaves the model as it was.</summary>
    private void Prepare(Dataset data, Loss loss, int batchSize, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (data.Count == 0) throw new ArgumentException("The data set is empty.", parameter);
        EnsureBuilt(data.FeatureShape);
        if (data.FeatureShape != InputShape)
        {
            throw LayerError.Input(this, $"samples of shape {InputShape}", $"a data set whose samples have shape {data.FeatureShape}",
                data.FeatureShape.ElementCount == InputShape.ElementCount ? $"Reshape the features to [count, {string.Join(", ", InputShape.Sizes.ToArray())}]." : "Check the input shape that the model was made for.");
        }
        if (loss.TakesLabels && OutputShape.Rank > 0) data.CheckLabels(OutputShape[^1]);
        CheckTargets(data, loss, Math.Min(batchSize, data.Count));
    }

    /// <summary>Runs loss and metrics on shapes alone, so that targets that don't fit are found before the first step, and those of the validation before the first epoch.</summary>
    private void CheckTargets(Dataset data, Loss loss, int batchSize)
    {
        using (Tensor.NoGrad())
        {
            // as from softmax: what a cross-entropy of those runs is needed anyway
            var predictions = new ProbabilityTensor(Tensor.Empty(OutputShape.Prepend(batchSize), ModelDType, Device.Shapes), ProbabilityKind.Softmax);
            Tensor targets = Tensor.Empty(data.TargetShape.Prepend(batchSize), data.TargetDType.IsFloat() ? ModelDType : data.TargetDType, Device.Shapes);
            try
            {
                loss.Of(predictions, targets);
                foreach (Metric metric in _metrics) metric.Of(predictions, targets);
            }
            catch (ShapeInferenceException)
            {
                // one of the user's own that reads values: what is wrong with it shows in the first step
            }
        }
    }
}
