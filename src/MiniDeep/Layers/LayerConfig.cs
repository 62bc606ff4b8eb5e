using System.Globalization;
using System.Text.Json.Nodes;

namespace MiniDeep;

/// <summary>
/// What a file says of a layer beside its weights: names and values, written by the layer's <see cref="Layer.Describe"/> and read by what makes it again.
/// </summary>
public sealed class LayerConfig
{
    private readonly string _layer;

    /// <summary>The values of a file.</summary>
    /// <param name="json">The values.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="layer">What messages call the layer.</param>
    internal LayerConfig(JsonObject json, string file, string layer) => (Json, File, _layer) = (json, file, layer);

    /// <summary>A description that is to be written.</summary>
    internal LayerConfig(string layer) : this([], "", layer)
    {
    }

    /// <summary>The file that the values come from.</summary>
    internal string File { get; }

    /// <summary>The values as JSON.</summary>
    internal JsonObject Json { get; }

    /// <summary>Writes a truth value.</summary>
    /// <returns>The same description.</returns>
    public LayerConfig Set(string name, bool value) => Add(name, JsonValue.Create(value));

    /// <summary>Writes a whole number.</summary>
    /// <returns>The same description.</returns>
    public LayerConfig Set(string name, int value) => Add(name, JsonValue.Create(value));

    /// <summary>Writes a whole number.</summary>
    /// <returns>The same description.</returns>
    public LayerConfig Set(string name, long value) => Add(name, JsonValue.Create(value));

    /// <summary>Writes a number, NaN and infinity too; the same bits are read.</summary>
    /// <returns>The same description.</returns>
    public LayerConfig Set(string name, double value) => Add(name, Number(value));

    /// <summary>Writes a text.</summary>
    /// <returns>The same description.</returns>
    public LayerConfig Set(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Add(name, JsonValue.Create(value));
    }

    /// <summary>Writes rows and columns.</summary>
    /// <returns>The same description.</returns>
    public LayerConfig Set(string name, Size2D value) => Add(name, new JsonArray(value.Height, value.Width));

    /// <summary>Writes an activation.</summary>
    /// <returns>The same description.</returns>
    /// <exception cref="ModelStateException">It is one of the user's own that isn't registered; the message says how to.</exception>
    public LayerConfig Set(string name, Activation value)
    {
        ArgumentNullException.ThrowIfNull(value);
        value.CheckSaved();
        return Add(name, Named(value.Name, value.Numbers));
    }

    /// <summary>Writes an initializer.</summary>
    /// <returns>The same description.</returns>
    public LayerConfig Set(string name, Initializer value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Add(name, Named(value.Name, value.Numbers));
    }

    /// <summary>Reads a truth value.</summary>
    /// <exception cref="InvalidDataFileException">There is none of this name.</exception>
    public bool GetBoolean(string name) => Find(name) is JsonValue value && value.TryGetValue(out bool found) ? found : throw Missing(name, "true or false");

    /// <summary>Reads a whole number.</summary>
    /// <exception cref="InvalidDataFileException">There is none of this name, or it doesn't fit 32 bits.</exception>
    public int GetInt32(string name) => Find(name) is JsonValue value && value.TryGetValue(out int found) ? found : throw Missing(name, "a whole number of 32 bits");

    /// <summary>Reads a whole number.</summary>
    /// <exception cref="InvalidDataFileException">There is none of this name, or it doesn't fit 64 bits.</exception>
    public long GetInt64(string name) => Find(name) is JsonValue value && value.TryGetValue(out long found) ? found : throw Missing(name, "a whole number of 64 bits");

    /// <summary>Reads a number.</summary>
    /// <exception cref="InvalidDataFileException">There is none of this name.</exception>
    public double GetDouble(string name) => Number(Find(name)) ?? throw Missing(name, "a number");

    /// <summary>Reads a text.</summary>
    /// <exception cref="InvalidDataFileException">There is none of this name.</exception>
    public string GetString(string name) => Find(name) is JsonValue value && value.TryGetValue(out string? found) ? found : throw Missing(name, "a text");

    /// <summary>Reads rows and columns.</summary>
    /// <exception cref="InvalidDataFileException">There are none of this name.</exception>
    public Size2D GetSize2D(string name) =>
        Find(name) is JsonArray { Count: 2 } pair && pair[0] is JsonValue first && pair[1] is JsonValue second && first.TryGetValue(out int height) && second.TryGetValue(out int width)
            ? new Size2D(height, width)
            : throw Missing(name, "two whole numbers");

    /// <summary>Reads an activation.</summary>
    /// <exception cref="InvalidDataFileException">There is none of this name, or it is one of the user's own that isn't registered; the message says how to.</exception>
    public Activation GetActivation(string name)
    {
        (string kind, JsonObject numbers) = GetNamed(name, "an activation");
        return Activation.Named(kind, number => Number(numbers[number]) ?? throw Missing($"{name}.{number}", "a number")) ?? throw Missing(
            name, "an activation that is known, or one of your own that was registered first with Activation.Register(Activation.Of(name, function))");
    }

    /// <summary>Reads an initializer.</summary>
    /// <exception cref="InvalidDataFileException">There is none of this name.</exception>
    public Initializer GetInitializer(string name)
    {
        (string kind, JsonObject numbers) = GetNamed(name, "an initializer");
        return Initializer.Named(kind, number => Number(numbers[number]) ?? throw Missing($"{name}.{number}", "a number")) ?? throw Missing(name, "an initializer");
    }

    internal LayerConfig Set(string name, Padding value) => Set(name, value == Padding.Same ? "same" : "valid");

    internal Padding GetPadding(string name) => GetString(name) switch
    {
        "same" => Padding.Same,
        "valid" => Padding.Valid,
        _ => throw Missing(name, "'same' or 'valid'"),
    };

    internal LayerConfig Set(string name, Shape value)
    {
        var sizes = new JsonArray();
        foreach (int size in value) sizes.Add((JsonNode)size);
        return Add(name, sizes);
    }

    internal Shape GetShape(string name)
    {
        if (Find(name) is not JsonArray { Count: <= ElementBytes.MaxRank } sizes) throw Missing(name, "a shape");
        var shape = new int[sizes.Count];
        for (int i = 0; i < shape.Length; i++)
        {
            if (sizes[i] is not JsonValue value || !value.TryGetValue(out shape[i]) || shape[i] < 0) throw Missing(name, "a shape of whole numbers");
        }
        return Shape.Create(shape);
    }

    /// <summary>What a file should have said.</summary>
    internal InvalidDataFileException Missing(string name, string expected) => new(
        File, $"{expected} as {EntryName.Shown(name)} of {_layer}", Find(name) is { } value ? EntryName.Shown(value.ToJsonString()) : "nothing");

    private static JsonNode Number(double value) => double.IsFinite(value)
        ? JsonValue.Create(value)
        : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static double? Number(JsonNode? node) => node is not JsonValue value ? null
        : value.TryGetValue(out double number) && double.IsFinite(number) ? number
        : value.TryGetValue(out string? text) && text is "NaN" or "Infinity" or "-Infinity" ? double.Parse(text, CultureInfo.InvariantCulture)
        : null;

    /// <summary>"relu"; {"name": "leaky_relu", "alpha": 0.3}.</summary>
    private static JsonNode Named(string name, IReadOnlyList<KeyValuePair<string, double>> numbers)
    {
        if (numbers.Count == 0) return JsonValue.Create(name);
        JsonObject json = new() { ["name"] = name };
        foreach ((string key, double value) in numbers) json[key] = Number(value);
        return json;
    }

    private (string Name, JsonObject Numbers) GetNamed(string name, string what) => Find(name) switch
    {
        JsonValue value when value.TryGetValue(out string? only) => (only, []),
        JsonObject json when json["name"] is JsonValue value && value.TryGetValue(out string? kind) => (kind, json),
        _ => throw Missing(name, what),
    };

    private JsonNode? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Json[name];
    }

    private LayerConfig Add(string name, JsonNode value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Json.ContainsKey(name)) throw new ArgumentException($"The description of {_layer} has '{name}' already.", nameof(name));
        Json[name] = value;
        return this;
    }
}
