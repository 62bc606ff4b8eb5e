using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace MiniDeep;

/// <summary>Finds the layers and parameters that a layer holds in its fields, and in the lists and dictionaries there.</summary>
internal static class LayerFields
{
    public const DynamicallyAccessedMemberTypes Searched =
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    private const string KeptByLayer =
        "Layer carries DynamicallyAccessedMembers for its fields, which every subclass inherits: each type on the way up to Layer keeps its fields.";

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> s_fields = new();
    private static int s_version;

    /// <summary>Changes whenever some layer is built, renamed or gets a weight, and some parameter is made: what was found before may not be all.</summary>
    public static long Version => ((long)Volatile.Read(ref s_version) << 32) | (uint)Parameter.Made;

    public static void NoteChange() => Interlocked.Increment(ref s_version);

    /// <summary>Every parameter below a layer, each once, with its name there: the path of layers, then its own.</summary>
    public static KeyValuePair<string, Parameter>[] ParametersOf(Layer layer)
    {
        List<KeyValuePair<string, Parameter>> found = [];
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Collect(layer, null, (parameter, path) => found.Add(KeyValuePair.Create(path, parameter)), seen);
        return [.. found];
    }

    /// <summary>The layer itself and every layer below it, each once.</summary>
    public static IEnumerable<Layer> LayersOf(Layer layer)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Collect(layer, null, static (_, _) => { }, seen);
        return seen.OfType<Layer>();
    }

    private static void Collect(Layer layer, string? prefix, Action<Parameter, string> found, HashSet<object> seen)
    {
        if (!seen.Add(layer)) return;
        foreach (Parameter weight in layer.OwnWeights) Take(weight, prefix, weight.LocalName, found, seen);
        foreach (Layer child in layer.NamedChildren)
        {
            child.IsPart = true;
            Collect(child, Join(prefix, child.Name), found, seen);
        }
        foreach (FieldInfo field in FieldsOf(layer))
        {
            object? value = field.GetValue(layer);
            if (value is null) continue;
            Visit(value, prefix, NameOf(field), found, seen);
        }
    }

    private static void Visit(object? value, string? prefix, string name, Action<Parameter, string> found, HashSet<object> seen)
    {
        switch (value)
        {
            case Parameter parameter:
                Take(parameter, prefix, parameter.LocalName, found, seen);
                break;
            case Layer child:
                child.IsPart = true;
                Collect(child, Join(prefix, name), found, seen);
                break;
            case IDictionary dictionary when MayHold(dictionary.GetType()):
                foreach (DictionaryEntry entry in dictionary) Visit(entry.Value, Join(prefix, name), entry.Key.ToString() ?? "", found, seen);
                break;
            case IEnumerable items when MayHold(items.GetType()):
                int index = 0;
                foreach (object? item in items) Visit(item, Join(prefix, name), (index++).ToString(System.Globalization.CultureInfo.InvariantCulture), found, seen);
                break;
        }
    }

    private static void Take(Parameter parameter, string? prefix, string name, Action<Parameter, string> found, HashSet<object> seen)
    {
        if (seen.Add(parameter)) found(parameter, Join(prefix, name));
    }

    /// <summary>_hidden: hidden; the fields that the compiler makes for the property Hidden and for the constructor's parameter hidden: Hidden, hidden.</summary>
    private static string NameOf(FieldInfo field)
    {
        int end = field.Name.IndexOf('>');
        return field.Name.StartsWith('<') && end > 1 ? field.Name[1..end] : field.Name.TrimStart('_');
    }

    private static string Join(string? prefix, string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";

    /// <summary>Arrays and collections of .NET whose elements may be layers; a lazy sequence of the user's own is not enumerated.</summary>
    private static bool MayHold(Type type) => type.IsArray
        ? !type.GetElementType()!.IsPrimitive
        : type.IsGenericType && type.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true
            && Array.Exists(type.GetGenericArguments(), static t => !t.IsPrimitive && t != typeof(string));

    private static FieldInfo[] FieldsOf(Layer layer) => s_fields.GetOrAdd(layer.GetType(), Search);

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = KeptByLayer)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = KeptByLayer)]
    private static FieldInfo[] Search(Type type)
    {
        List<FieldInfo> fields = [];
        for (Type? level = type; level is not null && level.Assembly != typeof(Layer).Assembly; level = level.BaseType)
        {
            fields.InsertRange(0, level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(static f => !f.FieldType.IsPrimitive && f.FieldType != typeof(string)));
        }
        return [.. fields];
    }
}
