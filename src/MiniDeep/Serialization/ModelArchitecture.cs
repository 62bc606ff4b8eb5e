using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniDeep;

/// <summary>Models as JSON: the kind, the name and the description of each layer.</summary>
internal static class ModelArchitecture
{
    public const string SequentialKind = "sequential";

    private const int Version = 1;
    private const int MaxLayers = 4096;
    private const int MaxDepth = 64;

    /// <summary>Describes a model.</summary>
    /// <exception cref="ModelStateException">A layer or an activation of the user's own isn't registered.</exception>
    public static string Write(Model model)
    {
        return new JsonObject { ["version"] = Version, ["model"] = Write((Layer)model), ["frozen"] = Frozen(model) }.ToJsonString();
    }

    /// <summary>The names of the weights that training leaves alone.</summary>
    public static JsonArray Frozen(Model model)
    {
        var frozen = new JsonArray();
        foreach ((string name, Parameter parameter) in model.NamedParameters)
        {
            if (!parameter.Trainable) frozen.Add((JsonNode)name);
        }
        return frozen;
    }

    /// <summary>Makes a model from its description, with blank weights.</summary>
    /// <param name="text">The description.</param>
    /// <param name="file">The file that it comes from.</param>
    /// <exception cref="InvalidDataFileException">The text doesn't describe a model.</exception>
    public static Model Read(string text, string file)
    {
        try
        {
            JsonNode? root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            var config = new LayerConfig(root as JsonObject ?? throw NoModel("something else than a JSON object"), file, "the architecture");
            if (config.GetInt32("version") is not Version and var version)
                throw new InvalidDataFileException(file, $"an architecture of version {Version}", $"version {version}: a newer MiniDeep may read it");
            var model = ReadLayer(config.Json["model"], file) as Model ?? throw NoModel("a layer that is none");
            ReadFrozen(model, config.Json["frozen"], file)();
            return model;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException or MiniDeepException)
        {
            // what a text of unknown origin makes the JSON reader, the layers' constructors and Build complain about
            throw new InvalidDataFileException(file, "the architecture of a model", $"one that can't be built ({EntryName.Printable(error.Message)})", error);
        }

        InvalidDataFileException NoModel(string found) => new(file, "the architecture of a model", found);
    }

    /// <summary>Reads the names that <see cref="Frozen"/> has written.</summary>
    /// <returns>Freezes these weights and no others.</returns>
    /// <exception cref="InvalidDataFileException">The model has no such weights.</exception>
    public static Action ReadFrozen(Model model, JsonNode? frozen, string file)
    {
        if (frozen is not JsonArray names) throw new InvalidDataFileException(file, "a list of the weights that are frozen", "none");
        Dictionary<string, Parameter> parameters = new(model.NamedParameters);
        var found = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
        foreach (JsonNode? name in names)
        {
            if (name is not JsonValue value || !value.TryGetValue(out string? text) || !parameters.TryGetValue(text, out Parameter? parameter))
                throw new InvalidDataFileException(file, "frozen weights that the model has", EntryName.Shown(name?.ToJsonString() ?? "null"));
            found.Add(parameter);
        }
        return () =>
        {
            foreach (Parameter parameter in parameters.Values) parameter.Trainable = !found.Contains(parameter);
        };
    }

    /// <summary>Makes a Sequential from its description.</summary>
    public static Sequential ReadSequential(LayerConfig config)
    {
        if (config.Json["layers"] is not JsonArray { Count: <= MaxLayers } layers) throw config.Missing("layers", $"at most {MaxLayers} layers");
        DType dtype = config.GetString("dtype") switch
        {
            nameof(DType.Float32) => DType.Float32,
            nameof(DType.Float64) => DType.Float64,
            _ => throw config.Missing("dtype", "Float32 or Float64"),
        };
        Layer[] made = [.. layers.Select(layer => ReadLayer(layer, config.File))];
        return Sequential.Of(made, config.GetShape("input_shape"), dtype, config.GetInt64("seed"), config.GetBoolean("fuse_layers"));
    }

    /// <summary>Describes a Sequential.</summary>
    public static void WriteSequential(Sequential model, LayerConfig config)
    {
        if (!model.IsBuilt) throw new ModelStateException($"{LayerError.Name(model)} has no weights yet, so it can't be saved: give it an input shape, or call it once.");
        if (model.Layers.Count > MaxLayers) throw new ModelStateException($"{LayerError.Name(model)} has {model.Layers.Count} layers; a model file holds at most {MaxLayers}.");
        config.Set("dtype", model.ModelDType.ToString()).Set("seed", model.Seed).Set("input_shape", model.InputShape).Set("fuse_layers", model.FuseLayers);
        var layers = new JsonArray();
        foreach (Layer layer in model.Layers) layers.Add((JsonNode)Write(layer));
        config.Json["layers"] = layers;
    }

    private static JsonObject Write(Layer layer)
    {
        var config = new LayerConfig(LayerError.Name(layer));
        string kind = LayerRegistry.KindOf(layer);
        layer.Describe(config);
        JsonObject json = new() { ["kind"] = kind, ["name"] = layer.Name };
        if (config.Json.Count > 0) json["config"] = config.Json;
        return json;
    }

    private static Layer ReadLayer(JsonNode? node, string file)
    {
        var head = new LayerConfig(node as JsonObject ?? throw new InvalidDataFileException(file, "layers that are JSON objects", "something else"), file, "a layer");
        string name = head.GetString("name");
        if (!EntryName.IsHarmless(name) || string.IsNullOrWhiteSpace(name)) throw head.Missing("name", "a printable name");
        JsonObject values = head.Json["config"] switch
        {
            null => [],
            JsonObject json => json,
            _ => throw head.Missing("config", "a JSON object"),
        };
        Layer layer = LayerRegistry.Create(head.GetString("kind"), new LayerConfig(values, file, $"layer {EntryName.Shown(name)}"), file);
        layer.Name = name;
        return layer;
    }
}
