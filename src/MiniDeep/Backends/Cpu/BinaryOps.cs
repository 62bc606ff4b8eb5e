using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>The functions of <see cref="BinaryKind"/> on vectors, comparisons aside.</summary>
internal static class BinaryOps
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public readonly struct Add : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Add(a, b);
    }

    public readonly struct Subtract : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Subtract(a, b);
    }

    public readonly struct Multiply : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => VectorMath<TSimd, TVec, T>.Product(a, b);
    }

    public readonly struct Divide : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Divide(a, b);
    }

    public readonly struct Pow : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => Lanes<TSimd, TVec, T>.Map<UnaryOps.PowFunction>(a, b);
    }

    /// <summary>A NaN in b comes out of Max; one in a is picked here.</summary>
    public readonly struct Max : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Select(TSimd.Equal(a, a), TSimd.Max(a, b), a);
    }

    /// <summary>NaN as in <see cref="Max"/>.</summary>
    public readonly struct Min : IBinaryOp
    {
        [MethodImpl(Inline)]
        public static TVec Invoke<TSimd, TVec, T>(TVec a, TVec b, TVec alpha)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Select(TSimd.Equal(a, a), TSimd.Min(a, b), a);
    }
}
