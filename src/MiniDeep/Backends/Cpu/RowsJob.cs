namespace MiniDeep;

/// <summary>Work on independent rows of contiguous matrices, cut into chunks by the shape alone.</summary>
internal unsafe struct RowsJob : IChunkedWork
{
    /// <summary>At most so many chunks have partial results: they lie on the stack.</summary>
    public const int MaxPartials = 256;

    /// <summary>Elements in a chunk: few, because each costs an exponential.</summary>
    private const int ChunkSize = 4096;

    public delegate*<RowsJob*, int, int, double> Kernel;
    public byte* X, Target, Y;
    public int Rows, Length;
    public bool Accumulate;
    public double Scale;
    public double* Partials;

    private int _rowsPerChunk;

    /// <summary>Runs the kernel (job, first row, count) over all rows; where there are partials, its results are added up in order.</summary>
    public double Run()
    {
        if (Rows == 0) return 0;
        _rowsPerChunk = Math.Max(1, ChunkSize / Math.Max(1, Length));
        int chunks = ChunkCount();
        if (chunks == 1)
        {
            RowsJob job = this;
            return Kernel(&job, 0, Rows);
        }
        if (Partials != null)
        {
            for (; chunks > MaxPartials; chunks = ChunkCount()) _rowsPerChunk *= 2;
        }
        ThreadTeam.Run(ref this, chunks);
        double sum = 0;
        for (int i = 0; Partials != null && i < chunks; i++) sum += Partials[i];
        return sum;
    }

    public readonly void Execute(int chunk)
    {
        RowsJob job = this;
        int first = chunk * _rowsPerChunk;
        double result = Kernel(&job, first, Math.Min(_rowsPerChunk, Rows - first));
        if (Partials != null) Partials[chunk] = result;
    }

    private readonly int ChunkCount() => (int)(((long)Rows + _rowsPerChunk - 1) / _rowsPerChunk);
}
