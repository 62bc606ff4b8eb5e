using System.Globalization;

namespace MiniDeep.Examples;

/// <summary>The language an example speaks: which of two texts, and how numbers look in it.</summary>
public sealed class Language
{
    private Language(string code, string decimalSeparator, string groupSeparator)
    {
        Code = code;
        // made by hand, because a system without culture data has no "fr" to ask
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = culture.NumberFormat.PercentDecimalSeparator = decimalSeparator;
        culture.NumberFormat.NumberGroupSeparator = culture.NumberFormat.PercentGroupSeparator = groupSeparator;
        Culture = CultureInfo.ReadOnly(culture);
    }

    /// <summary>English.</summary>
    public static Language English { get; } = new("en", ".", ",");

    /// <summary>French.</summary>
    public static Language French { get; } = new("fr", ",", "\u202F");

    /// <summary>What <c>--lang</c> takes: "en" or "fr".</summary>
    public string Code { get; }

    /// <summary>How numbers are written.</summary>
    public CultureInfo Culture { get; }

    /// <summary>The language of a culture: French for every kind of French, otherwise English.</summary>
    public static Language Of(CultureInfo culture)
    {
        ArgumentNullException.ThrowIfNull(culture);
        return culture.TwoLetterISOLanguageName == French.Code ? French : English;
    }

    /// <summary>The language that a command line asks for with <c>--lang</c>, otherwise that of the system. Needed before the command line is parsed, so that help speaks it too.</summary>
    public static Language Of(IReadOnlyList<string> arguments, CultureInfo system)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        for (int i = 0; i < arguments.Count; i++)
        {
            string[] parts = arguments[i].Split('=', ':');
            if (parts[0] != "--lang") continue;
            string value = parts.Length > 1 ? parts[1] : i + 1 < arguments.Count ? arguments[i + 1] : "";
            if (value == English.Code) return English;
            if (value == French.Code) return French;
        }
        return Of(system);
    }

    /// <summary>One of two texts without numbers.</summary>
    public string Choose(string english, string french) => this == French ? french : english;

    /// <summary>One of two texts, its numbers written as the language does.</summary>
    public string Write(FormattableString english, FormattableString french) => (this == French ? french : english).ToString(Culture);

    /// <summary>A number as the language writes it.</summary>
    public string Number(double value, string format) => value.ToString(format, Culture);

    /// <summary>"a, b and c".</summary>
    public string List(IReadOnlyList<string> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        string and = Choose("and", "et");
        return items.Count < 2 ? string.Concat(items) : $"{string.Join(", ", items.Take(items.Count - 1))} {and} {items[^1]}";
    }
}
