using System.Diagnostics;

namespace MiniDeep.Tests.Kernels;

[Collection(ThreadTeamCollection.Name)]
public sealed unsafe class ThreadTeamTests : IDisposable
{
    private readonly int _before = ThreadTeam.Count;

    public void Dispose() => ThreadTeam.Count = _before;

    private struct Counting : IChunkedWork
    {
        public int* Hits;
        public int Spin;

        public readonly void Execute(int chunk)
        {
            Interlocked.Increment(ref Hits[chunk]);
            Thread.SpinWait(Spin);
        }
    }

    private struct Failing : IChunkedWork
    {
        public int* Running;

        public readonly void Execute(int chunk)
        {
            Interlocked.Increment(ref *Running);
            Thread.SpinWait(200);
            Interlocked.Decrement(ref *Running);
            if (chunk == 3) throw new InvalidOperationException("chunk 3");
        }
    }

    private struct Nested : IChunkedWork
    {
        public int* Hits;
        public int* OtherThreads;

        public readonly void Execute(int chunk)
        {
            Inner inner = new() { Hits = Hits, OtherThreads = OtherThreads, Thread = Environment.CurrentManagedThreadId };
            ThreadTeam.Run(ref inner, 10);
        }
    }

    private struct Inner : IChunkedWork
    {
        public int* Hits, OtherThreads;
        public int Thread;

        public readonly void Execute(int chunk)
        {
            Interlocked.Increment(ref Hits[chunk]);
            if (Environment.CurrentManagedThreadId != Thread) Interlocked.Increment(ref *OtherThreads);
        }
    }

    private struct Meeting : IChunkedWork
    {
        public int* Arrived;
        public int Expected;

        /// <summary>Gets the thread of each chunk; may be null.</summary>
        public int* Threads;

        public readonly void Execute(int chunk)
        {
            if (Threads != null) Threads[chunk] = Environment.CurrentManagedThreadId;
            Interlocked.Increment(ref *Arrived);
            long start = Stopwatch.GetTimestamp();
            while (Volatile.Read(ref *Arrived) < Expected && Stopwatch.GetElapsedTime(start).TotalSeconds < 20) Thread.Sleep(0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Every_chunk_runs_once(int threads)
    {
        ThreadTeam.Count = threads;
        int* hits = stackalloc int[40];
        for (int round = 0; round < 500; round++)
        {
            new Span<int>(hits, 40).Clear();
            Counting work = new() { Hits = hits, Spin = round % 7 * 20 };
            int chunks = round % 41;
            ThreadTeam.Run(ref work, chunks);
            for (int i = 0; i < 40; i++) Assert.Equal(i < chunks ? 1 : 0, hits[i]);
            if (round % 100 == 99) Thread.Sleep(5);
        }
    }

    /// <summary>What a member wrote in one job is in its cache for the next.</summary>
    [Fact]
    public void A_member_has_the_same_part_of_every_job()
    {
        int* threads = stackalloc int[2];
        for (int round = 0; round < 50; round++)
        {
            // ends the pause that follows where a member lost its core
            ThreadTeam.Count = 2;
            int arrived = 0;
            // neither ends before both have begun, so that nobody is through early and helps the other
            Meeting work = new() { Arrived = &arrived, Expected = 2, Threads = threads };
            ThreadTeam.Run(ref work, 2);
            Assert.Equal(Environment.CurrentManagedThreadId, threads[0]);
            Assert.NotEqual(threads[0], threads[1]);
        }
    }

    [Fact]
    public void Members_work_at_the_same_time()
    {
        ThreadTeam.Count = 3;
        int arrived = 0;
        Meeting work = new() { Arrived = &arrived, Expected = 3 };
        long start = Stopwatch.GetTimestamp();
        ThreadTeam.Run(ref work, 3);
        Assert.Equal(3, arrived);
        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 15, "The three chunks never met.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void A_failure_reaches_the_caller_after_all_have_stopped(int threads)
    {
        ThreadTeam.Count = threads;
        for (int round = 0; round < 50; round++)
        {
            int running = 0;
            Failing work = new() { Running = &running };
            InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => ThreadTeam.Run(ref work, 20));
            Assert.Equal("chunk 3", e.Message);
            Assert.Equal(0, running);
        }
        Every_chunk_runs_once(threads);
    }

    [Fact]
    public void A_run_inside_a_chunk_stays_on_its_thread()
    {
        ThreadTeam.Count = 4;
        int* hits = stackalloc int[10];
        new Span<int>(hits, 10).Clear();
        int others = 0;
        Nested work = new() { Hits = hits, OtherThreads = &others };
        ThreadTeam.Run(ref work, 12);
        for (int i = 0; i < 10; i++) Assert.Equal(12, hits[i]);
        Assert.Equal(0, others);
    }

    [Fact]
    public void Callers_at_the_same_time_each_get_their_work_done()
    {
        ThreadTeam.Count = 3;
        int failures = 0;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            int* hits = stackalloc int[8];
            for (int round = 0; round < 2000; round++)
            {
                new Span<int>(hits, 8).Clear();
                Counting work = new() { Hits = hits, Spin = 10 };
                ThreadTeam.Run(ref work, 8);
                for (int i = 0; i < 8; i++)
                {
                    if (hits[i] != 1) Interlocked.Increment(ref failures);
                }
            }
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
        Assert.Equal(0, failures);
    }

    [Fact]
    public void Count_changes_while_others_work()
    {
        ThreadTeam.Count = 2;
        bool stop = false;
        int failures = 0;
        Thread caller = new(() =>
        {
            int* hits = stackalloc int[8];
            while (!Volatile.Read(ref stop))
            {
                new Span<int>(hits, 8).Clear();
                Counting work = new() { Hits = hits, Spin = 10 };
                ThreadTeam.Run(ref work, 8);
                for (int i = 0; i < 8; i++)
                {
                    if (hits[i] != 1) Interlocked.Increment(ref failures);
                }
            }
        });
        caller.Start();
        for (int i = 0; i < 200; i++) ThreadTeam.Count = 1 + i * 7 % 9;
        Volatile.Write(ref stop, true);
        caller.Join();
        Assert.Equal(0, failures);
    }

    private struct Losing : IChunkedWork
    {
        public int Owner;
        public int* Joined, OtherThreads;
        public int Sleep;

        public readonly void Execute(int chunk)
        {
            if (Environment.CurrentManagedThreadId != Owner)
            {
                Interlocked.Increment(ref *OtherThreads);
                Volatile.Write(ref *Joined, 1);
                Thread.Sleep(Sleep);
                return;
            }
            long start = Stopwatch.GetTimestamp();
            while (Sleep > 0 && Volatile.Read(ref *Joined) == 0 && Stopwatch.GetElapsedTime(start).TotalSeconds < 20) Thread.Sleep(0);
        }
    }

    [Fact]
    public void A_caller_runs_alone_for_a_while_after_a_member_lost_its_core()
    {
        if (Environment.ProcessorCount < 2) return;
        // setting the number ends a pause; 150 ms without a core, as another process's time slices would do it, begin one of 20 ms or more
        ThreadTeam.Count = 2;
        int joined = 0, others = 0;
        Losing work = new() { Owner = Environment.CurrentManagedThreadId, Joined = &joined, OtherThreads = &others, Sleep = 150 };
        ThreadTeam.Run(ref work, 2);
        Assert.Equal(1, others);
        long start = Stopwatch.GetTimestamp();
        work.Sleep = 0;
        joined = 0;
        for (int i = 0; i < 100; i++) ThreadTeam.Run(ref work, 50);
        if (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 15) Assert.Equal(1, others);

        ThreadTeam.Count = 2;
        Members_work_at_the_same_time();
    }

    [Fact]
    public void An_idle_team_uses_no_processor()
    {
        ThreadTeam.Count = Math.Max(2, Environment.ProcessorCount);
        int* hits = stackalloc int[8];
        Counting work = new() { Hits = hits, Spin = 100 };
        ThreadTeam.Run(ref work, 8);
        // other tests' threads may be at work: the quietest of several periods counts
        double least = double.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            Thread.Sleep(20);
            TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
            Thread.Sleep(200);
            least = Math.Min(least, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds);
        }
        Assert.True(least < 100, $"An idle team took {least} ms of processor time in 200 ms.");
    }

    [Fact]
    public void A_dispatch_allocates_nothing()
    {
        ThreadTeam.Count = 2;
        int* hits = stackalloc int[8];
        Counting work = new() { Hits = hits };
        for (int i = 0; i < 100; i++) ThreadTeam.Run(ref work, 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) ThreadTeam.Run(ref work, 8);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void A_team_has_1_to_64_members(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => ThreadTeam.Count = count);
}
