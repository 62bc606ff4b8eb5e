using System.Globalization;

namespace MiniDeep;

public abstract partial class Model
{
    /// <summary>Writes a table of the layers with their output shapes and parameter counts to the console.</summary>
    public void Summary() => Summary(Console.Out);

    /// <summary>Writes a table of the layers with their output shapes and parameter counts.</summary>
    public void Summary(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        List<string[]> rows = [["Layer (type)", "Output shape", "Parameters"]];
        foreach (Layer layer in Layers)
        {
            rows.Add(
            [
                $"{layer.Name} ({layer.GetType().Name})",
                layer.IsBuilt ? $"[batch{string.Concat(layer.OutputShape.Select(static size => $", {size}"))}]" : "?",
                layer.IsBuilt ? Number(CountOf(layer.Parameters)) : "?",
            ]);
        }
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length))];
        string rule = string.Join("─┼─", widths.Select(static width => new string('─', width)));
        output.WriteLine($"Model '{Name}', {ModelDType} on {Device.Name}");
        for (int i = 0; i < rows.Count; i++)
        {
            output.WriteLine(string.Join(" │ ", rows[i][0].PadRight(widths[0]), rows[i][1].PadRight(widths[1]), rows[i][2].PadLeft(widths[2])).TrimEnd());
            if (i == 0) output.WriteLine(rule);
        }
        output.WriteLine(rule);
        long total = CountOf(Parameters), trained = CountOf(Parameters.Where(static p => p.Trainable));
        output.WriteLine($"Total parameters: {Number(total)} ({Bytes(total * ModelDType.Size())})");
        output.WriteLine($"Trainable: {Number(trained)}, frozen: {Number(total - trained)}");

        static long CountOf(IEnumerable<Parameter> parameters) => parameters.Sum(static p => (long)p.Count);

        static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

        static string Bytes(long bytes) => bytes < 1 << 20
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:F1} KB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):F1} MB");
    }
}
