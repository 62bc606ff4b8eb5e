using System.Globalization;

namespace MiniDeep.Data;

/// <summary>A column of a CSV file while it is read.</summary>
/// <param name="name">Its name.</param>
/// <param name="isLabel">Whether it is the label's.</param>
/// <param name="isIgnored">Whether it isn't read.</param>
/// <param name="isCategory">Whether it holds words.</param>
/// <param name="known">The words, where they are given.</param>
internal sealed class CsvColumn(string name, bool isLabel, bool isIgnored, bool isCategory, IReadOnlyList<string>? known)
{
    private readonly List<double> _values = [];
    private readonly Dictionary<string, int> _words = (known ?? []).Index().ToDictionary(static word => word.Item, static word => word.Index);
    private double _pending;
    private double _fill = double.NaN;

    public string Name => name;

    public bool IsLabel => isLabel;

    public bool IsIgnored => isIgnored;

    public bool IsCategory => isCategory && !isIgnored;

    /// <summary>A value a row.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>The words, in the order of their numbers; once finished.</summary>
    public IReadOnlyList<string> Words { get; private set; } = known ?? [];

    /// <summary>Reads a cell.</summary>
    /// <returns>False where its row is to be left out.</returns>
    /// <exception cref="InvalidDataFileException">It isn't what the column holds; the message names line and column.</exception>
    public bool Read(ReadOnlySpan<char> cell, CsvFormat format, string file, int line, int column)
    {
        if (isIgnored) return true;
        ReadOnlySpan<char> text = cell.Trim();
        if (IsMissing(text, format))
        {
            if (format.Missing == CsvMissing.SkipRow) return false;
            if (format.Missing == CsvMissing.Refuse || isLabel) throw Wrong(isCategory ? "a word" : "a number", text);
            (_pending, _fill) = (double.NaN, format.FillValue);
        }
        else if (!isCategory)
        {
            _pending = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : throw Wrong("a finite number", text);
            if (format.DType == DType.Float32 && float.IsInfinity((float)value)) throw Wrong("a number that Float32 can hold", text);
        }
        else
        {
            _pending = Place(text) ?? throw Wrong("one of the words that are known", text);
        }
        return true;

        InvalidDataFileException Wrong(string expected, ReadOnlySpan<char> found) =>
            new(file, $"{expected} in line {line}, column {column} ({EntryName.Shown(name)})", found.IsEmpty ? "nothing" : EntryName.Shown(found.ToString()));
    }

    /// <summary>Keeps the row's value, or not.</summary>
    public void EndRow(bool isKept)
    {
        if (isKept && !isIgnored) _values.Add(_pending);
    }

    /// <summary>Numbers the words in their order, whatever the order of the rows: as numbers where all of them are, otherwise by their characters.</summary>
    public void Finish()
    {
        if (IsCategory && known is null) Order();
        for (int i = 0; i < _values.Count; i++)
        {
            if (double.IsNaN(_values[i])) _values[i] = _fill;
        }
    }

    private void Order()
    {
        // a word of a row that was left out is none of the column's
        var isUsed = new bool[_words.Count];
        foreach (double value in _values)
        {
            if (!double.IsNaN(value)) isUsed[(int)value] = true;
        }
        string[] found = [.. _words.Where(word => isUsed[word.Value]).Select(static word => word.Key)];
        bool areNumbers = Array.TrueForAll(found, static word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        string[] ordered = areNumbers
            ? [.. found.OrderBy(static word => double.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture)).ThenBy(static word => word, StringComparer.Ordinal)]
            : [.. found.Order(StringComparer.Ordinal)];
        var places = new int[_words.Count];
        for (int i = 0; i < ordered.Length; i++) places[_words[ordered[i]]] = i;
        for (int i = 0; i < _values.Count; i++)
        {
            if (!double.IsNaN(_values[i])) _values[i] = places[(int)_values[i]];
        }
        Words = ordered;
    }

    /// <summary>A word's number: its place among the known, or else in the order in which they come; null if it isn't known.</summary>
    private int? Place(ReadOnlySpan<char> word)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        if (words.TryGetValue(word, out int place)) return place;
        if (known is not null) return null;
        _words.Add(word.ToString(), _words.Count);
        return _words.Count - 1;
    }

    private static bool IsMissing(ReadOnlySpan<char> text, CsvFormat format)
    {
        foreach (string mark in format.MissingMarks)
        {
            if (text.SequenceEqual(mark)) return true;
        }
        return false;
    }
}
