using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>Keeps an element where its half of a random word is large enough, so that the mask need not be stored: the gradient draws it again.</summary>
internal unsafe struct DropoutJob : IChunkedWork
{
    /// <summary>Elements in a chunk: whole blocks of random words.</summary>
    private const int ChunkSize = 16 * 1024;

    /// <summary>Random words made at a time: so few that the elements after the next ones are fetched while they are made, and memory never waits for the generator.</summary>
    private const int WordCount = 256;

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
        byte* buffer = stackalloc byte[WordCount * sizeof(uint) + 2 * Alignment];
        uint* words = (uint*)(((nint)buffer + Alignment) & -Alignment);
        // at rate 1 no half reaches 2^16
        int least = (int)Math.Ceiling(Rate * (1 << 16));
        DropoutPart part = new() { Halves = (ushort*)words, Above = least - 1, Accumulate = Accumulate, Scale = Rate < 1 ? 1 / (1 - Rate) : 0 };
        int end = Math.Min(Count, (chunk + 1) * ChunkSize);
        for (int start = chunk * ChunkSize; start < end; start += 2 * WordCount)
        {
            part.Count = Math.Min(2 * WordCount, end - start);
            int count = (part.Count + 1) / 2;
            PhiloxFill.Words(words, count, Key, Stream, start / 2);
            // the lower half comes first
            for (int i = 0; i < count && !BitConverter.IsLittleEndian; i++) words[i] = BitOperations.RotateLeft(words[i], 16);
            part.X = X + (nint)start * ElementSize;
            part.Y = Y + (nint)start * ElementSize;
            Kernel(&part);
        }
    }
}

/// <summary>Elements side by side, and half a random word for each; behind them there is memory for a whole vector.</summary>
internal unsafe struct DropoutPart
{
    public ushort* Halves;
    public byte* X, Y;
    public int Count;

    /// <summary>An element stays where its half is larger.</summary>
    public int Above;
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
        ushort* halves = part->Halves;
        int above = part->Above;
        bool accumulate = part->Accumulate;
        TVec scale = TSimd.Broadcast(Real<T>.Of(part->Scale));
        nint n = part->Count;
        for (; n >= TSimd.Count; n -= TSimd.Count, x += TSimd.Count, y += TSimd.Count, halves += TSimd.Count)
        {
            // NaN and infinity vanish too
            TVec value = TSimd.Select(Larger(halves, above), VectorMath<TSimd, TVec, T>.Product(TSimd.Load(x), scale), TSimd.Zero);
            if (accumulate) value = TSimd.Add(TSimd.Load(y), value);
            TSimd.Store(y, value);
        }
        if (n > 0)
        {
            TVec value = TSimd.Select(Larger(halves, above), VectorMath<TSimd, TVec, T>.Product(Lanes<TSimd, TVec, T>.Load(x, n), scale), TSimd.Zero);
            if (accumulate) value = TSimd.Add(Lanes<TSimd, TVec, T>.Load(y, n), value);
            Lanes<TSimd, TVec, T>.Store(y, n, value);
        }
    }

    /// <summary>All bits set where a half is larger.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Larger(ushort* halves, int above)
    {
        if (typeof(TVec) == typeof(Vector512<float>) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<int>, TVec>(Vector512.GreaterThan(Avx512F.ConvertToVector512Int32(Vector256.Load(halves)), Vector512.Create(above)));
        if (typeof(TVec) == typeof(Vector256<float>) && Avx2.IsSupported)
            return Unsafe.BitCast<Vector256<int>, TVec>(Vector256.GreaterThan(Avx2.ConvertToVector256Int32(halves), Vector256.Create(above)));
        if (typeof(TVec) == typeof(Vector128<float>))
        {
            Vector128<ushort> four = Vector128.CreateScalar(*(ulong*)halves).AsUInt16();
            return Unsafe.BitCast<Vector128<int>, TVec>(Vector128.GreaterThan(Vector128.WidenLower(four).AsInt32(), Vector128.Create(above)));
        }
        if (typeof(TVec) == typeof(Vector512<double>) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<long>, TVec>(Vector512.GreaterThan(Avx512F.ConvertToVector512Int64(Vector128.Load(halves)), Vector512.Create((long)above)));
        if (typeof(TVec) == typeof(Vector256<double>) && Avx2.IsSupported)
            return Unsafe.BitCast<Vector256<long>, TVec>(Vector256.GreaterThan(Avx2.ConvertToVector256Int64(halves), Vector256.Create((long)above)));
        TVec mask = TSimd.Zero;
        for (int lane = 0; lane < TSimd.Count; lane++)
        {
            // all bits or none, without a branch that nobody could predict
            int larger = (above - halves[lane]) >> 31;
            if (sizeof(T) == 4) ((int*)&mask)[lane] = larger;
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
