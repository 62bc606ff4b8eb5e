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

    public byte* X, Y;
    public int Count;
    public bool Accumulate, Single;
    public ulong Key, Stream;
    public double Rate;

    public void Run()
    {
        if (Count <= ChunkSize) Execute(0);
        else ThreadTeam.Run(ref this, (Count + ChunkSize - 1) / ChunkSize);
    }

    public readonly void Execute(int chunk)
    {
        int start = chunk * ChunkSize, end = Math.Min(Count, start + ChunkSize);
        if (Single) Apply<float>(start, end);
        else Apply<double>(start, end);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Apply<T>(int start, int end)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        uint* words = stackalloc uint[WordCount];
        // at rate 1 no word reaches 2^32
        ulong threshold = (ulong)Math.Ceiling(Rate * (1UL << 32));
        T scale = Rate < 1 ? T.CreateTruncating(1 / (1 - Rate)) : T.Zero;
        T* x = (T*)X;
        T* y = (T*)Y;
        for (; start < end; start += WordCount)
        {
            int n = Math.Min(WordCount, end - start);
            Philox.FillWords(new Span<uint>(words, n), Key, Stream, start);
            for (int i = 0; i < n; i++)
            {
                T kept = x[start + i] * scale, value = words[i] >= threshold ? kept : T.Zero;
                y[start + i] = Accumulate ? y[start + i] + value : value;
            }
        }
    }
}
