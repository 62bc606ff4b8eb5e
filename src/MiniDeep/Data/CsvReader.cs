using System.Globalization;
using System.Runtime.InteropServices;

namespace MiniDeep.Data;

/// <summary>
/// Reads comma-separated values into a data set: numbers with a decimal point whatever the system's language, words to integers, missing values as the <see cref="CsvFormat"/> says. A bad cell
/// is reported with its line and column.
/// </summary>
public static class CsvReader
{
    private const int MaxColumns = 10_000;
    private const int ShownNames = 8;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">How it is read; by default with a header, and with classes in the last column.</param>
    /// <exception cref="InvalidDataFileException">The file is no CSV, or a cell isn't what its column holds; the message names line and column.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static CsvData Read(string path, CsvFormat? format = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(file, path, format);
    }

    /// <summary>Reads a stream from its position to its end and leaves it open.</summary>
    /// <param name="stream">The stream; it need not be able to seek.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <param name="format">As for a file.</param>
    /// <exception cref="InvalidDataFileException">The stream holds no CSV, or a cell isn't what its column holds; the message names line and column.</exception>
    public static CsvData Read(Stream stream, string name = "CSV stream", CsvFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        format ??= new CsvFormat();
        using var cells = new CsvCells(stream, name, format.Delimiter);
        List<string> first = ReadFirst(cells, name);
        string[] names = format.HasHeader ? [.. first] : [.. Enumerable.Range(0, first.Count).Select(static i => i.ToString(CultureInfo.InvariantCulture))];
        List<CsvColumn> columns = Columns(names, format, name);
        CsvColumn label = columns.Single(static column => column.IsLabel);
        CsvColumn[] features = [.. columns.Where(static column => !column.IsLabel && !column.IsIgnored)];
        if (features.Length == 0) throw new InvalidDataFileException(name, "a column beside the label", "none");

        int count = 0;
        if (!format.HasHeader)
        {
            bool isWhole = true;
            for (int i = 0; i < first.Count; i++) isWhole &= columns[i].Read(first[i], format, name, cells.Line, i + 1);
            EndRow(isWhole);
        }
        for (bool isWhole = true; cells.Read();)
        {
            if (cells.Column > names.Length || (cells.EndsRow && cells.Column < names.Length))
                throw new InvalidDataFileException(name, $"{names.Length} cells in line {cells.Line}, as in the first", cells.Column > names.Length ? "more" : $"{cells.Column}");
            isWhole &= columns[cells.Column - 1].Read(cells.Cell, format, name, cells.Line, cells.Column);
            if (!cells.EndsRow) continue;
            EndRow(isWhole);
            isWhole = true;
        }
        if (count == 0) throw new InvalidDataFileException(name, "rows of data", "none");
        foreach (CsvColumn column in columns) column.Finish();

        Tensor x = Table(features, count, format.DType);
        Tensor y = label.IsCategory ? Tensor.From<int>([.. label.Values.Select(static value => (int)value)]) : Table([label], count, format.DType);
        return new CsvData(
            new Dataset(x, y), [.. features.Select(static column => column.Name)], label.Name,
            columns.Where(static column => column.IsCategory).ToDictionary(static column => column.Name, static column => column.Words));

        void EndRow(bool isWhole)
        {
            foreach (CsvColumn column in columns) column.EndRow(isWhole);
            if (isWhole) count++;
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

    private static List<CsvColumn> Columns(string[] names, CsvFormat format, string name)
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
        return [.. names.Select(column =>
        {
            bool isLabel = column == label;
            bool isCategory = isLabel ? format.LabelKind == CsvLabel.Category : format.Categorical.Contains(column) || format.KnownCategories.ContainsKey(column);
            return new CsvColumn(column, isLabel, !isLabel && format.Ignored.Contains(column), isCategory, format.KnownCategories.GetValueOrDefault(column));
        })];
    }

    /// <summary>Columns side by side, [count, columns].</summary>
    private static Tensor Table(CsvColumn[] columns, int count, DType dtype)
    {
        if ((long)columns.Length * count > int.MaxValue) throw new ShapeException($"A table of {count} rows and {columns.Length} columns has more numbers than a tensor can hold.");
        Tensor table = Tensor.Empty([count, columns.Length], dtype, Device.Cpu);
        int size = dtype.Size();
        var row = new byte[columns.Length * size];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < columns.Length; j++)
            {
                double value = columns[j].Values[i];
                if (dtype == DType.Float32) MemoryMarshal.Write(row.AsSpan(j * size), (float)value);
                else MemoryMarshal.Write(row.AsSpan(j * size), value);
            }
            table.WriteBytes((long)i * row.Length, row);
        }
        return table;
    }
}
