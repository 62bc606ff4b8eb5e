using System.CommandLine;
using System.Globalization;

namespace MiniDeep.Examples;

/// <summary>The options that the examples share, and numbers within bounds.</summary>
public static class ExampleOptions
{
    /// <summary><c>--lang en|fr</c>. <see cref="Language.Of(IReadOnlyList{string}, CultureInfo)"/> reads it; here it is declared and checked.</summary>
    public static Option<string> Lang(Language language)
    {
        var option = new Option<string>("--lang")
        {
            Description = language.Choose("The language: en or fr; by default the system's.", "La langue : en ou fr ; par défaut celle du système."),
        };
        option.AcceptOnlyFromAmong(Language.English.Code, Language.French.Code);
        return option;
    }

    /// <summary><c>--output FOLDER</c>: where pictures go, and the state of trainings that are stopped. <see cref="OutputFolder.Of"/> takes its value.</summary>
    public static Option<DirectoryInfo?> Output(Language language) => new("--output")
    {
        Description = language.Choose(
            "The folder for the pictures; by default output/ beside the project.", "Le dossier des images ; par défaut output/ à côté du projet."),
        HelpName = language.Choose("folder", "dossier"),
    };

    /// <summary><c>--resume</c>, for <see cref="Trainings"/>.</summary>
    public static Option<bool> Resume(Language language) => new("--resume")
    {
        Description = language.Choose("Go on where the same command was stopped.", "Reprendre là où la même commande a été arrêtée."),
    };

    /// <summary><c>--device cpu|cuda|opencl|auto</c>. <see cref="Find"/> takes its value.</summary>
    public static Option<string> Device(Language language)
    {
        var option = new Option<string>("--device")
        {
            Description = language.Choose(
                "Where to compute: cpu, cuda, opencl, or auto for the best GPU and otherwise the CPU.", "Où calculer : cpu, cuda, opencl, ou auto pour le meilleur GPU et sinon le CPU."),
            DefaultValueFactory = static _ => "cpu",
        };
        option.AcceptOnlyFromAmong("cpu", "cuda", "opencl", "auto");
        return option;
    }

    /// <summary>The device that <c>--device</c> names.</summary>
    /// <exception cref="DeviceException">It isn't there.</exception>
    public static Device Find(string? name) => name switch
    {
        "cuda" => Gpu.Cuda(),
        "opencl" => Gpu.OpenCL(),
        "auto" when Gpu.IsAvailable => Gpu.Best(),
        _ => MiniDeep.Device.Cpu,
    };

    // A number without a default is one whose default the command works out: it asks with GetValueOr.

    /// <summary>A whole number within bounds.</summary>
    public static Option<int> Integer(Language language, string name, string description, int? byDefault, int minimum, int maximum = int.MaxValue) =>
        Bounded(new Option<int>(name) { Description = description }, byDefault, minimum, maximum,
            language.Choose($"a whole number from {minimum} to {maximum}", $"un nombre entier de {minimum} à {maximum}"), language,
            static text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : null);

    /// <summary>A seed of NumPy's: from 0 to 2^32 - 1.</summary>
    public static Option<long> Seed(Language language, string name, string description, long? byDefault) =>
        Bounded(new Option<long>(name) { Description = description }, byDefault, 0, uint.MaxValue,
            language.Choose($"a whole number from 0 to {uint.MaxValue}", $"un nombre entier de 0 à {uint.MaxValue}"), language,
            static text => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null);

    /// <summary>A number within bounds, written with a decimal point.</summary>
    public static Option<double> Number(Language language, string name, string description, double? byDefault, double minimum, double maximum) =>
        Bounded(new Option<double>(name) { Description = description }, byDefault, minimum, maximum,
            language.Choose(FormattableString.Invariant($"a number from {minimum} to {maximum}"), FormattableString.Invariant($"un nombre de {minimum} à {maximum}")), language,
            static text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null);

    /// <summary>What the command line gives for an option, otherwise a default.</summary>
    public static T GetValueOr<T>(this ParseResult parsed, Option<T> option, T byDefault)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.GetResult(option) is { Implicit: false } ? parsed.GetRequiredValue(option) : byDefault;
    }

    /// <summary>Replaces the parser's conversion by one that says which numbers the option takes.</summary>
    private static Option<T> Bounded<T>(Option<T> option, T? byDefault, T minimum, T maximum, string expected, Language language, Func<string, T?> parse)
        where T : struct, IComparable<T>
    {
        option.HelpName = language.Choose("number", "nombre");
        if (byDefault is { } known) option.DefaultValueFactory = _ => known;
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (parse(text) is { } value && value.CompareTo(minimum) >= 0 && value.CompareTo(maximum) <= 0) return value;
            result.AddError(language.Choose($"{option.Name} takes {expected}, not '{text}'.", $"{option.Name} prend {expected}, pas « {text} »."));
            return default;
        };
        return option;
    }
}
