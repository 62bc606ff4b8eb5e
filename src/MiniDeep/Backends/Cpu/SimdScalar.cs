using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>One lane: the fourth instance of the kernels, for machines whose vectors would run in software.</summary>
internal readonly unsafe struct Simd1<T> : ISimd<Lane<T>, T>
    where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count { [MethodImpl(Inline)] get => 1; }
    public static Lane<T> Zero { [MethodImpl(Inline)] get => default; }
    [MethodImpl(Inline)] public static Lane<T> Broadcast(T value) => new(value);
    [MethodImpl(Inline)] public static Lane<T> Load(T* source) => new(*source);
    [MethodImpl(Inline)] public static void Store(T* destination, Lane<T> value) => *destination = value.Value;

    [MethodImpl(Inline)] public static Lane<T> Add(Lane<T> a, Lane<T> b) => IsFloat ? Of(F(a) + F(b)) : Of(D(a) + D(b));
    [MethodImpl(Inline)] public static Lane<T> Subtract(Lane<T> a, Lane<T> b) => IsFloat ? Of(F(a) - F(b)) : Of(D(a) - D(b));
    [MethodImpl(Inline)] public static Lane<T> Multiply(Lane<T> a, Lane<T> b) => IsFloat ? Of(F(a) * F(b)) : Of(D(a) * D(b));
    [MethodImpl(Inline)] public static Lane<T> Divide(Lane<T> a, Lane<T> b) => IsFloat ? Of(F(a) / F(b)) : Of(D(a) / D(b));
    [MethodImpl(Inline)] public static Lane<T> Negate(Lane<T> a) => IsFloat ? Of(-F(a)) : Of(-D(a));
    [MethodImpl(Inline)] public static Lane<T> Abs(Lane<T> a) => IsFloat ? Of(MathF.Abs(F(a))) : Of(Math.Abs(D(a)));
    [MethodImpl(Inline)] public static Lane<T> Sqrt(Lane<T> a) => IsFloat ? Of(MathF.Sqrt(F(a))) : Of(Math.Sqrt(D(a)));

    [MethodImpl(Inline)]
    public static Lane<T> MultiplyAdd(Lane<T> a, Lane<T> b, Lane<T> c) => IsFloat
        ? Of(float.MultiplyAddEstimate(F(a), F(b), F(c)))
        : Of(double.MultiplyAddEstimate(D(a), D(b), D(c)));

    [MethodImpl(Inline)]
    public static Lane<T> Max(Lane<T> a, Lane<T> b) => IsFloat ? (F(a) > F(b) ? a : b) : (D(a) > D(b) ? a : b);

    [MethodImpl(Inline)]
    public static Lane<T> Min(Lane<T> a, Lane<T> b) => IsFloat ? (F(a) < F(b) ? a : b) : (D(a) < D(b) ? a : b);

    [MethodImpl(Inline)] public static Lane<T> GreaterThan(Lane<T> a, Lane<T> b) => Mask(IsFloat ? F(a) > F(b) : D(a) > D(b));
    [MethodImpl(Inline)] public static Lane<T> GreaterThanOrEqual(Lane<T> a, Lane<T> b) => Mask(IsFloat ? F(a) >= F(b) : D(a) >= D(b));
    [MethodImpl(Inline)] public static Lane<T> Equal(Lane<T> a, Lane<T> b) => Mask(IsFloat ? F(a) == F(b) : D(a) == D(b));
    [MethodImpl(Inline)] public static Lane<T> Select(Lane<T> mask, Lane<T> a, Lane<T> b) => FromBits((Bits(mask) & Bits(a)) | (~Bits(mask) & Bits(b)));
    [MethodImpl(Inline)] public static Lane<T> And(Lane<T> a, Lane<T> b) => FromBits(Bits(a) & Bits(b));
    [MethodImpl(Inline)] public static Lane<T> Or(Lane<T> a, Lane<T> b) => FromBits(Bits(a) | Bits(b));
    [MethodImpl(Inline)] public static Lane<T> Xor(Lane<T> a, Lane<T> b) => FromBits(Bits(a) ^ Bits(b));
    [MethodImpl(Inline)] public static Lane<T> AndNot(Lane<T> a, Lane<T> b) => FromBits(Bits(a) & ~Bits(b));
    [MethodImpl(Inline)] public static Lane<T> Round(Lane<T> a) => IsFloat ? Of(MathF.Round(F(a))) : Of(Math.Round(D(a)));
    [MethodImpl(Inline)] public static Lane<T> AddBits(Lane<T> a, Lane<T> b) => FromBits(Bits(a) + Bits(b));
    [MethodImpl(Inline)] public static Lane<T> ToExponent(Lane<T> a) => FromBits(Bits(a) << (IsFloat ? 23 : 52));
    [MethodImpl(Inline)] public static Lane<T> FromExponent(Lane<T> a) => FromBits(IsFloat ? (uint)Bits(a) >> 23 : (long)((ulong)Bits(a) >> 52));
    [MethodImpl(Inline)] public static T Sum(Lane<T> a) => a.Value;

    [MethodImpl(Inline)]
    public static void Sum(Lane<T> a, Lane<T> b, Lane<T> c, Lane<T> d, T* sums) => (sums[0], sums[1], sums[2], sums[3]) = (a.Value, b.Value, c.Value, d.Value);

    [MethodImpl(Inline)] public static uint Signs(Lane<T> a) => IsFloat ? (uint)Bits(a) >> 31 : (uint)((ulong)Bits(a) >> 63);

    private static bool IsFloat { [MethodImpl(Inline)] get => typeof(T) == typeof(float); }
    [MethodImpl(Inline)] private static float F(Lane<T> a) => Unsafe.BitCast<T, float>(a.Value);
    [MethodImpl(Inline)] private static double D(Lane<T> a) => Unsafe.BitCast<T, double>(a.Value);
    [MethodImpl(Inline)] private static Lane<T> Of(float value) => new(Unsafe.BitCast<float, T>(value));
    [MethodImpl(Inline)] private static Lane<T> Of(double value) => new(Unsafe.BitCast<double, T>(value));
    [MethodImpl(Inline)] private static Lane<T> Mask(bool value) => FromBits(value ? -1L : 0L);

    [MethodImpl(Inline)]
    private static long Bits(Lane<T> a) => IsFloat ? Unsafe.BitCast<T, int>(a.Value) : Unsafe.BitCast<T, long>(a.Value);

    [MethodImpl(Inline)]
    private static Lane<T> FromBits(long bits) => IsFloat ? new(Unsafe.BitCast<int, T>((int)bits)) : new(Unsafe.BitCast<long, T>(bits));
}

/// <summary>A vector of one lane.</summary>
internal readonly struct Lane<T>(T value)
    where T : unmanaged
{
    public readonly T Value = value;
}
