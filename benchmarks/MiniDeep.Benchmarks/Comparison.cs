using System.Diagnostics;

namespace MiniDeep.Benchmarks;

/// <summary>One work in alternating rounds: MiniDeep, peer, MiniDeep, peer, …; the medians make the row.</summary>
internal sealed class Comparison(string work, int threads, double multiplyAdds = 0)
{
    private static readonly TimeSpan s_budget = TimeSpan.FromSeconds(4), s_patience = TimeSpan.FromSeconds(0.5);
    private readonly List<double> _mine = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<(Peer Peer, string Case, int Count, List<double> Times)> _peers = [];

    /// <summary>Whether it has its three rounds and has taken long: on a busy machine fewer rounds have to do.</summary>
    public bool Overdue => _mine.Count >= 3 && Stopwatch.GetElapsedTime(_start) > s_budget;

    /// <summary>A peer's case, and how often it runs in a round.</summary>
    public Comparison With(Peer? peer, string name, int count)
    {
        if (peer is not null) _peers.Add((peer, name, count, []));
        return this;
    }

    /// <summary>Measures something that can be called, in so many rounds of so many calls (each round after one that isn't timed).</summary>
    public Comparison Run(int rounds, int count, Action mine) => RunBlocks(rounds, count, repeats =>
    {
        for (int i = 0; i < repeats; i++) mine();
    });

    /// <summary>Measures something that does several repeats by itself.</summary>
    public Comparison RunBlocks(int rounds, int count, Action<int> mine)
    {
        Compute.Threads = threads;
        // long enough for the runtime to compile what runs often, and for the pool to have got its buffers from the system
        long warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm).TotalMilliseconds < 800) mine(count);
        for (int i = 0; i <= rounds && !Overdue; i++)
        {
            mine(1);
            long start = Stopwatch.GetTimestamp();
            mine(count);
            Round(Stopwatch.GetElapsedTime(start).TotalMicroseconds / count, warmUp: i == 0);
        }
        return this;
    }

    /// <summary>Takes one of MiniDeep's times, and has the peers run beside it.</summary>
    /// <param name="microseconds">MiniDeep's time.</param>
    /// <param name="warmUp">The round isn't counted.</param>
    public void Round(double microseconds, bool warmUp)
    {
        if (!warmUp) _mine.Add(microseconds);
        foreach ((Peer peer, string name, int count, List<double> times) in _peers)
        {
            Settle();
            peer.Threads(threads);
            double time = peer.Time(name, count);
            if (!warmUp) times.Add(time);
        }
        Settle();
    }

    public IEnumerable<Row> Rows(Machine machine)
    {
        double mine = Report.Median(_mine), flops = 2 * multiplyAdds / mine / 1000, share = flops / (machine.PeakGigaFlops * threads);
        if (_peers.Count == 0) return [new(work, threads, mine, flops, share, null, 0)];
        return _peers.Select(peer => new Row(work, threads, mine, flops, share, peer.Peer.Name, Report.Median(peer.Times)));
    }

    /// <summary>Threads spin after their last work, some for a fifth of a second, which on few cores is in the way of whoever is next: waits until the peers use no processor time any more.</summary>
    private void Settle()
    {
        if (threads == 1 || _peers.Count == 0) return;
        long start = Stopwatch.GetTimestamp();
        TimeSpan used = PeersTime(), before;
        do
        {
            // two ticks of the system's accounting
            Thread.Sleep(20);
            (before, used) = (used, PeersTime());
        }
        while (used > before && Stopwatch.GetElapsedTime(start) < s_patience);
    }

    private TimeSpan PeersTime() => _peers.Aggregate(TimeSpan.Zero, static (sum, peer) => sum + peer.Peer.ProcessorTime);
}

/// <summary>Times windows of steps inside Fit, from the end of one step to that of another, and stands still between them.</summary>
internal sealed class StepClock(int steps, int rounds, Action<int, double> window, Func<bool>? stop = null) : Callback
{
    private int _step, _round;
    private long _start;

    public override void OnStepEnd(TrainingProgress progress)
    {
        // the first step of a window is not timed
        if (_step == 0) _start = Stopwatch.GetTimestamp();
        if (_step++ < steps) return;
        window(_round, Stopwatch.GetElapsedTime(_start).TotalMicroseconds / steps);
        _step = 0;
        if (++_round == rounds || stop?.Invoke() == true) progress.StopTraining = true;
    }
}
