using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MiniDeep.Benchmarks;

/// <summary>A measured work beside one peer (or none).</summary>
/// <param name="Work">What was done.</param>
/// <param name="Threads">On how many threads, both.</param>
/// <param name="Microseconds">MiniDeep's median.</param>
/// <param name="GigaFlops">Nominal (dense) work over that time; 0 where it isn't counted.</param>
/// <param name="Share">Of the multiply-add peak of that many cores.</param>
/// <param name="Peer">Whom it was measured against.</param>
/// <param name="PeerMicroseconds">The peer's median.</param>
internal sealed record Row(string Work, int Threads, double Microseconds, double GigaFlops, double Share, string? Peer, double PeerMicroseconds)
{
    public double? Ratio => Peer is null ? null : Microseconds / PeerMicroseconds;
}

/// <summary>A single measured number.</summary>
internal sealed record Fact(string Name, double Value, string Unit);

/// <summary>An operation of the training step by itself.</summary>
/// <param name="Activation">Of which network.</param>
/// <param name="Name">What it does.</param>
/// <param name="Microseconds">Its median.</param>
/// <param name="FloorMicroseconds">The least that the dense work can take.</param>
/// <param name="LiveFloorMicroseconds">The same, where gradients count only the pools' winners that a gradient goes through.</param>
/// <param name="ShareOfPeak">Dense multiply-adds over the time, as a part of the peak.</param>
/// <param name="Bound">What the floor is made of.</param>
internal sealed record Operation(string Activation, string Name, double Microseconds, double FloorMicroseconds, double LiveFloorMicroseconds, double ShareOfPeak, string Bound);

/// <summary>All that a run measured, and its tables.</summary>
internal sealed record Report(string Machine, IReadOnlyList<Fact> Facts, IReadOnlyList<Row> Rows, IReadOnlyList<Operation> Operations)
{
    private const string Begin = "<!-- figures -->", End = "<!-- /figures -->";
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(Machine).Append("\n\n");
        text.Append(Table(
            ["work", "threads", "MiniDeep", "GFLOP/s", "of the peak", "peer", "peer's time", "MiniDeep / peer"],
            Rows.Select(static row => new[]
            {
                row.Work, $"{row.Threads}", Time(row.Microseconds), row.GigaFlops > 0 ? Number(row.GigaFlops) : "", row.GigaFlops > 0 ? Percent(row.Share) : "",
                row.Peer ?? "", row.Peer is null ? "" : Time(row.PeerMicroseconds), row.Ratio is { } ratio ? Number(ratio) : "",
            })));
        text.Append('\n').Append(Table(["measured", "", ""], Facts.Select(static fact => new[] { fact.Name, Number(fact.Value), fact.Unit })));
        foreach (IGrouping<string, Operation> group in Operations.GroupBy(static operation => operation.Activation))
        {
            text.Append($"\n{group.Key}, one thread, trained weights:\n\n").Append(Table(
                ["operation", "us", "dense floor", "live floor", "above that", "of the peak", "bound by"],
                group.Select(static o => new[]
                {
                    o.Name, Number(o.Microseconds), Number(o.FloorMicroseconds), Number(o.LiveFloorMicroseconds), Number(o.Microseconds - o.LiveFloorMicroseconds), o.ShareOfPeak > 0 ? Percent(o.ShareOfPeak) : "", o.Bound,
                })));
        }
        return text.ToString();
    }

    /// <summary>Puts the tables between the two marks of a document.</summary>
    /// <exception cref="ArgumentException">The document lacks a mark.</exception>
    public static string Insert(string document, string tables)
    {
        int begin = document.IndexOf(Begin, StringComparison.Ordinal), end = document.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? $"{document[..(begin + Begin.Length)]}\n{tables.Trim()}\n{document[end..]}"
            : throw new ArgumentException($"The document has no line {Begin} with a line {End} below it, where the tables belong.");
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) throw new ArgumentException("There is no median of nothing.", nameof(values));
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    /// <summary>A table in Markdown, aligned also for the eye: the first column to the left, the others to the right.</summary>
    public static string Table(string[] header, IEnumerable<string[]> rows)
    {
        string[][] all = [header, .. rows];
        int[] widths = [.. Enumerable.Range(0, header.Length).Select(i => Math.Max(3, all.Max(row => row[i].Length)))];
        string Line(string[] row) => $"| {string.Join(" | ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])))} |\n";
        string rule = $"|{string.Join("|", widths.Select(static (width, i) => i == 0 ? new string('-', width + 2) : new string('-', width + 1) + ":"))}|\n";
        return Line(header) + rule + string.Concat(all.Skip(1).Select(Line));
    }

    /// <summary>Three significant digits, without an exponent.</summary>
    public static string Number(double value)
    {
        double size = Math.Abs(value);
        return value.ToString(size >= 99.95 || size == 0 ? "F0" : size >= 9.995 ? "F1" : size >= 0.9995 ? "F2" : "F3", CultureInfo.InvariantCulture);
    }

    public static string Time(double microseconds) => microseconds >= 999.5 ? $"{Number(microseconds / 1000)} ms" : $"{Number(microseconds)} us";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");
}
