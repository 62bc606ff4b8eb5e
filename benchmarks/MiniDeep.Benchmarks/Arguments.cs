namespace MiniDeep.Benchmarks;

/// <summary>The command line.</summary>
/// <param name="Quick">The comparison with the peers, instead of BenchmarkDotNet.</param>
/// <param name="Json">Where the figures are written.</param>
/// <param name="Markdown">The document whose tables are replaced.</param>
/// <param name="Threads">The thread counts that are measured.</param>
/// <param name="Filter">A part of the names of the rows that are measured.</param>
internal sealed record Arguments(bool Quick, string? Json, string? Markdown, int[] Threads, string Filter)
{
    public const string Usage = "usage: --quick [--json FILE] [--markdown FILE] [--threads N[,N]] [--filter TEXT], or BenchmarkDotNet's own arguments";

    /// <exception cref="ArgumentException">An argument is unknown or lacks its value; the message is one line.</exception>
    public static Arguments Parse(IReadOnlyList<string> args)
    {
        if (!args.Contains("--quick")) return new(false, null, null, [], "");
        var result = new Arguments(true, null, null, [1, 2], "");
        for (int i = 0; i < args.Count; i++)
        {
            string Value() => i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal)
                ? args[++i]
                : throw new ArgumentException($"{args[i]} lacks its value; {Usage}");
            switch (args[i])
            {
                case "--quick":
                    break;
                case "--json":
                    result = result with { Json = Value() };
                    break;
                case "--markdown":
                    result = result with { Markdown = Value() };
                    break;
                case "--filter":
                    result = result with { Filter = Value() };
                    break;
                case "--threads":
                    result = result with { Threads = Counts(Value()) };
                    break;
                default:
                    throw new ArgumentException($"'{args[i]}' is no argument of --quick; {Usage}");
            }
        }
        return result;
    }

    private static int[] Counts(string text)
    {
        string[] parts = text.Split(',');
        int[] counts = [.. parts.Select(static part => int.TryParse(part, out int count) ? count : 0)];
        return counts.All(static count => count is >= 1 and <= 256) ? counts : throw new ArgumentException($"--threads takes numbers from 1 to 256, not '{text}'; {Usage}");
    }
}
