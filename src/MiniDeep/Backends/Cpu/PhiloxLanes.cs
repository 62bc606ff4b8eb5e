using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>Whole blocks of <see cref="Philox"/> as vectors, from a block on.</summary>
internal unsafe struct PhiloxFill : IKernelCall<ulong>
{
    public ulong* Destination;

    /// <summary>How many are wanted; afterwards how many there are: what whole vectors fill.</summary>
    public int Blocks;
    public ulong Key, Stream, FirstBlock;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, ulong>
        where TVec : unmanaged
    {
        Blocks = TSimd.Count > 1 && BitConverter.IsLittleEndian ? Blocks / TSimd.Count * TSimd.Count : 0;
        if (Blocks > 0) PhiloxLanes<TSimd, TVec>.Fill(Destination, Blocks, Key, Stream, FirstBlock);
    }

    /// <summary>As <see cref="Philox.FillWords"/>, from the first word of a block on.</summary>
    public static void Words(uint* words, int count, ulong key, ulong stream, long start)
    {
        PhiloxFill fill = new() { Destination = (ulong*)words, Blocks = count / 4, Key = key, Stream = stream, FirstBlock = (ulong)start / 4 };
        KernelCall.Run<PhiloxFill, ulong>(ref fill);
        int done = 4 * fill.Blocks;
        if (done < count) Philox.FillWords(new Span<uint>(words + done, count - done), key, stream, start + done);
    }
}

/// <summary>
/// The rounds of <see cref="Philox.Block"/>, one block a lane, each word and each key in the lower half of its lane (anything may stand in the upper one until the end). A round of a vector is
/// two products, two shifts and two exclusive ors of three: nothing of it can be left out, and the loop runs at what the units for products and shifts can take.
/// </summary>
internal static unsafe class PhiloxLanes<TSimd, TVec>
    where TSimd : struct, ISimd<TVec, ulong>
    where TVec : unmanaged
{
    /// <summary>Vectors that are under way at once.</summary>
    private const int Together = 4;

    /// <summary>For the widest vector.</summary>
    private static ReadOnlySpan<ulong> LaneNumbers => [0, 1, 2, 3, 4, 5, 6, 7];

    [MethodImpl(JitOptions.Kernel)]
    public static void Fill(ulong* destination, int blocks, ulong key, ulong stream, ulong firstBlock)
    {
        TVec firstEven = TSimd.Broadcast(key), firstOdd = TSimd.Broadcast(key >> 32), evenStep = TSimd.Broadcast(Philox.Weyl0), oddStep = TSimd.Broadcast(Philox.Weyl1);
        // constants, so in memory that doesn't move
        TVec lanes = TSimd.Load((ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(LaneNumbers)));
        TVec counter = TSimd.Add(TSimd.Broadcast(firstBlock), lanes), step = TSimd.Broadcast((ulong)TSimd.Count), streamLow = TSimd.Broadcast(stream), streamHigh = TSimd.Broadcast(stream >> 32);
        for (int block = 0; block < blocks; block += Together * TSimd.Count)
        {
            // several vectors at a time, because each round waits for the one before
            TVec a0 = counter, b0 = TSimd.Add(a0, step), c0 = TSimd.Add(b0, step), d0 = TSimd.Add(c0, step);
            TVec a1 = Upper(a0), b1 = Upper(b0), c1 = Upper(c0), d1 = Upper(d0);
            TVec a2 = streamLow, b2 = a2, c2 = a2, d2 = a2, a3 = streamHigh, b3 = a3, c3 = a3, d3 = a3;
            counter = TSimd.Add(d0, step);
            TVec even = firstEven, odd = firstOdd;
            for (int round = 0; round < Philox.Rounds; round++, even = TSimd.Add(even, evenStep), odd = TSimd.Add(odd, oddStep))
            {
                Round(ref a0, ref a1, ref a2, ref a3, even, odd);
                Round(ref b0, ref b1, ref b2, ref b3, even, odd);
                Round(ref c0, ref c1, ref c2, ref c3, even, odd);
                Round(ref d0, ref d1, ref d2, ref d3, even, odd);
            }
            Leave(ref destination, Pair(a0, a1), Pair(a2, a3));
            if (block + TSimd.Count < blocks) Leave(ref destination, Pair(b0, b1), Pair(b2, b3));
            if (block + 2 * TSimd.Count < blocks) Leave(ref destination, Pair(c0, c1), Pair(c2, c3));
            if (block + 3 * TSimd.Count < blocks) Leave(ref destination, Pair(d0, d1), Pair(d2, d3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref TVec x0, ref TVec x1, ref TVec x2, ref TVec x3, TVec even, TVec odd)
    {
        TVec p0 = Product(TSimd.Broadcast(Philox.Multiplier0), x0), p1 = Product(TSimd.Broadcast(Philox.Multiplier1), x2);
        x0 = TSimd.Xor(TSimd.Xor(Upper(p1), x1), even);
        x2 = TSimd.Xor(TSimd.Xor(Upper(p0), x3), odd);
        x1 = p1;
        x3 = p0;
    }

    /// <summary>Products of the lower halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Product(TVec a, TVec b)
    {
        if (typeof(TVec) == typeof(Vector512<ulong>) && Avx512F.IsSupported)
            return Unsafe.BitCast<Vector512<ulong>, TVec>(Avx512F.Multiply(Unsafe.BitCast<TVec, Vector512<uint>>(a), Unsafe.BitCast<TVec, Vector512<uint>>(b)));
        if (typeof(TVec) == typeof(Vector256<ulong>) && Avx2.IsSupported)
            return Unsafe.BitCast<Vector256<ulong>, TVec>(Avx2.Multiply(Unsafe.BitCast<TVec, Vector256<uint>>(a), Unsafe.BitCast<TVec, Vector256<uint>>(b)));
        if (typeof(TVec) == typeof(Vector128<ulong>) && Sse2.IsSupported)
            return Unsafe.BitCast<Vector128<ulong>, TVec>(Sse2.Multiply(Unsafe.BitCast<TVec, Vector128<uint>>(a), Unsafe.BitCast<TVec, Vector128<uint>>(b)));
        return TSimd.Multiply(a, TSimd.And(b, TSimd.Broadcast(uint.MaxValue)));
    }

    /// <summary>The upper halves, as lower ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Upper(TVec a)
    {
        if (typeof(TVec) == typeof(Vector512<ulong>)) return Unsafe.BitCast<Vector512<ulong>, TVec>(Unsafe.BitCast<TVec, Vector512<ulong>>(a) >>> 32);
        if (typeof(TVec) == typeof(Vector256<ulong>)) return Unsafe.BitCast<Vector256<ulong>, TVec>(Unsafe.BitCast<TVec, Vector256<ulong>>(a) >>> 32);
        return Unsafe.BitCast<Vector128<ulong>, TVec>(Unsafe.BitCast<TVec, Vector128<ulong>>(a) >>> 32);
    }

    /// <summary>Lower halves of two vectors, as both halves of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Pair(TVec lower, TVec upper)
    {
        TVec word = TSimd.Broadcast(uint.MaxValue);
        if (typeof(TVec) == typeof(Vector512<ulong>)) upper = Unsafe.BitCast<Vector512<ulong>, TVec>(Unsafe.BitCast<TVec, Vector512<ulong>>(upper) << 32);
        else if (typeof(TVec) == typeof(Vector256<ulong>)) upper = Unsafe.BitCast<Vector256<ulong>, TVec>(Unsafe.BitCast<TVec, Vector256<ulong>>(upper) << 32);
        else upper = Unsafe.BitCast<Vector128<ulong>, TVec>(Unsafe.BitCast<TVec, Vector128<ulong>>(upper) << 32);
        return TSimd.Or(TSimd.And(lower, word), upper);
    }

    /// <summary>Writes blocks one after the other, from their first and second words' vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(ref ulong* destination, TVec first, TVec second)
    {
        if (typeof(TVec) == typeof(Vector512<ulong>) && Avx512F.IsSupported)
        {
            Vector512<ulong> a = Unsafe.BitCast<TVec, Vector512<ulong>>(first), b = Unsafe.BitCast<TVec, Vector512<ulong>>(second);
            Avx512F.PermuteVar8x64x2(a, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), b).Store(destination);
            Avx512F.PermuteVar8x64x2(a, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), b).Store(destination + 8);
            destination += 16;
            return;
        }
        if (typeof(TVec) == typeof(Vector256<ulong>) && Avx2.IsSupported)
        {
            Vector256<ulong> a = Unsafe.BitCast<TVec, Vector256<ulong>>(first), b = Unsafe.BitCast<TVec, Vector256<ulong>>(second);
            Vector256<ulong> even = Avx2.UnpackLow(a, b), odd = Avx2.UnpackHigh(a, b);
            Avx2.Permute2x128(even, odd, 0x20).Store(destination);
            Avx2.Permute2x128(even, odd, 0x31).Store(destination + 4);
            destination += 8;
            return;
        }
        ulong* lanes = stackalloc ulong[2 * TSimd.Count];
        TSimd.Store(lanes, first);
        TSimd.Store(lanes + TSimd.Count, second);
        for (int lane = 0; lane < TSimd.Count; lane++) (destination[2 * lane], destination[2 * lane + 1]) = (lanes[lane], lanes[TSimd.Count + lane]);
        destination += 2 * TSimd.Count;
    }
}
