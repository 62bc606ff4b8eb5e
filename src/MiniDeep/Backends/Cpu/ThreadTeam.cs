using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace MiniDeep;

/// <summary>Work that is split into chunks; the split depends on the size of the work alone, so that any number of threads gives the same bits.</summary>
internal interface IChunkedWork
{
    /// <summary>Does one chunk. Runs on any thread of the team, at the same time as others.</summary>
    void Execute(int chunk);
}

/// <summary>
/// The process's threads for kernels. Each has a part of a job's chunks for itself, the same part of every job: what it wrote in one operation is in its cache for the next. One that is through
/// with its part helps the others, from their parts' ends. A job is open while it has chunks to give; members join an open job, and its owner waits only for those that
/// did, never for a thread that the system hasn't woken. A caller that finds the team busy (another caller, or a chunk of the running job) runs alone.
/// Where a member lost its core to another process in the middle of a chunk, callers run alone for a while: waiting for a time slice costs more than the member brings.
/// </summary>
internal static unsafe class ThreadTeam
{
    /// <summary>The most members a team may have.</summary>
    public const int MaxCount = 64;

    // _state: bit 0 a job is open, bit 1 its owner sleeps, bits 2..15 members at work, the rest counts jobs.
    private const long Open = 1;
    private const long OwnerSleeps = 2;
    private const long Member = 4;
    private const long MemberMask = 0xFFFC;
    private const long Job = 0x10000;

    private const int PartStride = 16;

    /// <summary>How long an idle member watches for the next job before it blocks; a training step's gaps are shorter.</summary>
    private static readonly long s_memberSpin = Stopwatch.Frequency * 300 / 1_000_000;

    private static readonly long s_ownerSpin = Stopwatch.Frequency * 100 / 1_000_000;

    /// <summary>An owner that waits so much longer than its own chunks took waits for a member without a core.</summary>
    private static readonly long s_patience = Stopwatch.Frequency / 1000;

    private static readonly long s_shortestPause = Stopwatch.Frequency / 50;
    private static readonly long s_longestPause = Stopwatch.Frequency / 10;
    private static readonly Lock s_gate = new();
    private static readonly SemaphoreSlim s_wake = new(0);
    private static readonly SemaphoreSlim s_done = new(0);
    private static readonly bool[] s_running = new bool[MaxCount];

    private static int s_count = Math.Clamp(Environment.ProcessorCount, 1, MaxCount);
    private static bool s_started;
    private static int s_busy;
    private static int s_sleeping;
    private static Shared s_shared;

    /// <summary>For each member the chunks of its part that are left: the first, and above it the one behind the last. On cache lines of their own.</summary>
    private static readonly long[] s_parts = new long[(MaxCount + 1) * PartStride];

    private static delegate*<void*, int, void> s_execute;
    private static void* s_work;
    private static int s_members;
    private static ExceptionDispatchInfo? s_failure;

    /// <summary>Until when callers run alone; 0 where no member has lost its core lately.</summary>
    private static long s_aloneUntil;
    private static long s_pause;

    /// <summary>Members, the caller included; by default the cores available to the process.</summary>
    public static int Count
    {
        get => Volatile.Read(ref s_count);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxCount);
            lock (s_gate)
            {
                s_count = value;
                Volatile.Write(ref s_aloneUntil, 0);
                if (s_started) StartMissing();
            }
            WakeSleepers(int.MaxValue);
        }
    }

    /// <summary>Runs all the chunks, on this thread and on those of the team that are free, and returns when all are done.</summary>
    public static void Run<TWork>(ref TWork work, int chunks)
        where TWork : unmanaged, IChunkedWork
    {
        if (chunks > 1 && Count > 1 && !IsPaused && Interlocked.CompareExchange(ref s_busy, 1, 0) == 0)
        {
            // A local copy, so that the members' pointer stays valid whatever work is a reference to.
            TWork local = work;
            RunShared(&Invoke<TWork>, &local, chunks);
            return;
        }
        for (int chunk = 0; chunk < chunks; chunk++) work.Execute(chunk);
    }

    private static void Invoke<TWork>(void* work, int chunk)
        where TWork : unmanaged, IChunkedWork => ((TWork*)work)->Execute(chunk);

    private static void RunShared(delegate*<void*, int, void> execute, void* work, int chunks)
    {
        ExceptionDispatchInfo? failure;
        try
        {
            if (!s_started) Start();
            s_execute = execute;
            s_work = work;
            s_members = Math.Min(Count, chunks);
            for (int i = 0; i < s_members; i++) Part(i) = Pack((long)chunks * i / s_members, (long)chunks * (i + 1) / s_members);
            s_failure = null;
            Interlocked.Add(ref s_shared.State, Job | Open);
            if (Volatile.Read(ref s_sleeping) > 0) WakeSleepers(chunks - 1);
            long start = Stopwatch.GetTimestamp();
            int own = TakeChunks(0);
            Interlocked.And(ref s_shared.State, ~Open);
            WaitForMembers(start, own);
            failure = s_failure;
            s_failure = null;
        }
        finally
        {
            Volatile.Write(ref s_busy, 0);
        }
        failure?.Throw();
    }

    private static ref long Part(int member) => ref s_parts[(member + 1) * PartStride];

    private static long Pack(long first, long end) => first | end << 32;

    /// <summary>Does the chunks of a member's part, then what is left of the others'.</summary>
    /// <returns>How many.</returns>
    private static int TakeChunks(int member)
    {
        int taken = 0, members = s_members;
        try
        {
            // where there are fewer chunks than members, and where the team has shrunk, not every member has a part
            if (member < members)
            {
                for (int chunk; (chunk = Take(ref Part(member), fromEnd: false)) >= 0; taken++) s_execute(s_work, chunk);
            }
            for (int i = 1; i < members; i++)
            {
                for (int chunk; (chunk = Take(ref Part((member + i) % members), fromEnd: true)) >= 0; taken++) s_execute(s_work, chunk);
            }
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref s_failure, ExceptionDispatchInfo.Capture(e), null);
            for (int i = 0; i < members; i++) Volatile.Write(ref Part(i), 0);
        }
        return taken;
    }

    /// <returns>A chunk; -1 where none is left.</returns>
    private static int Take(ref long part, bool fromEnd)
    {
        while (true)
        {
            long seen = Volatile.Read(ref part);
            int first = (int)seen, end = (int)(seen >> 32);
            if (first >= end) return -1;
            if (Interlocked.CompareExchange(ref part, fromEnd ? Pack(first, end - 1) : Pack(first + 1, end), seen) == seen) return fromEnd ? end - 1 : first;
        }
    }

    private static void WaitForMembers(long started, int ownChunks)
    {
        if ((Volatile.Read(ref s_shared.State) & MemberMask) == 0) return;
        long start = Stopwatch.GetTimestamp();
        JoinMembers(start);
        long end = Stopwatch.GetTimestamp();
        if (MaySpin && end - start > s_patience + (2 * (start - started) / Math.Max(ownChunks, 1))) Pause(end);
    }

    /// <summary>The next pause is twice as long if it follows close upon the last.</summary>
    private static void Pause(long now)
    {
        s_pause = now - s_aloneUntil < 4 * s_pause ? Math.Min(2 * s_pause, s_longestPause) : s_shortestPause;
        Volatile.Write(ref s_aloneUntil, now + s_pause);
    }

    private static bool IsPaused => Volatile.Read(ref s_aloneUntil) is not 0 and var until && Stopwatch.GetTimestamp() < until;

    private static void JoinMembers(long start)
    {
        while (MaySpin && Stopwatch.GetTimestamp() - start < s_ownerSpin)
        {
            for (int i = 0; i < 16; i++)
            {
                if ((Volatile.Read(ref s_shared.State) & MemberMask) == 0) return;
                Thread.SpinWait(1);
            }
        }
        if ((Interlocked.Or(ref s_shared.State, OwnerSleeps) & MemberMask) != 0) s_done.Wait();
        Interlocked.And(ref s_shared.State, ~OwnerSleeps);
    }

    /// <summary>A team larger than the machine would take the cores from the members that have work.</summary>
    private static bool MaySpin => Count <= Environment.ProcessorCount;

    private static void Start()
    {
        lock (s_gate)
        {
            if (s_started) return;
            StartMissing();
            s_started = true;
        }
    }

    private static void StartMissing()
    {
        for (int i = 1; i < s_count; i++)
        {
            if (s_running[i]) continue;
            s_running[i] = true;
            new Thread(MemberLoop) { IsBackground = true, Name = $"MiniDeep kernels {i}" }.Start(i);
        }
    }

    private static void MemberLoop(object? argument)
    {
        int index = (int)argument!;
        long seen = 0;
        while (true)
        {
            if (index >= Count)
            {
                lock (s_gate)
                {
                    if (index >= s_count)
                    {
                        s_running[index] = false;
                        return;
                    }
                }
            }
            long state = Volatile.Read(ref s_shared.State);
            if (state / Job != seen && (state & Open) != 0)
            {
                if (Interlocked.CompareExchange(ref s_shared.State, state + Member, state) != state) continue;
                seen = state / Job;
                TakeChunks(index);
                state = Interlocked.Add(ref s_shared.State, -Member);
                if ((state & (MemberMask | OwnerSleeps)) == OwnerSleeps) s_done.Release();
                continue;
            }
            WaitForJob(index, seen);
        }
    }

    private static void WaitForJob(int index, long seen)
    {
        long start = Stopwatch.GetTimestamp();
        while (MaySpin && Stopwatch.GetTimestamp() - start < s_memberSpin)
        {
            for (int i = 0; i < 32; i++)
            {
                if (HasWork(seen)) return;
                Thread.SpinWait(1);
            }
        }
        Interlocked.Increment(ref s_sleeping);
        if (HasWork(seen) || index >= Count)
        {
            // The waker may already have counted this member in: then a token too many makes some later wait return early, which does no harm.
            int sleeping;
            do sleeping = Volatile.Read(ref s_sleeping);
            while (sleeping > 0 && Interlocked.CompareExchange(ref s_sleeping, sleeping - 1, sleeping) != sleeping);
            return;
        }
        s_wake.Wait();
    }

    private static bool HasWork(long seen)
    {
        long state = Volatile.Read(ref s_shared.State);
        return state / Job != seen && (state & Open) != 0;
    }

    private static void WakeSleepers(int wanted)
    {
        int sleeping, woken;
        do
        {
            sleeping = Volatile.Read(ref s_sleeping);
            woken = Math.Min(sleeping, wanted);
            if (woken <= 0) return;
        }
        while (Interlocked.CompareExchange(ref s_sleeping, sleeping - woken, sleeping) != sleeping);
        s_wake.Release(woken);
    }

    /// <summary>The word that every member writes, on cache lines of its own.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit, Size = 256)]
    private struct Shared
    {
        [System.Runtime.InteropServices.FieldOffset(128)] public long State;
    }
}
