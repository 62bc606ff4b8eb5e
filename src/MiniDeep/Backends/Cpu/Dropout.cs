using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>Keeps an element where its random word is large enough, so that the mask need not be stored: the gradient draws it again.</summary>
internal unsafe struct DropoutJob : IChunkedWork
{
    /// <summary>Elements in a chunk: whole blocks of random words.</summary>
    private const int ChunkSize = 16 * 1024;

    /// <summary>Random words made at a time: many, because each time the round's keys are made too.</summary>
    private const int WordCount = 1024;

    /// <summary>Of the words in bytes: a vector that lies across two of the cache's lines takes twice as long.</summary>
    private const int Alignment = 64;

    /// <summary>The loop for the dtype.</summary>
    public delegate*<DropoutPart*, void> Kernel;
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

    public readonly void Execute(int chunk)
    {
        byte* buffer = stackalloc byte[WordCount * sizeof(uint) + Alignment];
        uint* words = (uint*)(((nint)buffer + Alignment) & -Alignment);
        // at rate 1 no word reaches 2^32
        long least = (long)Math.Ceiling(Rate * (1L << 32));
        DropoutPart part = new() { Words = words, Above = (uint)(Math.Max(1, least) - 1), Accumulate = Accumulate, Scale = Rate < 1 ? 1 / (1 - Rate) : 0 };
        new Span<uint>(words, WordCount).Fill(uint.MaxValue);
        int end = Math.Min(Count, (chunk + 1) * ChunkSize);
        for (int start = chunk * ChunkSize; start < end; start += WordCount)
        {
            part.Count = Math.Min(WordCount, end - start);
            if (least > 0) PhiloxFill.Words(words, part.Count, Key, Stream, start);
            part.X = X + (nint)start * ElementSize;
            part.Y = Y + (nint)start * ElementSize;
            Kernel(&part);
        }
    }
}

/// <summary>Elements side by side, and a random word for each; behind them there are words for a whole vector.</summary>
internal unsafe struct DropoutPart
{
    public uint* Words;
    public byte* X, Y;
    public int Count;

    /// <summary>An element stays where its word is larger.</summary>
    public uint Above;
    public bool Accumulate;
    public double Scale;
}

/// <summary>y = x scale, or 0.</summary>
internal static unsafe class DropoutLoop<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(DropoutPart* part)
    {
        T* x = (T*)part->X;
        T* y = (T*)part->Y;
        uint* words = part->Words;
        uint above = part->Above;
        bool accumulate = part->Accumulate;
        TVec scale = TSimd.Broadcast(Real<T>.Of(part->Scale));
        nint n = part->Count;
        for (; n >= TSimd.Count; n -= TSimd.Count, x += TSimd.Count, y += TSimd.Count, words += TSimd.Count)
        {
            // NaN and infinity vanish too
            TVec value = TSimd.Select(Larger(words, above), VectorMath<TSimd, TVec, T>.Product(TSimd.Load(x), scale), TSimd.Zero);
            if (accumulate) value = TSimd.Add(TSimd.Load(y), value);
            TSimd.Store(y, value);
        }
        if (n > 0)
        {
            TVec value = TSimd.Select(Larger(words, above), VectorMath<TSimd, TVec, T>.Product(Lanes<TSimd, TVec, T>.Load(x, n), scale), TSimd.Zero);
            if (accumulate) value = TSimd.Add(Lanes<TSimd, TVec, T>.Load(y, n), value);
            Lanes<TSimd, TVec, T>.Store(y, n, value);
        }
    }

    /// <summary>All bits set where a word is larger.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Larger(uint* words, uint above)
    {
        if (typeof(TVec) == typeof(Vector512<float>)) return Unsafe.BitCast<Vector512<uint>, TVec>(Vector512.GreaterThan(Vector512.Load(words), Vector512.Create(above)));
        if (typeof(TVec) == typeof(Vector256<float>)) return Unsafe.BitCast<Vector256<uint>, TVec>(Vector256.GreaterThan(Vector256.Load(words), Vector256.Create(above)));
        if (typeof(TVec) == typeof(Vector128<float>)) return Unsafe.BitCast<Vector128<uint>, TVec>(Vector128.GreaterThan(Vector128.Load(words), Vector128.Create(above)));
        if (typeof(TVec) == typeof(Vector512<double>) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<long>, TVec>(Vector512.GreaterThan(Avx512F.ConvertToVector512Int64(Vector256.Load(words)), Vector512.Create((long)above)));
        if (typeof(TVec) == typeof(Vector256<double>) && Avx2.IsSupported)
            return Unsafe.BitCast<Vector256<long>, TVec>(Vector256.GreaterThan(Avx2.ConvertToVector256Int64(Vector128.Load(words)), Vector256.Create((long)above)));
        TVec mask = TSimd.Zero;
        for (int lane = 0; lane < TSimd.Count; lane++)
        {
            // all bits or none, without a branch that nobody could predict
            long larger = ((long)above - words[lane]) >> 63;
            if (sizeof(T) == 4) ((int*)&mask)[lane] = (int)larger;
            else ((long*)&mask)[lane] = larger;
        }
        return mask;
    }
}

/// <summary>Which loop drops elements of a float type on this machine.</summary>
internal static unsafe class DropoutKernels
{
    public static delegate*<DropoutPart*, void> For(DType dtype) => dtype == DType.Float32 ? For<float>() : For<double>();

    private static delegate*<DropoutPart*, void> For<T>()
        where T : unmanaged
    {
        var choice = new Choice<T>();
        KernelCall.Run<Choice<T>, T>(ref choice);
        return choice.Kernel;
    }

    private struct Choice<T> : IKernelCall<T>
        where T : unmanaged
    {
        public delegate*<DropoutPart*, void> Kernel;

        public void Run<TSimd, TVec>()
            where TSimd : struct, ISimd<TVec, T>
            where TVec : unmanaged => Kernel = &DropoutLoop<TSimd, TVec, T>.Run;
    }
}
