using System.Diagnostics;
using System.Globalization;

namespace MiniDeep.Peers;

/// <summary>
/// The peers' side of the line protocol. A request is a line on standard input, its answer a line on standard output: "ok" and numbers, or "error" and a reason. Between two requests the peer is
/// blocked on its input. Requests: "threads N"; "load FILE"; "time CASE COUNT": microseconds a run, after one that isn't timed (the first request of a case warms it up);
/// "value CASE": numbers to compare; "quit".
/// </summary>
internal sealed class PeerLoop
{
    private readonly Dictionary<string, Action> _runs = [];
    private readonly Dictionary<string, Func<IEnumerable<double>>> _values = [];
    private readonly HashSet<string> _warm = [];

    public required Action<int> Threads { get; init; }

    public required Action<string> Load { get; init; }

    public void Time(string name, Action run) => _runs.Add(name, run);

    public void Value(string name, Func<IEnumerable<double>> value) => _values.Add(name, value);

    public void Run()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Console.WriteLine("ok");
        while (Console.ReadLine() is { } line && line != "quit")
        {
            try
            {
                Console.WriteLine($"ok {string.Join(' ', Answer(line.Split(' ')))}".TrimEnd());
            }
            catch (Exception e)
            {
                Console.WriteLine($"error {line}: {e.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    private IEnumerable<double> Answer(string[] words)
    {
        switch (words[0])
        {
            case "threads":
                Threads(int.Parse(words[1]));
                return [];
            case "load":
                Load(words[1]);
                return [];
            case "time":
                if (_warm.Add(words[1])) WarmUp(_runs[words[1]]);
                return [Measure(_runs[words[1]], int.Parse(words[2]))];
            default:
                return _values[words[1]]();
        }
    }

    /// <summary>Long enough for the runtime to compile what runs often.</summary>
    private static void WarmUp(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 400) run();
    }

    private static double Measure(Action run, int count)
    {
        run();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) run();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
    }
}
