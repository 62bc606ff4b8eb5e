using System.Collections.Concurrent;

namespace MiniDeep;

/// <summary>
/// The layers that model files know, by name. A file never names a .NET type: only what is registered here is made from it. Built-in layers are known; layers of one's own are registered
/// before a model with them is saved or loaded.
/// </summary>
/// <example>
/// <code>
/// LayerRegistry.Register("gated_unit", config => new GatedUnit(config.GetInt32("units")));
///
/// sealed class GatedUnit(int units) : Layer
/// {
///     protected override void Describe(LayerConfig config) => config.Set("units", units);
///     …
/// }
/// </code>
/// </example>
public static class LayerRegistry
{
    private static readonly Dictionary<string, Kind> s_builtIn = new()
    {
        ["activation"] = Kind.Of(ActivationLayer.From),
        ["conv2d"] = Kind.Of(Conv2D.From),
        ["dense"] = Kind.Of(Dense.From),
        ["dropout"] = Kind.Of(Dropout.From),
        ["flatten"] = Kind.Of(static _ => new Flatten()),
        ["max_pool2d"] = Kind.Of(MaxPool2D.From),
        [ModelArchitecture.SequentialKind] = Kind.Of(ModelArchitecture.ReadSequential),
    };

    private static readonly ConcurrentDictionary<string, Kind> s_own = new();

    /// <summary>Makes a layer of one's own known to model files. A later one of the same name takes its place.</summary>
    /// <typeparam name="TLayer">The layer.</typeparam>
    /// <param name="name">Its name in files.</param>
    /// <param name="create">Makes it from what its <see cref="Layer.Describe"/> has written; the weights follow by themselves.</param>
    /// <exception cref="ArgumentException">A built-in layer has the name.</exception>
    public static void Register<TLayer>(string name, Func<LayerConfig, TLayer> create)
        where TLayer : Layer
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        if (s_builtIn.ContainsKey(name)) throw new ArgumentException($"There is a built-in layer '{name}': give your own another name.", nameof(name));
        s_own[name] = Kind.Of(create);
    }

    /// <summary>The layers that files know without registration.</summary>
    internal static IEnumerable<Type> BuiltIn => s_builtIn.Values.Select(static kind => kind.Type);

    /// <summary>The name of a layer's kind in files.</summary>
    /// <exception cref="ModelStateException">The layer's type isn't registered; the message says how to.</exception>
    internal static string KindOf(Layer layer)
    {
        Type type = layer.GetType();
        foreach (IEnumerable<KeyValuePair<string, Kind>> kinds in (IEnumerable<KeyValuePair<string, Kind>>[])[s_builtIn, s_own])
        {
            foreach ((string name, Kind kind) in kinds)
            {
                if (kind.Type == type) return name;
            }
        }
        throw new ModelStateException(
            $"{LayerError.Name(layer)} can't be saved: files know layers by name. {HowTo(type.Name)} SaveWeights needs no registration.");
    }

    /// <summary>Makes a layer of a kind.</summary>
    /// <exception cref="InvalidDataFileException">No such kind is known; the message says how to register it.</exception>
    internal static Layer Create(string kind, LayerConfig config, string file) =>
        (s_builtIn.GetValueOrDefault(kind) ?? s_own.GetValueOrDefault(kind) ?? throw new InvalidDataFileException(
            file, $"a layer of a known kind ({string.Join(", ", s_builtIn.Keys.Concat(s_own.Keys).Order(StringComparer.Ordinal))})",
            $"{EntryName.Shown(kind)}; if it is a layer of your own: {HowTo("MyLayer").TrimEnd('.')}")).Create(config);

    private static string HowTo(string type) =>
        $"Before saving and loading, call LayerRegistry.Register(\"a_name\", config => new {type}(…)), and override Describe for its arguments.";

    /// <summary>A kind of layer: its type, and what makes one.</summary>
    private sealed record Kind(Type Type, Func<LayerConfig, Layer> Create)
    {
        public static Kind Of<TLayer>(Func<LayerConfig, TLayer> create)
            where TLayer : Layer => new(typeof(TLayer), create);
    }
}
