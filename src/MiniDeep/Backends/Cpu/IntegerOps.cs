using System.Numerics;
using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The functions of <see cref="UnaryKind"/> and <see cref="BinaryKind"/> that integers have. Results that don't fit wrap around.</summary>
internal static class IntegerOps
{
    public readonly struct Identity : IIntegerUnaryOp
    {
        public static T Invoke<T>(T x, T alpha) where T : unmanaged, IBinaryInteger<T> => x;
    }

    public readonly struct Negate : IIntegerUnaryOp
    {
        public static T Invoke<T>(T x, T alpha) where T : unmanaged, IBinaryInteger<T> => T.Zero - x;
    }

    public readonly struct Abs : IIntegerUnaryOp
    {
        public static T Invoke<T>(T x, T alpha) where T : unmanaged, IBinaryInteger<T> => T.IsNegative(x) ? T.Zero - x : x;
    }

    public readonly struct Sign : IIntegerUnaryOp
    {
        public static T Invoke<T>(T x, T alpha) where T : unmanaged, IBinaryInteger<T> => T.CreateTruncating(T.Sign(x));
    }

    public readonly struct Square : IIntegerUnaryOp
    {
        public static T Invoke<T>(T x, T alpha) where T : unmanaged, IBinaryInteger<T> => x * x;
    }

    public readonly struct AddScalar : IIntegerUnaryOp
    {
        public static T Invoke<T>(T x, T alpha) where T : unmanaged, IBinaryInteger<T> => x + alpha;
    }

    public readonly struct MultiplyScalar : IIntegerUnaryOp
    {
        public static T Invoke<T>(T x, T alpha) where T : unmanaged, IBinaryInteger<T> => x * alpha;
    }

    public readonly struct Add : IIntegerBinaryOp
    {
        public static T Invoke<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a + b;
    }

    public readonly struct Subtract : IIntegerBinaryOp
    {
        public static T Invoke<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a - b;
    }

    public readonly struct Multiply : IIntegerBinaryOp
    {
        public static T Invoke<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a * b;
    }

    /// <summary>Towards 0. Division by 0 gives 0: there is no infinity, and a thread of the team must not throw. The smallest number over -1 wraps around.</summary>
    public readonly struct Divide : IIntegerBinaryOp
    {
        public static T Invoke<T>(T a, T b) where T : unmanaged, IBinaryInteger<T>
        {
            if (T.IsZero(b)) return T.Zero;
            return T.IsNegative(b) && b == T.Zero - T.One ? T.Zero - a : a / b;
        }
    }

    /// <summary>By squaring; a negative power is 1 / a^-b, towards 0.</summary>
    public readonly struct Pow : IIntegerBinaryOp
    {
        public static T Invoke<T>(T a, T b) where T : unmanaged, IBinaryInteger<T>
        {
            if (T.IsNegative(b))
            {
                if (a == T.One) return a;
                if (a == T.Zero - T.One) return T.IsOddInteger(b) ? a : T.One;
                return T.Zero;
            }
            T result = T.One;
            for (; !T.IsZero(b); b >>= 1)
            {
                if (T.IsOddInteger(b)) result *= a;
                a *= a;
            }
            return result;
        }
    }

    public readonly struct Max : IIntegerBinaryOp
    {
        public static T Invoke<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a > b ? a : b;
    }

    public readonly struct Min : IIntegerBinaryOp
    {
        public static T Invoke<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a < b ? a : b;
    }
}

/// <summary>The comparisons of <see cref="BinaryKind"/>; none but NotEqual holds where an operand is NaN.</summary>
internal static class Comparisons
{
    public readonly struct Equal : IComparison
    {
        public static bool Invoke<T>(T a, T b) where T : unmanaged, INumber<T> => a == b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Mask<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Equal(a, b);
    }

    public readonly struct NotEqual : IComparison
    {
        public static bool Invoke<T>(T a, T b) where T : unmanaged, INumber<T> => a != b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Mask<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Xor(TSimd.Equal(a, b), TSimd.Equal(TSimd.Zero, TSimd.Zero));
    }

    public readonly struct Less : IComparison
    {
        public static bool Invoke<T>(T a, T b) where T : unmanaged, INumber<T> => a < b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Mask<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.GreaterThan(b, a);
    }

    public readonly struct LessOrEqual : IComparison
    {
        public static bool Invoke<T>(T a, T b) where T : unmanaged, INumber<T> => a <= b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Mask<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.GreaterThanOrEqual(b, a);
    }

    public readonly struct Greater : IComparison
    {
        public static bool Invoke<T>(T a, T b) where T : unmanaged, INumber<T> => a > b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Mask<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.GreaterThan(a, b);
    }

    public readonly struct GreaterOrEqual : IComparison
    {
        public static bool Invoke<T>(T a, T b) where T : unmanaged, INumber<T> => a >= b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVec Mask<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.GreaterThanOrEqual(a, b);
    }
}
