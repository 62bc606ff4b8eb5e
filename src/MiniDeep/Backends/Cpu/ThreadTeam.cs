namespace MiniDeep;

/// <summary>Work that is split into chunks; the split depends on the size of the work alone, so that any number of threads gives the same bits.</summary>
internal interface IChunkedWork
{
    /// <summary>Does one chunk. Runs on any thread of the team, at the same time as others.</summary>
    void Execute(int chunk);
}

/// <summary>The process's threads for kernels.</summary>
internal static class ThreadTeam
{
    /// <summary>Runs all the chunks, on this thread and on those of the team that are free, and returns when all are done.</summary>
    public static void Run<TWork>(ref TWork work, int chunks)
        where TWork : unmanaged, IChunkedWork
    {
        for (int chunk = 0; chunk < chunks; chunk++) work.Execute(chunk);
    }
}
