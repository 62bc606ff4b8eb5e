using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The arguments of a max-pool and of its gradient. Forward: x to y and argmax (or null); gradient: y holds dy, x gets dx.</summary>
internal unsafe struct MaxPoolCall<T> : IKernelCall<T>
    where T : unmanaged
{
    public PoolGeometry Geometry;
    public T* X, Y;
    public byte* Argmax;
    public bool Gradient, Accumulate;

    public void Run<TSimd, TVec>()
        where TSimd : struct, ISimd<TVec, T>
        where TVec : unmanaged
    {
        fixed (MaxPoolCall<T>* call = &this) MaxPool<TSimd, TVec, T>.Run(call);
    }
}

/// <summary>Max-pool over any windows; the channels are the vectors.</summary>
[SkipLocalsInit]
internal static unsafe class MaxPool<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const long ChunkElements = 1 << 15;

    public static void Run(MaxPoolCall<T>* call)
    {
        ref PoolGeometry g = ref call->Geometry;
        if (g.Batch == 0 || g.Channels == 0) return;
        long image = (long)g.InHeight * g.InWidth * g.Channels;
        Images work = new() { Call = call, Count = (int)Math.Clamp(ChunkElements / Math.Max(1, image), (g.Batch + 31) / 32, g.Batch) };
        ThreadTeam.Run(ref work, (g.Batch + work.Count - 1) / work.Count);
    }

    private struct Images : IChunkedWork
    {
        public MaxPoolCall<T>* Call;
        public int Count;

        public readonly void Execute(int chunk)
        {
            for (int image = chunk * Count; image < Math.Min(chunk * Count + Count, Call->Geometry.Batch); image++)
            {
                if (Call->Gradient) ImageGradient(Call, image);
                else Image(Call, image);
            }
        }
    }

    /// <summary>The part of a window along one axis that lies inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Inside(int start, int window, int size, out int first, out int end)
    {
        first = Math.Max(0, -start);
        end = Math.Min(window, size - start);
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void Image(MaxPoolCall<T>* call, int image)
    {
        ref PoolGeometry g = ref call->Geometry;
        nint channels = g.Channels, inRow = g.InWidth * channels;
        T* x = call->X + image * g.InHeight * inRow;
        nint offset = (nint)image * g.OutHeight * g.OutWidth * channels;
        T* y = call->Y + offset;
        byte* argmax = call->Argmax == null ? null : call->Argmax + offset;
        TVec one = TSimd.Broadcast(Real<T>.Of(1)), lowest = TSimd.Broadcast(Real<T>.Of(double.NegativeInfinity));
        T* lanes = stackalloc T[16];
        byte* places = stackalloc byte[16];
        for (int row = 0; row < g.OutHeight; row++)
        {
            Inside(row * g.StrideHeight - g.PadTop, g.WindowHeight, g.InHeight, out int top, out int bottom);
            for (int column = 0; column < g.OutWidth; column++)
            {
                Inside(column * g.StrideWidth - g.PadLeft, g.WindowWidth, g.InWidth, out int left, out int right);
                T* window = x + (row * g.StrideHeight - g.PadTop) * inRow + (column * g.StrideWidth - g.PadLeft) * channels;
                for (nint c = 0; c < channels; c += TSimd.Count)
                {
                    nint used = Math.Min(TSimd.Count, channels - c);
                    TVec best = lowest, place = TSimd.Zero;
                    bool started = false;
                    for (int i = top; i < bottom; i++)
                    {
                        TVec number = TSimd.Broadcast(Real<T>.Of(i * g.WindowWidth + left));
                        T* source = window + i * inRow + left * channels + c;
                        for (int j = left; j < right; j++, source += channels, number = TSimd.Add(number, one))
                        {
                            TVec value = used == TSimd.Count ? TSimd.Load(source) : LoadPart(source, used, lanes);
                            if (started) Better(value, number, ref best, ref place);
                            else (best, place, started) = (value, number, true);
                        }
                    }
                    if (used == TSimd.Count)
                    {
                        TSimd.Store(y + c, best);
                        if (argmax != null) ByteLanes<TSimd, TVec, T>.Store(argmax + c, place);
                        continue;
                    }
                    TSimd.Store(lanes, best);
                    for (nint lane = 0; lane < used; lane++) y[c + lane] = lanes[lane];
                    if (argmax == null) continue;
                    ByteLanes<TSimd, TVec, T>.Store(places, place);
                    for (nint lane = 0; lane < used; lane++) argmax[c + lane] = places[lane];
                }
                y += channels;
                if (argmax != null) argmax += channels;
            }
        }
    }

    /// <summary>Keeps the larger, the first of equals, and the first NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Better(TVec value, TVec number, ref TVec best, ref TVec place)
    {
        TVec better = TSimd.AndNot(TSimd.Equal(best, best), TSimd.GreaterThanOrEqual(best, value));
        best = TSimd.Select(better, value, best);
        place = TSimd.Select(better, number, place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec LoadPart(T* source, nint count, T* lanes)
    {
        for (nint i = 0; i < count; i++) lanes[i] = source[i];
        return TSimd.Load(lanes);
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void ImageGradient(MaxPoolCall<T>* call, int image)
    {
        ref PoolGeometry g = ref call->Geometry;
        nint channels = g.Channels, inRow = g.InWidth * channels;
        T* dx = call->X + image * g.InHeight * inRow;
        // windows side by side that cover everything meet each element once
        bool once = !call->Accumulate && g.PadTop == 0 && g.PadLeft == 0 && g.StrideHeight == g.WindowHeight && g.StrideWidth == g.WindowWidth
            && g.OutHeight * g.WindowHeight == g.InHeight && g.OutWidth * g.WindowWidth == g.InWidth && channels % TSimd.Count == 0;
        if (!call->Accumulate && !once) new Span<T>(dx, (int)(g.InHeight * inRow)).Clear();
        nint offset = (nint)image * g.OutHeight * g.OutWidth * channels;
        T* dy = call->Y + offset;
        byte* argmax = call->Argmax + offset;
        for (int row = 0; row < g.OutHeight; row++)
        {
            Inside(row * g.StrideHeight - g.PadTop, g.WindowHeight, g.InHeight, out int top, out int bottom);
            for (int column = 0; column < g.OutWidth; column++, dy += channels, argmax += channels)
            {
                Inside(column * g.StrideWidth - g.PadLeft, g.WindowWidth, g.InWidth, out int left, out int right);
                T* window = dx + (row * g.StrideHeight - g.PadTop) * inRow + (column * g.StrideWidth - g.PadLeft) * channels;
                nint c = 0;
                for (; c + TSimd.Count <= channels; c += TSimd.Count)
                {
                    TVec place = ByteLanes<TSimd, TVec, T>.Load(argmax + c), gradient = TSimd.Load(dy + c);
                    for (int i = top; i < bottom; i++)
                    {
                        for (int j = left; j < right; j++)
                        {
                            T* target = window + i * inRow + j * channels + c;
                            TVec won = TSimd.And(TSimd.Equal(place, TSimd.Broadcast(Real<T>.Of(i * g.WindowWidth + j))), gradient);
                            TSimd.Store(target, once ? won : TSimd.Add(TSimd.Load(target), won));
                        }
                    }
                }
                for (; c < channels; c++)
                {
                    int i = argmax[c] / g.WindowWidth, j = argmax[c] % g.WindowWidth;
                    if (i < top || i >= bottom || j < left || j >= right) continue;
                    T* target = window + i * inRow + j * channels + c;
                    Simd1<T>.Store(target, Simd1<T>.Add(Simd1<T>.Load(target), Simd1<T>.Load(dy + c)));
                }
            }
        }
    }
}
