using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>
/// One call of an elementwise kernel: so many elements side by side in each operand, or one element for all of them where an operand is constant. The result may be
/// an operand.
/// </summary>
internal unsafe struct Row
{
    public byte* A, B, C, Y;
    public nint N;
    public bool ConstantA, ConstantB, ConstantC;

    /// <summary>Add to the result instead of overwriting it.</summary>
    public bool Accumulate;

    /// <summary>The function's constant.</summary>
    public double Alpha;
}

/// <summary>A function of one operand and a constant, on vectors.</summary>
internal interface IUnaryOp
{
    static abstract TVec Invoke<TSimd, TVec, T>(TVec x, TVec alpha)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged;
}

/// <summary>A function of two operands and a constant, on vectors. A gradient takes what was saved and dy.</summary>
internal interface IBinaryOp
{
    static abstract TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged;
}

/// <summary>A function of one integer and a constant.</summary>
internal interface IIntegerUnaryOp
{
    static abstract T Invoke<T>(T x, T alpha)
        where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>A function of two integers.</summary>
internal interface IIntegerBinaryOp
{
    static abstract T Invoke<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>A comparison of two numbers.</summary>
internal interface IComparison
{
    static abstract bool Invoke<T>(T a, T b)
        where T : unmanaged, INumber<T>;

    /// <summary>All bits set where it holds.</summary>
    static abstract TVec Mask<TSimd, TVec, T>(TVec a, TVec b)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged;
}

/// <summary>y = f(x) over a row of floats.</summary>
internal static unsafe class UnaryLoop<TOp, TSimd, TVec, T>
    where TOp : struct, IUnaryOp
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        T* x = (T*)row->A;
        T* y = (T*)row->Y;
        nint n = row->N;
        bool accumulate = row->Accumulate;
        TVec alpha = TSimd.Broadcast(Real<T>.Of(row->Alpha));
        TVec constant = default;
        nint step = TSimd.Count;
        if (row->ConstantA)
        {
            constant = TSimd.Broadcast(*x);
            x = Lanes<TSimd, TVec, T>.Address(ref constant);
            step = 0;
        }
        for (; n >= TSimd.Count; n -= TSimd.Count)
        {
            TVec value = TOp.Invoke<TSimd, TVec, T>(TSimd.Load(x), alpha);
            if (accumulate) value = TSimd.Add(TSimd.Load(y), value);
            TSimd.Store(y, value);
            x += step;
            y += TSimd.Count;
        }
        if (n > 0)
        {
            TVec value = TOp.Invoke<TSimd, TVec, T>(Lanes<TSimd, TVec, T>.Load(x, n), alpha);
            if (accumulate) value = TSimd.Add(Lanes<TSimd, TVec, T>.Load(y, n), value);
            Lanes<TSimd, TVec, T>.Store(y, n, value);
        }
    }
}

/// <summary>y = f(a, b) over a row of floats.</summary>
internal static unsafe class BinaryLoop<TOp, TSimd, TVec, T>
    where TOp : struct, IBinaryOp
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        T* a = (T*)row->A;
        T* b = (T*)row->B;
        T* y = (T*)row->Y;
        nint n = row->N;
        bool accumulate = row->Accumulate;
        TVec alpha = TSimd.Broadcast(Real<T>.Of(row->Alpha));
        TVec constantA = default, constantB = default;
        nint stepA = TSimd.Count, stepB = TSimd.Count;
        if (row->ConstantA)
        {
            constantA = TSimd.Broadcast(*a);
            a = Lanes<TSimd, TVec, T>.Address(ref constantA);
            stepA = 0;
        }
        if (row->ConstantB)
        {
            constantB = TSimd.Broadcast(*b);
            b = Lanes<TSimd, TVec, T>.Address(ref constantB);
            stepB = 0;
        }
        for (; n >= TSimd.Count; n -= TSimd.Count)
        {
            TVec value = TOp.Invoke<TSimd, TVec, T>(TSimd.Load(a), TSimd.Load(b), alpha);
            if (accumulate) value = TSimd.Add(TSimd.Load(y), value);
            TSimd.Store(y, value);
            a += stepA;
            b += stepB;
            y += TSimd.Count;
        }
        if (n > 0)
        {
            TVec value = TOp.Invoke<TSimd, TVec, T>(Lanes<TSimd, TVec, T>.Load(a, n), Lanes<TSimd, TVec, T>.Load(b, n), alpha);
            if (accumulate) value = TSimd.Add(Lanes<TSimd, TVec, T>.Load(y, n), value);
            Lanes<TSimd, TVec, T>.Store(y, n, value);
        }
    }
}

/// <summary>y = f(x) over a row of integers.</summary>
internal static unsafe class IntegerUnaryLoop<TOp, T>
    where TOp : struct, IIntegerUnaryOp
    where T : unmanaged, IBinaryInteger<T>
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        T* x = (T*)row->A;
        T* y = (T*)row->Y;
        T alpha = T.CreateSaturating(row->Alpha);
        nint step = row->ConstantA ? 0 : 1;
        for (nint i = 0; i < row->N; i++, x += step)
        {
            T value = TOp.Invoke(*x, alpha);
            y[i] = row->Accumulate ? y[i] + value : value;
        }
    }
}

/// <summary>y = f(a, b) over a row of integers.</summary>
internal static unsafe class IntegerBinaryLoop<TOp, T>
    where TOp : struct, IIntegerBinaryOp
    where T : unmanaged, IBinaryInteger<T>
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        T* a = (T*)row->A;
        T* b = (T*)row->B;
        T* y = (T*)row->Y;
        nint stepA = row->ConstantA ? 0 : 1, stepB = row->ConstantB ? 0 : 1;
        for (nint i = 0; i < row->N; i++, a += stepA, b += stepB)
        {
            T value = TOp.Invoke(*a, *b);
            y[i] = row->Accumulate ? y[i] + value : value;
        }
    }
}

/// <summary>y = two floats compared, as Bool.</summary>
internal static unsafe class CompareFloatsLoop<TOp, TSimd, TVec, T>
    where TOp : struct, IComparison
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        T* a = (T*)row->A;
        T* b = (T*)row->B;
        byte* y = row->Y;
        byte* last = stackalloc byte[16];
        TVec one = TSimd.Broadcast(Real<T>.Of(1)), constantA = default, constantB = default;
        nint n = row->N, stepA = TSimd.Count, stepB = TSimd.Count;
        if (row->ConstantA)
        {
            constantA = TSimd.Broadcast(*a);
            a = Lanes<TSimd, TVec, T>.Address(ref constantA);
            stepA = 0;
        }
        if (row->ConstantB)
        {
            constantB = TSimd.Broadcast(*b);
            b = Lanes<TSimd, TVec, T>.Address(ref constantB);
            stepB = 0;
        }
        for (; n >= TSimd.Count; n -= TSimd.Count, a += stepA, b += stepB, y += TSimd.Count)
            ByteLanes<TSimd, TVec, T>.Store(y, TSimd.And(one, TOp.Mask<TSimd, TVec, T>(TSimd.Load(a), TSimd.Load(b))));
        if (n == 0) return;
        ByteLanes<TSimd, TVec, T>.Store(last, TSimd.And(one, TOp.Mask<TSimd, TVec, T>(Lanes<TSimd, TVec, T>.Load(a, n), Lanes<TSimd, TVec, T>.Load(b, n))));
        for (nint i = 0; i < n; i++) y[i] = last[i];
    }
}

/// <summary>y = condition (A) ? B : C, for elements of a float's size; their bits pass unread.</summary>
internal static unsafe class SelectVectorsLoop<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : unmanaged
    where T : unmanaged
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        byte* condition = row->A;
        T* a = (T*)row->B;
        T* b = (T*)row->C;
        T* y = (T*)row->Y;
        byte* flags = stackalloc byte[16];
        TVec constantA = default, constantB = default;
        nint n = row->N, step = TSimd.Count, stepA = TSimd.Count, stepB = TSimd.Count;
        if (row->ConstantA)
        {
            new Span<byte>(flags, 16).Fill(*condition);
            condition = flags;
            step = 0;
        }
        if (row->ConstantB)
        {
            constantA = TSimd.Broadcast(*a);
            a = Lanes<TSimd, TVec, T>.Address(ref constantA);
            stepA = 0;
        }
        if (row->ConstantC)
        {
            constantB = TSimd.Broadcast(*b);
            b = Lanes<TSimd, TVec, T>.Address(ref constantB);
            stepB = 0;
        }
        for (; n >= TSimd.Count; n -= TSimd.Count, condition += step, a += stepA, b += stepB, y += TSimd.Count)
        {
            TVec no = TSimd.Equal(ByteLanes<TSimd, TVec, T>.Load(condition), TSimd.Zero);
            TSimd.Store(y, TSimd.Select(no, TSimd.Load(b), TSimd.Load(a)));
        }
        if (n == 0) return;
        for (nint i = 0; i < n; i++) flags[i] = condition[i];
        TVec not = TSimd.Equal(ByteLanes<TSimd, TVec, T>.Load(flags), TSimd.Zero);
        Lanes<TSimd, TVec, T>.Store(y, n, TSimd.Select(not, Lanes<TSimd, TVec, T>.Load(b, n), Lanes<TSimd, TVec, T>.Load(a, n)));
    }
}

/// <summary>y = a compared with b, as Bool.</summary>
internal static unsafe class CompareLoop<TOp, T>
    where TOp : struct, IComparison
    where T : unmanaged, INumber<T>
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        T* a = (T*)row->A;
        T* b = (T*)row->B;
        byte* y = row->Y;
        nint n = row->N, stepA = row->ConstantA ? 0 : 1, stepB = row->ConstantB ? 0 : 1;
        for (nint i = 0; i < n; i++, a += stepA, b += stepB) y[i] = TOp.Invoke(*a, *b) ? (byte)1 : (byte)0;
    }
}

/// <summary>y = not x, on Bool.</summary>
internal static unsafe class NotLoop
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        byte* x = row->A;
        nint step = row->ConstantA ? 0 : 1;
        for (nint i = 0; i < row->N; i++, x += step) row->Y[i] = (byte)(*x ^ 1);
    }
}

/// <summary>y = condition (A) ? B : C, for bytes.</summary>
internal static unsafe class SelectBytesLoop
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        byte* condition = row->A;
        byte* a = row->B;
        byte* b = row->C;
        byte* y = row->Y;
        nint n = row->N, step = row->ConstantA ? 0 : 1, stepA = row->ConstantB ? 0 : 1, stepB = row->ConstantC ? 0 : 1;
        for (nint i = 0; i < n; i++, condition += step, a += stepA, b += stepB)
        {
            // both are read first: no branch that the data decides
            byte first = *a, second = *b;
            y[i] = *condition != 0 ? first : second;
        }
    }
}

/// <summary>y = x, for any element of T's size.</summary>
internal static unsafe class CopyLoop<T>
    where T : unmanaged
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        if (row->ConstantA) new Span<T>(row->Y, (int)row->N).Fill(*(T*)row->A);
        else Buffer.MemoryCopy(row->A, row->Y, row->N * sizeof(T), row->N * sizeof(T));
    }
}

/// <summary>y = x in another number type; floats become integers by truncation, out of range the nearest one, NaN 0.</summary>
internal static unsafe class ConvertLoop<TFrom, TTo>
    where TFrom : unmanaged, INumber<TFrom>
    where TTo : unmanaged, INumber<TTo>
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        TFrom* x = (TFrom*)row->A;
        TTo* y = (TTo*)row->Y;
        nint n = row->N, step = row->ConstantA ? 0 : 1;
        if (typeof(TFrom) == typeof(byte) && typeof(TTo) == typeof(float) && Vector128.IsHardwareAccelerated && step == 1)
        {
            // pixels: every image of a data set passes here
            if (Avx512F.IsSupported)
            {
                for (; n >= Vector512<float>.Count; n -= Vector512<float>.Count, x += Vector512<float>.Count, y += Vector512<float>.Count)
                    Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load((byte*)x))).Store((float*)y);
            }
            for (; n >= Vector128<byte>.Count; n -= Vector128<byte>.Count, x += Vector128<byte>.Count, y += Vector128<byte>.Count)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load((byte*)x));
                StoreSingles(low, (float*)y);
                StoreSingles(high, (float*)y + Vector128<ushort>.Count);
            }
        }
        bool fromFloat = typeof(TFrom) == typeof(float) || typeof(TFrom) == typeof(double);
        for (nint i = 0; i < n; i++, x += step) y[i] = fromFloat ? TTo.CreateSaturating(*x) : TTo.CreateTruncating(*x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSingles(Vector128<ushort> integers, float* y)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(integers);
        Vector128.ConvertToSingle(low.AsInt32()).Store(y);
        Vector128.ConvertToSingle(high.AsInt32()).Store(y + Vector128<uint>.Count);
    }
}

/// <summary>y = whether x is not 0.</summary>
internal static unsafe class NonZeroLoop<T>
    where T : unmanaged, INumber<T>
{
    [MethodImpl(JitOptions.Kernel)]
    public static void Run(Row* row)
    {
        T* x = (T*)row->A;
        nint n = row->N, step = row->ConstantA ? 0 : 1;
        for (nint i = 0; i < n; i++, x += step) row->Y[i] = *x != T.Zero ? (byte)1 : (byte)0;
    }
}
