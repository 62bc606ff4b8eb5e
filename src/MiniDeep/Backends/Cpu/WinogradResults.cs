using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// A^T m A: the results of Winograd's tiles, from the products of <see cref="Winograd{TSimd, TVec, T}.Multiply"/>.
/// Results that stick out are dropped. All return false where a result isn't finite.
/// </summary>
[SkipLocalsInit]
internal static unsafe class WinogradResults<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const int Side = Winograd<TSimd, TVec, T>.Side;

    /// <summary>Some rows of an image's results, y = conv(x) + bias, from its tiles' products.</summary>
    public static bool Plain(in WinogradBlock<T> block, int image, int rows, T* bias, T* y)
    {
        T* m = block.M + image * block.MImage;
        TVec a = WinogradLine<TSimd, TVec, T>.A, b = WinogradLine<TSimd, TVec, T>.B, a2 = WinogradLine<TSimd, TVec, T>.A2, b2 = WinogradLine<TSimd, TVec, T>.B2;
        bool finite = true;
        for (nint c = 0; c < block.Shape.OutChannels; c += TSimd.Count)
        {
            int used = (int)Math.Min(TSimd.Count, block.Shape.OutChannels - c);
            TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias + c);
            finite &= used == TSimd.Count
                ? Plain<AllLanes>(in block.Shape, rows, m + c, block.MPoint, start, y + c, used, a, b, a2, b2)
                : Plain<SomeLanes>(in block.Shape, rows, m + c, block.MPoint, start, y + c, used, a, b, a2, b2);
        }
        return finite;
    }

    /// <summary>The same, pooled by 2 x 2: y, low and argmax (or null) start at the first window.</summary>
    public static bool Pooled<TPool>(in WinogradBlock<T> block, int image, int rows, T* bias, T* y, T* low, byte* argmax)
        where TPool : struct, IConstant
    {
        T* m = block.M + image * block.MImage;
        TVec a = WinogradLine<TSimd, TVec, T>.A, b = WinogradLine<TSimd, TVec, T>.B, a2 = WinogradLine<TSimd, TVec, T>.A2, b2 = WinogradLine<TSimd, TVec, T>.B2;
        bool finite = true;
        for (nint c = 0; c < block.Shape.OutChannels; c += TSimd.Count)
        {
            int used = (int)Math.Min(TSimd.Count, block.Shape.OutChannels - c);
            TVec start = bias == null ? TSimd.Zero : TSimd.Load(bias + c);
            byte* places = argmax == null ? null : argmax + c;
            finite &= used == TSimd.Count
                ? Pooled<TPool, AllLanes>(in block.Shape, rows, m + c, block.MPoint, start, y + c, low + c, places, used, a, b, a2, b2)
                : Pooled<TPool, SomeLanes>(in block.Shape, rows, m + c, block.MPoint, start, y + c, low + c, places, used, a, b, a2, b2);
        }
        return finite;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Plain<TLanes>(in ConvShape shape, int rows, T* m, nint plane, TVec start, T* y, int used, TVec a, TVec b, TVec a2, TVec b2)
        where TLanes : struct, IConstant
    {
        nint tile = Winograd<TSimd, TVec, T>.Whole(shape.OutChannels), pixel = shape.ResultPixel, line = shape.ResultRow;
        TVec zeros = TSimd.Zero;
        for (; rows > 0; rows -= 4, y += 4 * line)
        {
            T* p = y;
            for (int columns = shape.OutWidth; columns > 0; columns -= 4, m += tile, p += 4 * pixel)
            {
                Results<One>(m, plane, start, a, b, a2, b2, out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec s0, out TVec s1, out TVec s2, out TVec s3);
                Put<TLanes>(p, pixel, columns, used, r0, r1, r2, r3, ref zeros);
                if (rows > 1) Put<TLanes>(p + line, pixel, columns, used, s0, s1, s2, s3, ref zeros);
                if (rows < 3) continue;
                Results<Two>(m, plane, start, a, b, a2, b2, out r0, out r1, out r2, out r3, out s0, out s1, out s2, out s3);
                Put<TLanes>(p + 2 * line, pixel, columns, used, r0, r1, r2, r3, ref zeros);
                if (rows > 3) Put<TLanes>(p + 3 * line, pixel, columns, used, s0, s1, s2, s3, ref zeros);
            }
        }
        return Real<T>.ToDouble(TSimd.Sum(zeros)) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Pooled<TPool, TLanes>(
        in ConvShape shape, int rows, T* m, nint plane, TVec start, T* y, T* low, byte* argmax, int used, TVec a, TVec b, TVec a2, TVec b2)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
    {
        nint tile = Winograd<TSimd, TVec, T>.Whole(shape.OutChannels), channels = shape.OutChannels, line = shape.OutWidth / 2 * channels;
        TVec zeros = TSimd.Zero;
        T* lanes = stackalloc T[32];
        byte* places = stackalloc byte[16];
        for (nint at = 0; rows > 0; rows -= 4, at += line)
        {
            for (int windows = shape.OutWidth / 2; windows > 0; windows -= 2, m += tile, at += channels)
            {
                Results<One>(m, plane, start, a, b, a2, b2, out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec s0, out TVec s1, out TVec s2, out TVec s3);
                Window<TPool, TLanes>(r0, r1, s0, s1, y, low, argmax, at, used, lanes, places, ref zeros);
                if (windows > 1) Window<TPool, TLanes>(r2, r3, s2, s3, y, low, argmax, at + channels, used, lanes, places, ref zeros);
                if (rows > 2)
                {
                    Results<Two>(m, plane, start, a, b, a2, b2, out r0, out r1, out r2, out r3, out s0, out s1, out s2, out s3);
                    Window<TPool, TLanes>(r0, r1, s0, s1, y, low, argmax, at + line, used, lanes, places, ref zeros);
                    if (windows > 1) Window<TPool, TLanes>(r2, r3, s2, s3, y, low, argmax, at + line + channels, used, lanes, places, ref zeros);
                }
                if (windows > 1) at += channels;
            }
        }
        return Real<T>.ToDouble(TSimd.Sum(zeros)) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Window<TPool, TLanes>(
        TVec a, TVec b, TVec c, TVec d, T* y, T* low, byte* argmax, nint at, int used, T* lanes, byte* places, ref TVec zeros)
        where TPool : struct, IConstant
        where TLanes : struct, IConstant
    {
        byte* place = argmax == null ? null : argmax + at;
        if (TLanes.Value == AllLanes.Value)
        {
            PoolQuad<TSimd, TVec, T>.Store<TPool>(a, b, c, d, y + at, low + at, place, ref zeros);
            return;
        }
        PoolQuad<TSimd, TVec, T>.Store<TPool>(a, b, c, d, lanes, lanes + 16, places, ref zeros);
        PoolQuad<TSimd, TVec, T>.CopyPart<TPool>(lanes, lanes + 16, places, used, y + at, low + at, place);
    }

    /// <summary>A row of a tile's results, as far as they exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes>(T* y, nint pixel, int columns, int used, TVec r0, TVec r1, TVec r2, TVec r3, ref TVec zeros)
        where TLanes : struct, IConstant
    {
        Put<TLanes>(y, used, r0, ref zeros);
        if (columns > 1) Put<TLanes>(y + pixel, used, r1, ref zeros);
        if (columns > 2) Put<TLanes>(y + 2 * pixel, used, r2, ref zeros);
        if (columns > 3) Put<TLanes>(y + 3 * pixel, used, r3, ref zeros);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TLanes>(T* y, int used, TVec value, ref TVec zeros)
        where TLanes : struct, IConstant
    {
        zeros = TSimd.MultiplyAdd(TSimd.Zero, value, zeros);
        if (TLanes.Value == AllLanes.Value) TSimd.Store(y, value);
        else Lanes<TSimd, TVec, T>.Store(y, used, value);
    }

    /// <summary>The first or the last two of a tile's rows of four results, r and s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Results<THalf>(
        T* m, nint plane, TVec start, TVec a, TVec b, TVec a2, TVec b2,
        out TVec r0, out TVec r1, out TVec r2, out TVec r3, out TVec s0, out TVec s1, out TVec s2, out TVec s3)
        where THalf : struct, IConstant
    {
        nint row = Side * plane;
        Column<THalf>(m, row, a, b, a2, b2, out TVec p0, out TVec q0);
        Column<THalf>(m + plane, row, a, b, a2, b2, out TVec p1, out TVec q1);
        Column<THalf>(m + 2 * plane, row, a, b, a2, b2, out TVec p2, out TVec q2);
        Column<THalf>(m + 3 * plane, row, a, b, a2, b2, out TVec p3, out TVec q3);
        Column<THalf>(m + 4 * plane, row, a, b, a2, b2, out TVec p4, out TVec q4);
        Column<THalf>(m + 5 * plane, row, a, b, a2, b2, out TVec p5, out TVec q5);
        Line(start, a, b, a2, b2, p0, p1, p2, p3, p4, p5, out r0, out r1, out r2, out r3);
        Line(start, a, b, a2, b2, q0, q1, q2, q3, q4, q5, out s0, out s1, out s2, out s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column<THalf>(T* m, nint row, TVec a, TVec b, TVec a2, TVec b2, out TVec first, out TVec second)
        where THalf : struct, IConstant
    {
        TVec m1 = TSimd.Load(m + row), m2 = TSimd.Load(m + 2 * row), m3 = TSimd.Load(m + 3 * row), m4 = TSimd.Load(m + 4 * row);
        if (THalf.Value == 1) WinogradLine<TSimd, TVec, T>.Top(a, b, TSimd.Load(m), m1, m2, m3, m4, out first, out second);
        else WinogradLine<TSimd, TVec, T>.Bottom(a, b, a2, b2, m1, m2, m3, m4, TSimd.Load(m + 5 * row), out first, out second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Line(
        TVec start, TVec a, TVec b, TVec a2, TVec b2, TVec m0, TVec m1, TVec m2, TVec m3, TVec m4, TVec m5, out TVec y0, out TVec y1, out TVec y2, out TVec y3)
    {
        WinogradLine<TSimd, TVec, T>.Top(a, b, m0, m1, m2, m3, m4, out y0, out y1);
        WinogradLine<TSimd, TVec, T>.Bottom(a, b, a2, b2, m1, m2, m3, m4, m5, out y2, out y3);
        (y0, y1, y2, y3) = (TSimd.Add(start, y0), TSimd.Add(start, y1), TSimd.Add(start, y2), TSimd.Add(start, y3));
    }
}
