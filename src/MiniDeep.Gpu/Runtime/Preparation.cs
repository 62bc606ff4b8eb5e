using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace MiniDeep;

/// <summary>Compiles all kernels of a float type at once, on several threads: one after the other they would take as long as a short training.</summary>
internal sealed class Preparation(string device, KernelLauncher kernels) : IKernelVisitor
{
    private const int MostThreads = 4;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly List<Action> _work = [];
    private Exception? _failure;
    private int _next;

    public void Visit<TKernel, TArgs>()
        where TKernel : struct, IKernel<TArgs>
        where TArgs : struct => _work.Add(() => kernels.Load<TKernel, TArgs>());

    /// <summary>Compiles what the visit has shown.</summary>
    public void Run()
    {
        using (new Timer(_ => Gpu.Progress?.WriteLine($"MiniDeep: compiling {_work.Count} kernels for {device}, once a process …"), null, s_patience, Timeout.InfiniteTimeSpan))
        {
            Thread[] threads = [.. Enumerable.Range(0, Math.Min(MostThreads, Environment.ProcessorCount) - 1).Select(_ => new Thread(Work) { IsBackground = true })];
            foreach (Thread thread in threads) thread.Start();
            Work();
            foreach (Thread thread in threads) thread.Join();
        }
        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
    }

    private void Work()
    {
        try
        {
            while (_failure is null && Interlocked.Increment(ref _next) - 1 is var at && at < _work.Count) _work[at]();
        }
        catch (Exception failure)
        {
            // whatever it is: on a thread of its own it would end the process. The first one counts: after it the compiler's state is spoiled.
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }
}

/// <summary>What is written to <see cref="Trace"/> while it lives: ILGPU puts a driver's complaints about a kernel there and nowhere else.</summary>
internal sealed class TraceLog : TraceListener
{
    private readonly List<string> _lines = [];

    public TraceLog() => Trace.Listeners.Add(this);

    public override void Write(string? message) => WriteLine(message);

    public override void WriteLine(string? message)
    {
        lock (_lines) _lines.Add(message ?? "");
    }

    public override string ToString()
    {
        lock (_lines) return string.Join(" ", _lines).Trim();
    }

    protected override void Dispose(bool disposing)
    {
        Trace.Listeners.Remove(this);
        base.Dispose(disposing);
    }
}
