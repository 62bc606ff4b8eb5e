using System.Numerics;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>Keeps an element where its random word is large enough, so that the mask need not be stored: the gradient draws it again.</summary>
internal unsafe struct DropoutJob : IChunkedWork
{
    /// <summary>Elements in a chunk: whole blocks of random words.</summary>
    private const int ChunkSize = 16 * 1024;

    /// <summary>Random words made at a time.</summary>
    private const int WordCount = 256;

    /// <summary><see cref="ElementwiseKernels.Keep"/> for the dtype.</summary>
    public delegate*<Row*, void> Kernel;
    public byte* X, Y;
    public int Count, ElementSize;
    public bool Accumulate;
    public ulong Key, Stream;
    public double Rate;

    public void Run()
    {
        if (Count <= ChunkSize) Execute(0);
        else ThreadTeam.Run(ref this, (Count + ChunkSize - 1) / ChunkSize);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Execute(int chunk)
    {
        uint* words = stackalloc uint[WordCount];
        byte* masks = stackalloc byte[WordCount * sizeof(double)];
        // at rate 1 no word reaches 2^32
        long threshold = (long)Math.Ceiling(Rate * (1L << 32));
        Row row = new() { A = masks, Accumulate = Accumulate, Alpha = Rate < 1 ? 1 / (1 - Rate) : 0 };
        int end = Math.Min(Count, (chunk + 1) * ChunkSize);
        for (int start = chunk * ChunkSize; start < end; start += WordCount)
        {
            int n = Math.Min(WordCount, end - start);
            Philox.FillWords(new Span<uint>(words, n), Key, Stream, start);
            MaskOf(words, n, threshold, masks, ElementSize == sizeof(double));
            row.B = X + (nint)start * ElementSize;
            row.Y = Y + (nint)start * ElementSize;
            row.N = n;
            Kernel(&row);
        }
    }

    /// <summary>All bits or none, without a branch that nobody could predict.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaskOf(uint* words, int n, long threshold, byte* masks, bool wide)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated && threshold <= uint.MaxValue)
        {
            Vector<uint> limit = new((uint)threshold);
            for (; i <= n - Vector<uint>.Count; i += Vector<uint>.Count)
            {
                Vector<int> keep = Vector.GreaterThanOrEqual(Vector.Load(words + i), limit).As<uint, int>();
                if (!wide)
                {
                    keep.Store((int*)masks + i);
                    continue;
                }
                Vector.WidenLower(keep).Store((long*)masks + i);
                Vector.WidenUpper(keep).Store((long*)masks + i + Vector<long>.Count);
            }
        }
        for (; i < n; i++)
        {
            long keep = ~((words[i] - threshold) >> 63);
            if (wide) ((long*)masks)[i] = keep;
            else ((int*)masks)[i] = (int)keep;
        }
    }
}
