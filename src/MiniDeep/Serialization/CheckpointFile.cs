using System.Text;
using System.Text.Json.Nodes;

namespace MiniDeep;

/// <summary>
/// Checkpoints as files: a model file with more in it. Numbers that must come back to the bit are tensors under <see cref="ModelFile.TrainingPrefix"/>, the rest is JSON in the metadata.
/// </summary>
internal static class CheckpointFile
{
    public const int Version = 1;

    public const string Sums = ModelFile.TrainingPrefix + "sums", Weights = ModelFile.TrainingPrefix + "weights";
    public const string History = ModelFile.TrainingPrefix + "history", Times = ModelFile.TrainingPrefix + "times";

    /// <summary>What an optimizer remembers of a weight.</summary>
    public static string Optimizer(int number, string weight) => $"{ModelFile.TrainingPrefix}optimizer/{number}/{weight}";

    /// <summary>What a callback remembers, in UTF-8: a tensor too, because it may be longer than a text of the metadata.</summary>
    public static string Callback(int number) => $"{ModelFile.TrainingPrefix}callbacks/{number}";

    /// <summary>Writes a checkpoint.</summary>
    /// <exception cref="IOException">The file couldn't be written; the message names it, and what was there is as it was.</exception>
    public static void Write(string path, Model model, Optimizer optimizer, TrainingState state)
    {
        model.CheckHasWeights();
        List<KeyValuePair<string, Tensor>> tensors = [.. model.SavedWeights()];
        if (tensors.Exists(static tensor => tensor.Key.StartsWith(ModelFile.TrainingPrefix, StringComparison.Ordinal)))
            throw new ModelStateException($"In a checkpoint '{ModelFile.TrainingPrefix}' begins the names of what isn't a weight: give the layer another name.");
        foreach ((string name, Parameter parameter) in model.NamedParameters)
        {
            IReadOnlyList<Tensor> remembered = optimizer.Remembered(parameter);
            for (int i = 0; i < remembered.Count; i++) Add(Optimizer(i, name), remembered[i]);
        }
        Add(Sums, Tensor.From(state.Totals.Sums));
        Add(Weights, Tensor.From(state.Totals.Weights));
        Add(History, Tensor.From<double>([.. state.History.SelectMany(static row => row)], [state.History.Count, state.Names.Count]));
        Add(Times, Tensor.From<long>([.. state.EpochTimes.Select(static time => time.Ticks)]));
        for (int i = 0; i < state.Callbacks.Count; i++)
        {
            if (state.Callbacks[i].Value is { } remembered) Add(Callback(i), Tensor.From<byte>(Encoding.UTF8.GetBytes(remembered)));
        }
        Dictionary<string, string> metadata = new() { [ModelFile.TrainingKey] = Describe(model, optimizer, state).ToJsonString() };
        if (Architecture(model) is { } architecture) metadata[ModelFile.ArchitectureKey] = architecture;
        SafeTensors.Write(path, tensors, metadata);

        void Add(string name, Tensor tensor) => tensors.Add(KeyValuePair.Create(name, tensor));
    }

    /// <summary>A model whose layers aren't registered can be resumed, because there it is given; it can't be loaded from the checkpoint alone.</summary>
    private static string? Architecture(Model model)
    {
        try
        {
            return ModelArchitecture.Write(model);
        }
        catch (ModelStateException)
        {
            return null;
        }
    }

    private static JsonObject Describe(Model model, Optimizer optimizer, TrainingState state)
    {
        var dropouts = new JsonArray();
        foreach (Dropout dropout in LayerFields.LayersOf(model).OfType<Dropout>())
            dropouts.Add((JsonNode)new LayerConfig("a dropout").Set("key", dropout.Key.ToString("x16")).Set("draws", dropout.Draws.Value).Json);
        var callbacks = new JsonArray();
        foreach ((string name, _) in state.Callbacks) callbacks.Add((JsonNode)name);
        LayerConfig config = new LayerConfig("the training state")
            .Set("version", Version)
            .Set("epoch", state.Epoch).Set("step", state.Step).Set("steps_per_epoch", state.StepsPerEpoch).Set("samples", state.Samples).Set("batch_size", state.BatchSize)
            .Set("order_key", state.OrderKey?.ToString("x16") ?? "")
            .Set("elapsed", state.Elapsed.Ticks)
            .Set("optimizer", optimizer.GetType().Name).Set("iterations", optimizer.Iterations).Set("learning_rate", optimizer.LearningRate);
        var names = new JsonArray();
        foreach (string name in state.Names) names.Add((JsonNode)name);
        (config.Json["names"], config.Json["dropouts"], config.Json["callbacks"], config.Json["frozen"]) = (names, dropouts, callbacks, ModelArchitecture.Frozen(model));
        return config.Json;
    }
}
