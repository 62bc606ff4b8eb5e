using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniDeep;

/// <summary>
/// Products with a matrix that fits the registers: up to 8 rows by up to two vectors of columns. A row of the result is stored as whole vectors; what they write
/// beyond it is overwritten by the next row, and the last rows go through a buffer.
/// </summary>
[SkipLocalsInit]
internal static unsafe class TinyLinear<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    private const int MaxDepth = 8;

    /// <summary>Whether y = x w is one, and small enough for one thread.</summary>
    public static bool Supports(int m, int n, int k) => k is > 0 and <= MaxDepth && n > 0 && n <= 2 * TSimd.Count && m <= 4096;

    /// <summary>y [m, n] = x [m, k] w + bias, w [k, n] or transposed [n, k]; what is less than <paramref name="floor"/> becomes it.</summary>
    public static void Product(T* x, T* w, bool transposed, T* bias, double floor, T* y, int m, int n, int k)
    {
        if (Lanes<TSimd, TVec, T>.HalfHolds(n))
        {
            TinyLinear<Simd256<T>, Vector256<T>, T>.Product(x, w, transposed, bias, floor, y, m, n, k);
            return;
        }
        bool wide = n > TSimd.Count;
        nint width = (wide ? 2 : 1) * TSimd.Count;
        // the kernel in whole vectors, zeros behind it; the bias in the last row
        T* padded = stackalloc T[(MaxDepth + 1) * 32];
        for (nint i = 0; i < k; i++)
        {
            T* row = padded + i * width;
            for (nint j = 0; j < n; j++) row[j] = transposed ? w[j * k + i] : w[i * n + j];
            for (nint j = n; j < width; j++) row[j] = default;
        }
        T* last = padded + k * width;
        for (nint j = 0; j < width; j++) last[j] = bias == null || j >= n ? default : bias[j];
        if (wide) Rows<Two>(x, padded, Real<T>.Of(floor), y, m, n, k);
        else Rows<One>(x, padded, Real<T>.Of(floor), y, m, n, k);
    }

    private static void Rows<TVectors>(T* x, T* w, T floor, T* y, int m, int n, int k)
        where TVectors : struct, IConstant
    {
        switch (k)
        {
            case 1: Rows<TVectors, One>(x, w, floor, y, m, n); break;
            case 2: Rows<TVectors, Two>(x, w, floor, y, m, n); break;
            case 3: Rows<TVectors, Three>(x, w, floor, y, m, n); break;
            case 4: Rows<TVectors, Four>(x, w, floor, y, m, n); break;
            case 5: Rows<TVectors, Five>(x, w, floor, y, m, n); break;
            case 6: Rows<TVectors, Six>(x, w, floor, y, m, n); break;
            case 7: Rows<TVectors, Seven>(x, w, floor, y, m, n); break;
            default: Rows<TVectors, Eight>(x, w, floor, y, m, n); break;
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void Rows<TVectors, TDepth>(T* x, T* w, T floor, T* y, int m, nint n)
        where TVectors : struct, IConstant
        where TDepth : struct, IConstant
    {
        nint width = TVectors.Value * TSimd.Count, last = TDepth.Value * width;
        TVec k0 = TSimd.Load(w), k1 = k0, k2 = k0, k3 = k0, k4 = k0, k5 = k0, k6 = k0, k7 = k0;
        if (TDepth.Value > 1) k1 = TSimd.Load(w + width);
        if (TDepth.Value > 2) k2 = TSimd.Load(w + 2 * width);
        if (TDepth.Value > 3) k3 = TSimd.Load(w + 3 * width);
        if (TDepth.Value > 4) k4 = TSimd.Load(w + 4 * width);
        if (TDepth.Value > 5) k5 = TSimd.Load(w + 5 * width);
        if (TDepth.Value > 6) k6 = TSimd.Load(w + 6 * width);
        if (TDepth.Value > 7) k7 = TSimd.Load(w + 7 * width);
        TVec bias = TSimd.Load(w + last), least = TSimd.Broadcast(floor);
        T* buffer = stackalloc T[32];
        nint whole = m * n - width;    // rows that start no later may be stored as whole vectors
        for (nint at = 0; at < m * n; at += n, x += TDepth.Value)
        {
            T* target = at <= whole ? y + at : buffer;
            TVec sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[0]), k0, bias);
            if (TDepth.Value > 1) sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[1]), k1, sum);
            if (TDepth.Value > 2) sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[2]), k2, sum);
            if (TDepth.Value > 3) sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[3]), k3, sum);
            if (TDepth.Value > 4) sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[4]), k4, sum);
            if (TDepth.Value > 5) sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[5]), k5, sum);
            if (TDepth.Value > 6) sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[6]), k6, sum);
            if (TDepth.Value > 7) sum = TSimd.MultiplyAdd(TSimd.Broadcast(x[7]), k7, sum);
            // NaN stays where it stands second
            TSimd.Store(target, TSimd.Max(least, sum));
            if (TVectors.Value > 1)
            {
                TVec second = TSimd.Load(w + last + TSimd.Count);
                for (nint i = 0; i < TDepth.Value; i++) second = TSimd.MultiplyAdd(TSimd.Broadcast(x[i]), TSimd.Load(w + i * width + TSimd.Count), second);
                TSimd.Store(target + TSimd.Count, TSimd.Max(least, second));
            }
            if (target != buffer) continue;
            for (nint j = 0; j < n; j++) y[at + j] = buffer[j];
        }
    }

    /// <summary>dw [k, n] (+)= x^T dz, dbias (+)= the sums of dz's columns; either may be null.</summary>
    public static void Gradient(T* x, T* dz, T* dw, bool accumulateW, T* dbias, bool accumulateBias, int m, int n, int k)
    {
        if (Lanes<TSimd, TVec, T>.HalfHolds(n))
        {
            TinyLinear<Simd256<T>, Vector256<T>, T>.Gradient(x, dz, dw, accumulateW, dbias, accumulateBias, m, n, k);
            return;
        }
        T* sums = stackalloc T[(MaxDepth + 1) * 16];
        for (nint column = 0; column < n; column += TSimd.Count)
        {
            switch (k)
            {
                case 1: Sums<One>(x, dz, column, sums, m, n); break;
                case 2: Sums<Two>(x, dz, column, sums, m, n); break;
                case 3: Sums<Three>(x, dz, column, sums, m, n); break;
                case 4: Sums<Four>(x, dz, column, sums, m, n); break;
                case 5: Sums<Five>(x, dz, column, sums, m, n); break;
                case 6: Sums<Six>(x, dz, column, sums, m, n); break;
                case 7: Sums<Seven>(x, dz, column, sums, m, n); break;
                default: Sums<Eight>(x, dz, column, sums, m, n); break;
            }
            nint used = Math.Min(TSimd.Count, n - column);
            for (nint i = 0; i < k && dw != null; i++) Write(sums + i * TSimd.Count, dw + i * n + column, used, accumulateW);
            if (dbias != null) Write(sums + k * TSimd.Count, dbias + column, used, accumulateBias);
        }
    }

    private static void Write(T* source, T* destination, nint count, bool accumulate)
    {
        for (nint j = 0; j < count; j++)
        {
            Lane<T> value = Simd1<T>.Load(source + j);
            Simd1<T>.Store(destination + j, accumulate ? Simd1<T>.Add(Simd1<T>.Load(destination + j), value) : value);
        }
    }

    /// <summary>One vector of columns: sums [depth + 1, one vector], the last row the sums of dz itself. Lanes beyond the row hold its neighbours' and are dropped.</summary>
    [MethodImpl(JitOptions.Kernel)]
    private static void Sums<TDepth>(T* x, T* dz, nint column, T* sums, int m, nint n)
        where TDepth : struct, IConstant
    {
        TVec k0 = TSimd.Zero, k1 = k0, k2 = k0, k3 = k0, k4 = k0, k5 = k0, k6 = k0, k7 = k0, total = k0;
        T* buffer = stackalloc T[16];
        nint end = m * n;
        for (nint at = column; at < end; at += n, x += TDepth.Value)
        {
            T* source = dz + at;
            if (at + TSimd.Count > end)
            {
                for (nint j = 0; j < TSimd.Count; j++) buffer[j] = at + j < end ? source[j] : default;
                source = buffer;
            }
            TVec row = TSimd.Load(source);
            total = TSimd.Add(total, row);
            k0 = TSimd.MultiplyAdd(TSimd.Broadcast(x[0]), row, k0);
            if (TDepth.Value > 1) k1 = TSimd.MultiplyAdd(TSimd.Broadcast(x[1]), row, k1);
            if (TDepth.Value > 2) k2 = TSimd.MultiplyAdd(TSimd.Broadcast(x[2]), row, k2);
            if (TDepth.Value > 3) k3 = TSimd.MultiplyAdd(TSimd.Broadcast(x[3]), row, k3);
            if (TDepth.Value > 4) k4 = TSimd.MultiplyAdd(TSimd.Broadcast(x[4]), row, k4);
            if (TDepth.Value > 5) k5 = TSimd.MultiplyAdd(TSimd.Broadcast(x[5]), row, k5);
            if (TDepth.Value > 6) k6 = TSimd.MultiplyAdd(TSimd.Broadcast(x[6]), row, k6);
            if (TDepth.Value > 7) k7 = TSimd.MultiplyAdd(TSimd.Broadcast(x[7]), row, k7);
        }
        TSimd.Store(sums, k0);
        if (TDepth.Value > 1) TSimd.Store(sums + TSimd.Count, k1);
        if (TDepth.Value > 2) TSimd.Store(sums + 2 * TSimd.Count, k2);
        if (TDepth.Value > 3) TSimd.Store(sums + 3 * TSimd.Count, k3);
        if (TDepth.Value > 4) TSimd.Store(sums + 4 * TSimd.Count, k4);
        if (TDepth.Value > 5) TSimd.Store(sums + 5 * TSimd.Count, k5);
        if (TDepth.Value > 6) TSimd.Store(sums + 6 * TSimd.Count, k6);
        if (TDepth.Value > 7) TSimd.Store(sums + 7 * TSimd.Count, k7);
        TSimd.Store(sums + TDepth.Value * TSimd.Count, total);
    }
}
