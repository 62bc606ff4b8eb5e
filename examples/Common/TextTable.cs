namespace MiniDeep.Examples;

/// <summary>Rows of text under headings: the first column to the left, numbers to the right.</summary>
/// <param name="headings">One a column.</param>
public sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row with as many cells as there are headings.</summary>
    public void Add(params string[] cells)
    {
        if (cells.Length != headings.Length) throw new ArgumentException($"The table has {headings.Length} columns, the row {cells.Length}.", nameof(cells));
        _rows.Add(cells);
    }

    /// <summary>Prints the table.</summary>
    public void Print(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int[] widths = [.. headings.Select((heading, column) => _rows.Select(row => row[column].Length).Append(heading.Length).Max())];
        Line(headings);
        Line([.. widths.Select(width => new string('-', width))]);
        foreach (string[] row in _rows) Line(row);

        void Line(string[] cells) =>
            output.WriteLine(string.Join("  ", cells.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
    }
}
