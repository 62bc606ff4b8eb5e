using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniDeep;

/// <summary>
/// The vector operations that kernels are written in, once for every width and both float types. A kernel takes
/// <c>&lt;TSimd, TVec, T&gt;</c> with <c>TVec</c> the bare hardware vector: the JIT compiles each instance as if it had been written by hand.
/// </summary>
internal unsafe interface ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    /// <summary>Lanes in a vector.</summary>
    static abstract int Count { get; }

    static abstract TVec Zero { get; }
    static abstract TVec Broadcast(T value);
    static abstract TVec Load(T* source);
    static abstract void Store(T* destination, TVec value);

    static abstract TVec Add(TVec a, TVec b);
    static abstract TVec Subtract(TVec a, TVec b);
    static abstract TVec Multiply(TVec a, TVec b);
    static abstract TVec Divide(TVec a, TVec b);
    static abstract TVec Negate(TVec a);
    static abstract TVec Abs(TVec a);
    static abstract TVec Sqrt(TVec a);

    /// <summary>a * b + c: fused where the hardware can, two operations where a fused one would be a library call.</summary>
    static abstract TVec MultiplyAdd(TVec a, TVec b, TVec c);

    /// <summary>The larger; the second operand where either is NaN (x86) or NaN (others): put the value that may be NaN second.</summary>
    static abstract TVec Max(TVec a, TVec b);

    /// <summary>The smaller; NaN as in <see cref="Max"/>.</summary>
    static abstract TVec Min(TVec a, TVec b);

    /// <summary>All bits set in the lanes where a &gt; b.</summary>
    static abstract TVec GreaterThan(TVec a, TVec b);

    /// <summary>All bits set in the lanes where a &gt;= b.</summary>
    static abstract TVec GreaterThanOrEqual(TVec a, TVec b);

    /// <summary>All bits set in the lanes where a == b (never where one is NaN).</summary>
    static abstract TVec Equal(TVec a, TVec b);

    /// <summary>Lane by lane: a where the mask's bits are set, otherwise b.</summary>
    static abstract TVec Select(TVec mask, TVec a, TVec b);

    static abstract TVec And(TVec a, TVec b);
    static abstract TVec Or(TVec a, TVec b);
    static abstract TVec Xor(TVec a, TVec b);

    /// <summary>a and not b.</summary>
    static abstract TVec AndNot(TVec a, TVec b);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract TVec Round(TVec a);

    /// <summary>The sum of the bits as integers.</summary>
    static abstract TVec AddBits(TVec a, TVec b);

    /// <summary>The lowest bits, moved to where the sign and the exponent stand.</summary>
    static abstract TVec ToExponent(TVec a);

    /// <summary>The sign and the exponent as the lowest bits.</summary>
    static abstract TVec FromExponent(TVec a);

    /// <summary>The lanes' sum, always by the same tree (halves).</summary>
    static abstract T Sum(TVec a);

    /// <summary>The sums of four vectors' lanes, by the same tree, side by side.</summary>
    static abstract void Sum(TVec a, TVec b, TVec c, TVec d, T* sums);

    /// <summary>One bit a lane, the first lane's lowest: set where the lane's highest bit is.</summary>
    static abstract uint Signs(TVec a);
}

/// <summary>Which vectors the kernels use on this machine: decided once, so that the JIT drops the other branches.</summary>
internal static class Isa
{
    /// <summary>Lanes of 512, 256 or 128 bits; 0: scalar code, because 128-bit vectors in software are 20 times slower than that.</summary>
    public static readonly int VectorBits =
        Vector512.IsHardwareAccelerated ? 512 :
        Vector256.IsHardwareAccelerated ? 256 :
        Vector128.IsHardwareAccelerated ? 128 : 0;
}

internal readonly unsafe struct Simd512<T> : ISimd<Vector512<T>, T>
    where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count { [MethodImpl(Inline)] get => Vector512<T>.Count; }
    public static Vector512<T> Zero { [MethodImpl(Inline)] get => Vector512<T>.Zero; }
    [MethodImpl(Inline)] public static Vector512<T> Broadcast(T value) => Vector512.Create(value);
    [MethodImpl(Inline)] public static Vector512<T> Load(T* source) => Vector512.Load(source);
    [MethodImpl(Inline)] public static void Store(T* destination, Vector512<T> value) => value.Store(destination);
    [MethodImpl(Inline)] public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector512<T> Subtract(Vector512<T> a, Vector512<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;
    [MethodImpl(Inline)] public static Vector512<T> Divide(Vector512<T> a, Vector512<T> b) => a / b;
    [MethodImpl(Inline)] public static Vector512<T> Negate(Vector512<T> a) => -a;
    [MethodImpl(Inline)] public static Vector512<T> Abs(Vector512<T> a) => Vector512.Abs(a);
    [MethodImpl(Inline)] public static Vector512<T> Sqrt(Vector512<T> a) => Vector512.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c) => typeof(T) == typeof(float)
        ? Vector512.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector512.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(Inline)] public static Vector512<T> Max(Vector512<T> a, Vector512<T> b) => Vector512.MaxNative(a, b);
    [MethodImpl(Inline)] public static Vector512<T> Min(Vector512<T> a, Vector512<T> b) => Vector512.MinNative(a, b);
    [MethodImpl(Inline)] public static Vector512<T> GreaterThan(Vector512<T> a, Vector512<T> b) => Vector512.GreaterThan(a, b);
    [MethodImpl(Inline)] public static Vector512<T> GreaterThanOrEqual(Vector512<T> a, Vector512<T> b) => Vector512.GreaterThanOrEqual(a, b);
    [MethodImpl(Inline)] public static Vector512<T> Equal(Vector512<T> a, Vector512<T> b) => Vector512.Equals(a, b);
    [MethodImpl(Inline)] public static Vector512<T> Select(Vector512<T> mask, Vector512<T> a, Vector512<T> b) => Vector512.ConditionalSelect(mask, a, b);
    [MethodImpl(Inline)] public static Vector512<T> And(Vector512<T> a, Vector512<T> b) => a & b;
    [MethodImpl(Inline)] public static Vector512<T> Or(Vector512<T> a, Vector512<T> b) => a | b;
    [MethodImpl(Inline)] public static Vector512<T> Xor(Vector512<T> a, Vector512<T> b) => a ^ b;
    [MethodImpl(Inline)] public static Vector512<T> AndNot(Vector512<T> a, Vector512<T> b) => Vector512.AndNot(a, b);

    [MethodImpl(Inline)]
    public static Vector512<T> Round(Vector512<T> a) => typeof(T) == typeof(float)
        ? Vector512.Round(a.AsSingle()).As<float, T>()
        : Vector512.Round(a.AsDouble()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> AddBits(Vector512<T> a, Vector512<T> b) => typeof(T) == typeof(float) ? (a.AsInt32() + b.AsInt32()).As<int, T>() : (a.AsInt64() + b.AsInt64()).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> ToExponent(Vector512<T> a) => typeof(T) == typeof(float) ? (a.AsInt32() << 23).As<int, T>() : (a.AsInt64() << 52).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> FromExponent(Vector512<T> a) => typeof(T) == typeof(float) ? (a.AsInt32() >>> 23).As<int, T>() : (a.AsInt64() >>> 52).As<long, T>();

    [MethodImpl(Inline)] public static T Sum(Vector512<T> a) => Simd256<T>.Sum(a.GetLower() + a.GetUpper());

    [MethodImpl(Inline)]
    public static void Sum(Vector512<T> a, Vector512<T> b, Vector512<T> c, Vector512<T> d, T* sums)
        => Simd256<T>.Sum(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper(), sums);

    [MethodImpl(Inline)] public static uint Signs(Vector512<T> a) => (uint)a.ExtractMostSignificantBits();
}

internal readonly unsafe struct Simd256<T> : ISimd<Vector256<T>, T>
    where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count { [MethodImpl(Inline)] get => Vector256<T>.Count; }
    public static Vector256<T> Zero { [MethodImpl(Inline)] get => Vector256<T>.Zero; }
    [MethodImpl(Inline)] public static Vector256<T> Broadcast(T value) => Vector256.Create(value);
    [MethodImpl(Inline)] public static Vector256<T> Load(T* source) => Vector256.Load(source);
    [MethodImpl(Inline)] public static void Store(T* destination, Vector256<T> value) => value.Store(destination);
    [MethodImpl(Inline)] public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector256<T> Subtract(Vector256<T> a, Vector256<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector256<T> Multiply(Vector256<T> a, Vector256<T> b) => a * b;
    [MethodImpl(Inline)] public static Vector256<T> Divide(Vector256<T> a, Vector256<T> b) => a / b;
    [MethodImpl(Inline)] public static Vector256<T> Negate(Vector256<T> a) => -a;
    [MethodImpl(Inline)] public static Vector256<T> Abs(Vector256<T> a) => Vector256.Abs(a);
    [MethodImpl(Inline)] public static Vector256<T> Sqrt(Vector256<T> a) => Vector256.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c) => typeof(T) == typeof(float)
        ? Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector256.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(Inline)] public static Vector256<T> Max(Vector256<T> a, Vector256<T> b) => Vector256.MaxNative(a, b);
    [MethodImpl(Inline)] public static Vector256<T> Min(Vector256<T> a, Vector256<T> b) => Vector256.MinNative(a, b);
    [MethodImpl(Inline)] public static Vector256<T> GreaterThan(Vector256<T> a, Vector256<T> b) => Vector256.GreaterThan(a, b);
    [MethodImpl(Inline)] public static Vector256<T> GreaterThanOrEqual(Vector256<T> a, Vector256<T> b) => Vector256.GreaterThanOrEqual(a, b);
    [MethodImpl(Inline)] public static Vector256<T> Equal(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, b);
    [MethodImpl(Inline)] public static Vector256<T> Select(Vector256<T> mask, Vector256<T> a, Vector256<T> b) => Vector256.ConditionalSelect(mask, a, b);
    [MethodImpl(Inline)] public static Vector256<T> And(Vector256<T> a, Vector256<T> b) => a & b;
    [MethodImpl(Inline)] public static Vector256<T> Or(Vector256<T> a, Vector256<T> b) => a | b;
    [MethodImpl(Inline)] public static Vector256<T> Xor(Vector256<T> a, Vector256<T> b) => a ^ b;
    [MethodImpl(Inline)] public static Vector256<T> AndNot(Vector256<T> a, Vector256<T> b) => Vector256.AndNot(a, b);

    [MethodImpl(Inline)]
    public static Vector256<T> Round(Vector256<T> a) => typeof(T) == typeof(float)
        ? Vector256.Round(a.AsSingle()).As<float, T>()
        : Vector256.Round(a.AsDouble()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> AddBits(Vector256<T> a, Vector256<T> b) => typeof(T) == typeof(float) ? (a.AsInt32() + b.AsInt32()).As<int, T>() : (a.AsInt64() + b.AsInt64()).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> ToExponent(Vector256<T> a) => typeof(T) == typeof(float) ? (a.AsInt32() << 23).As<int, T>() : (a.AsInt64() << 52).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> FromExponent(Vector256<T> a) => typeof(T) == typeof(float) ? (a.AsInt32() >>> 23).As<int, T>() : (a.AsInt64() >>> 52).As<long, T>();

    [MethodImpl(Inline)] public static T Sum(Vector256<T> a) => Simd128<T>.Sum(a.GetLower() + a.GetUpper());

    [MethodImpl(Inline)]
    public static void Sum(Vector256<T> a, Vector256<T> b, Vector256<T> c, Vector256<T> d, T* sums)
        => Simd128<T>.Sum(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper(), sums);

    [MethodImpl(Inline)] public static uint Signs(Vector256<T> a) => (uint)a.ExtractMostSignificantBits();
}

internal readonly unsafe struct Simd128<T> : ISimd<Vector128<T>, T>
    where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count { [MethodImpl(Inline)] get => Vector128<T>.Count; }
    public static Vector128<T> Zero { [MethodImpl(Inline)] get => Vector128<T>.Zero; }
    [MethodImpl(Inline)] public static Vector128<T> Broadcast(T value) => Vector128.Create(value);
    [MethodImpl(Inline)] public static Vector128<T> Load(T* source) => Vector128.Load(source);
    [MethodImpl(Inline)] public static void Store(T* destination, Vector128<T> value) => value.Store(destination);
    [MethodImpl(Inline)] public static Vector128<T> Add(Vector128<T> a, Vector128<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector128<T> Subtract(Vector128<T> a, Vector128<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector128<T> Multiply(Vector128<T> a, Vector128<T> b) => a * b;
    [MethodImpl(Inline)] public static Vector128<T> Divide(Vector128<T> a, Vector128<T> b) => a / b;
    [MethodImpl(Inline)] public static Vector128<T> Negate(Vector128<T> a) => -a;
    [MethodImpl(Inline)] public static Vector128<T> Abs(Vector128<T> a) => Vector128.Abs(a);
    [MethodImpl(Inline)] public static Vector128<T> Sqrt(Vector128<T> a) => Vector128.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector128<T> MultiplyAdd(Vector128<T> a, Vector128<T> b, Vector128<T> c) => typeof(T) == typeof(float)
        ? Vector128.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector128.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    [MethodImpl(Inline)] public static Vector128<T> Max(Vector128<T> a, Vector128<T> b) => Vector128.MaxNative(a, b);
    [MethodImpl(Inline)] public static Vector128<T> Min(Vector128<T> a, Vector128<T> b) => Vector128.MinNative(a, b);
    [MethodImpl(Inline)] public static Vector128<T> GreaterThan(Vector128<T> a, Vector128<T> b) => Vector128.GreaterThan(a, b);
    [MethodImpl(Inline)] public static Vector128<T> GreaterThanOrEqual(Vector128<T> a, Vector128<T> b) => Vector128.GreaterThanOrEqual(a, b);
    [MethodImpl(Inline)] public static Vector128<T> Equal(Vector128<T> a, Vector128<T> b) => Vector128.Equals(a, b);
    [MethodImpl(Inline)] public static Vector128<T> Select(Vector128<T> mask, Vector128<T> a, Vector128<T> b) => Vector128.ConditionalSelect(mask, a, b);
    [MethodImpl(Inline)] public static Vector128<T> And(Vector128<T> a, Vector128<T> b) => a & b;
    [MethodImpl(Inline)] public static Vector128<T> Or(Vector128<T> a, Vector128<T> b) => a | b;
    [MethodImpl(Inline)] public static Vector128<T> Xor(Vector128<T> a, Vector128<T> b) => a ^ b;
    [MethodImpl(Inline)] public static Vector128<T> AndNot(Vector128<T> a, Vector128<T> b) => Vector128.AndNot(a, b);

    [MethodImpl(Inline)]
    public static Vector128<T> Round(Vector128<T> a) => typeof(T) == typeof(float)
        ? Vector128.Round(a.AsSingle()).As<float, T>()
        : Vector128.Round(a.AsDouble()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> AddBits(Vector128<T> a, Vector128<T> b) => typeof(T) == typeof(float) ? (a.AsInt32() + b.AsInt32()).As<int, T>() : (a.AsInt64() + b.AsInt64()).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> ToExponent(Vector128<T> a) => typeof(T) == typeof(float) ? (a.AsInt32() << 23).As<int, T>() : (a.AsInt64() << 52).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> FromExponent(Vector128<T> a) => typeof(T) == typeof(float) ? (a.AsInt32() >>> 23).As<int, T>() : (a.AsInt64() >>> 52).As<long, T>();

    [MethodImpl(Inline)] public static uint Signs(Vector128<T> a) => a.ExtractMostSignificantBits();

    [MethodImpl(Inline)]
    public static T Sum(Vector128<T> a)
    {
        if (typeof(T) == typeof(double))
        {
            Vector128<double> d = a.AsDouble();
            return Unsafe.BitCast<double, T>(d.GetElement(0) + d.GetElement(1));
        }
        Vector128<float> f = a.AsSingle();
        return Unsafe.BitCast<float, T>((f.GetElement(0) + f.GetElement(2)) + (f.GetElement(1) + f.GetElement(3)));
    }

    [MethodImpl(Inline)]
    public static void Sum(Vector128<T> a, Vector128<T> b, Vector128<T> c, Vector128<T> d, T* sums)
    {
        if (typeof(T) == typeof(float) && Sse.IsSupported)
        {
            Vector128<float> first = Sse.UnpackLow(a.AsSingle(), b.AsSingle()) + Sse.UnpackHigh(a.AsSingle(), b.AsSingle());
            Vector128<float> second = Sse.UnpackLow(c.AsSingle(), d.AsSingle()) + Sse.UnpackHigh(c.AsSingle(), d.AsSingle());
            (Sse.MoveLowToHigh(first, second) + Sse.MoveHighToLow(second, first)).Store((float*)sums);
            return;
        }
        (sums[0], sums[1], sums[2], sums[3]) = (Sum(a), Sum(b), Sum(c), Sum(d));
    }
}
