using System.Globalization;

namespace MiniDeep.Data;

/// <summary>A column of a CSV file while it is read: twice, first for its words and its errors, then for its values.</summary>
/// <param name="name">Its name.</param>
/// <param name="isLabel">Whether it is the label's.</param>
/// <param name="format">What the columns hold.</param>
/// <param name="missing">The cells that stand for a missing value.</param>
internal sealed class CsvColumn(string name, bool isLabel, CsvFormat format, string[] missing)
{
    private const int NoWord = -1;

    // its string, its entry in the dictionary with those that were copied as that grew, its places in the lists that order it
    private const int BytesPerWord = 150;

    private readonly bool _holdsWords =
        isLabel ? format.LabelKind == CsvLabel.Category : format.Categorical.Contains(name) || format.KnownCategories.ContainsKey(name);

    private readonly IReadOnlyList<string>? _known = format.KnownCategories.GetValueOrDefault(name);

    /// <summary>The words by the numbers in which they come, and whether a row that is kept has them.</summary>
    private readonly Dictionary<string, int> _words = (format.KnownCategories.GetValueOrDefault(name) ?? []).Index().ToDictionary(static word => word.Item, static word => word.Index);
    private readonly List<bool> _isUsed = [];

    private int _word = NoWord;
    private int[]? _places;

    public string Name => name;

    public bool IsLabel => isLabel;

    public bool IsIgnored { get; } = !isLabel && format.Ignored.Contains(name);

    public bool IsCategory => _holdsWords && !IsIgnored;

    /// <summary>About what was allocated for the words.</summary>
    public long WordBytes { get; private set; }

    /// <summary>The last cell's value; a word's once the words have their order.</summary>
    public double Value { get; private set; }

    /// <summary>The words, in the order of their numbers; once they have it.</summary>
    public IReadOnlyList<string> Words { get; private set; } = format.KnownCategories.GetValueOrDefault(name) ?? [];

    /// <summary>Reads a cell.</summary>
    /// <returns>False where its row is to be left out.</returns>
    /// <exception cref="InvalidDataFileException">It isn't what the column holds; the message names line and column.</exception>
    public bool Read(ReadOnlySpan<char> cell, string file, int line, int column)
    {
        if (IsIgnored) return true;
        ReadOnlySpan<char> text = cell.Trim();
        _word = NoWord;
        if (IsMissing(text))
        {
            if (format.Missing == CsvMissing.SkipRow) return false;
            if (format.Missing == CsvMissing.Refuse || isLabel) throw Wrong(_holdsWords ? "a word" : "a number", text);
            Value = format.FillValue;
        }
        else if (!_holdsWords)
        {
            Value = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : throw Wrong("a finite number", text);
            if (format.DType == DType.Float32 && float.IsInfinity((float)value)) throw Wrong("a number that Float32 can hold", text);
        }
        else
        {
            _word = Number(text) ?? throw Wrong("one of the words that are known", text);
            Value = _places is null ? _word : _places[_word];
        }
        return true;

        InvalidDataFileException Wrong(string expected, ReadOnlySpan<char> found) =>
            new(file, $"{expected} in line {line}, column {column} ({EntryName.Shown(name)})", found.IsEmpty ? "nothing" : EntryName.Shown(found.ToString()));
    }

    /// <summary>Notes that the last cell's row is kept: a word that only others have is none of the column's.</summary>
    public void Keep()
    {
        if (_known is null && _word != NoWord) _isUsed[_word] = true;
    }

    /// <summary>Numbers the words in their order, whatever the order of the rows: as numbers where all of them are, otherwise by their characters.</summary>
    public void Order()
    {
        if (!IsCategory || _known is not null) return;
        string[] found = [.. _words.Where(word => _isUsed[word.Value]).Select(static word => word.Key)];
        bool areNumbers = Array.TrueForAll(found, static word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        string[] ordered = areNumbers
            ? [.. found.OrderBy(static word => double.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture)).ThenBy(static word => word, StringComparer.Ordinal)]
            : [.. found.Order(StringComparer.Ordinal)];
        _places = new int[_words.Count];
        for (int i = 0; i < ordered.Length; i++) _places[_words[ordered[i]]] = i;
        Words = ordered;
    }

    /// <summary>A word's number: its place among the known, or else in the order in which they come; null if it isn't known.</summary>
    private int? Number(ReadOnlySpan<char> word)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        if (words.TryGetValue(word, out int number)) return number;
        if (_known is not null || _places is not null) return null;
        _words.Add(word.ToString(), _words.Count);
        _isUsed.Add(false);
        WordBytes += BytesPerWord + (2 * word.Length);
        return _words.Count - 1;
    }

    private bool IsMissing(ReadOnlySpan<char> text)
    {
        foreach (string mark in missing)
        {
            if (text.SequenceEqual(mark)) return true;
        }
        return false;
    }
}
