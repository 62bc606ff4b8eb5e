using System.Globalization;

namespace MiniDeep.Data;

/// <summary>
/// Reads comma-separated values into a data set: numbers with a decimal point whatever the system's language, words to integers, missing values as the <see cref="CsvFormat"/> says. A bad cell
/// is reported with its line and column.
/// </summary>
public static class CsvReader
{
    private const int MaxColumns = 10_000;
    private const int ShownNames = 8;

    // different words may take this much beside twice what was read of the file, or once where it has to be kept
    private const int WordAllowance = 12 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">How it is read; by default with a header, and with classes in the last column.</param>
    /// <exception cref="InvalidDataFileException">The file is no CSV, or a cell isn't what its column holds, or its words would take more than twice its size and 12 MB; the message names line and column.</exception>
    /// <exception cref="IOException">The file is missing, is a folder or cannot be read.</exception>
    public static CsvData Read(string path, CsvFormat? format = null)
    {
        using FileStream file = InputFile.Open(path);
        return Read(file, path, format);
    }

    /// <summary>Reads a stream from its position to its end and leaves it open.</summary>
    /// <param name="stream">The stream, which is read twice; where it can't seek, its bytes are kept meanwhile.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <param name="format">As for a file.</param>
    /// <exception cref="InvalidDataFileException">The stream holds no CSV, or a cell isn't what its column holds, or its words would take more than twice its size and 12 MB; the message names line and column.</exception>
    public static CsvData Read(Stream stream, string name = "CSV stream", CsvFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        format ??= new CsvFormat();
        var file = new RewindableStream(stream);
        string[] first;
        using (var cells = new CsvCells(file, name, format.Delimiter)) first = [.. ReadFirst(cells, name)];
        string[] names = format.HasHeader ? first : [.. Enumerable.Range(0, first.Length).Select(static i => i.ToString(CultureInfo.InvariantCulture))];
        CsvColumn[] columns = Columns(names, format, name);
        CsvColumn label = columns.Single(static column => column.IsLabel);
        CsvColumn[] features = [.. columns.Where(static column => !column.IsLabel && !column.IsIgnored)];
        if (features.Length == 0) throw new InvalidDataFileException(name, "a column beside the label", "none");

        // a first time for errors, words and the number of rows, a second time for the values: between the two nothing is kept of a cell, which may be a single byte of the file
        long rows = 0;
        ReadRows(() =>
        {
            foreach (CsvColumn column in columns) column.Keep();
            rows++;
        });
        if (rows == 0) throw new InvalidDataFileException(name, "rows of data", "none");
        foreach (CsvColumn column in columns) column.Order();
        if (rows * features.Length > int.MaxValue) throw new ShapeException($"A table of {rows} rows and {features.Length} columns has more numbers than a tensor can hold.");
        int count = (int)rows;
        Tensor x = Tensor.Empty([count, features.Length], format.DType, Device.Cpu);
        Tensor y = label.IsCategory ? Tensor.Empty([count], DType.Int32, Device.Cpu) : Tensor.Empty([count, 1], format.DType, Device.Cpu);
        NumberWriter toX = new(x), toY = new(y);
        ReadRows(() =>
        {
            if (--rows < 0) throw Changed();
            foreach (CsvColumn column in features) toX.Add(column.Value);
            toY.Add(label.Value);
        });
        if (rows > 0) throw Changed();
        toX.Flush();
        toY.Flush();
        return new CsvData(
            new Dataset(x, y), [.. features.Select(static column => column.Name)], label.Name,
            columns.Where(static column => column.IsCategory).ToDictionary(static column => column.Name, static column => column.Words));

        void ReadRows(Action keep)
        {
            file.Rewind();
            using var cells = new CsvCells(file, name, format.Delimiter);
            ReadAll(cells, columns, format.HasHeader, name, stream.CanSeek ? 2 : 1, keep);
        }

        InvalidDataFileException Changed() => new(name, $"{count} rows, as when it was read first", "a file that was changed while it was read");
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="cells">The file, from its beginning.</param>
    /// <param name="columns">The columns, all of them.</param>
    /// <param name="hasHeader">Whether the first row is one of names.</param>
    /// <param name="name">What to call the file.</param>
    /// <param name="wordsAFile">How many times the file's size its words may take.</param>
    /// <param name="keep">What to do after a row that is not left out.</param>
    private static void ReadAll(CsvCells cells, CsvColumn[] columns, bool hasHeader, string name, int wordsAFile, Action keep)
    {
        bool isHeader = hasHeader, isWhole = true;
        long words = 0;
        while (cells.Read())
        {
            if (isHeader)
            {
                isHeader = !cells.EndsRow;
                continue;
            }
            if (cells.Column > columns.Length || (cells.EndsRow && cells.Column < columns.Length))
                throw new InvalidDataFileException(name, $"{columns.Length} cells in line {cells.Line}, as in the first", cells.Column > columns.Length ? "more" : $"{cells.Column}");
            CsvColumn column = columns[cells.Column - 1];
            words -= column.WordBytes;
            isWhole &= column.Read(cells.Cell, name, cells.Line, cells.Column);
            words += column.WordBytes;
            if (words > WordAllowance + (wordsAFile * cells.Characters))
            {
                throw new InvalidDataFileException(
                    name, "columns of words that mostly repeat",
                    $"so many different ones up to line {cells.Line}, column {cells.Column} ({EntryName.Shown(column.Name)}) that they would take more memory than the file: numbers as labels are read with "
                    + "LabelKind = CsvLabel.Number, a column that isn't needed is left out with Ignored, words known beforehand are given as KnownCategories");
            }
            if (!cells.EndsRow) continue;
            if (isWhole) keep();
            isWhole = true;
        }
    }

    /// <summary>The first row.</summary>
    private static List<string> ReadFirst(CsvCells cells, string name)
    {
        List<string> row = [];
        while (cells.Read())
        {
            if (row.Count == MaxColumns) throw new InvalidDataFileException(name, $"at most {MaxColumns} columns", "more");
            row.Add(cells.Cell.ToString());
            if (cells.EndsRow) return row;
        }
        return row.Count > 0 ? row : throw new InvalidDataFileException(name, "a line of names or data", "an empty file");
    }

    private static CsvColumn[] Columns(string[] names, CsvFormat format, string name)
    {
        var known = new HashSet<string>();
        foreach (string column in names)
        {
            if (!known.Add(column)) throw new InvalidDataFileException(name, "columns of different names", $"{EntryName.Shown(column)} twice");
        }
        string label = format.Label ?? names[^1];
        foreach (string asked in format.Categorical.Concat(format.Ignored).Concat(format.KnownCategories.Keys).Append(label))
        {
            if (!known.Contains(asked))
            {
                string all = string.Join(", ", names.Take(ShownNames).Select(EntryName.Shown)) + (names.Length > ShownNames ? ", …" : "");
                throw new InvalidDataFileException(name, $"a column '{asked}'", $"the columns {all}");
            }
        }
        string[] missing = [.. format.MissingMarks];
        return [.. names.Select(column => new CsvColumn(column, column == label, format, missing))];
    }
}
