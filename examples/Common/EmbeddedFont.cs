using ScottPlot;
using SkiaSharp;

namespace MiniDeep.Examples;

/// <summary>
/// DejaVu Sans out of this assembly. A machine without fonts draws charts without a word of text and reports no error; with a font of its own every machine draws the same.
/// </summary>
internal sealed class EmbeddedFont : IFontResolver
{
    /// <summary>The name that charts ask for.</summary>
    public const string Name = "MiniDeep Sans";

    private static readonly Lazy<SKTypeface> _typeface = new(Load);
    private static readonly Lazy<bool> _installed = new(Install);

    /// <summary>Makes it the font of every chart from now on.</summary>
    public static void Use() => _ = _installed.Value;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => fontName == Name ? _typeface.Value : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? _typeface.Value : null;

    private static bool Install()
    {
        Fonts.FontResolvers.Insert(0, new EmbeddedFont());
        Fonts.Default = Name;
        Fonts.Sans = Name;
        Fonts.Serif = Name;
        Fonts.Monospace = Name;
        return true;
    }

    private static SKTypeface Load()
    {
        using Stream font = typeof(EmbeddedFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")
            ?? throw new InvalidOperationException("The font is missing from the assembly.");
        using SKData bytes = SKData.Create(font);
        return SKTypeface.FromData(bytes) ?? throw new InvalidOperationException("The embedded font can't be read.");
    }
}
