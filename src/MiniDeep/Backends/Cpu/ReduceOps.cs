using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>How two partial results become one. Partial results of blocks are kept in double for both float types.</summary>
internal interface IReduceOp
{
    /// <summary>The result over nothing.</summary>
    static abstract double Identity { get; }

    static abstract double Combine(double a, double b);

    static abstract TVec Combine<TSimd, TVec, T>(TVec a, TVec b)
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged;
}

/// <summary>The combinations behind <see cref="ReduceKind"/>.</summary>
internal static class ReduceOps
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public readonly struct Sum : IReduceOp
    {
        public static double Identity => 0;

        [MethodImpl(Inline)] public static double Combine(double a, double b) => a + b;

        [MethodImpl(Inline)]
        public static TVec Combine<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => TSimd.Add(a, b);
    }

    public readonly struct Max : IReduceOp
    {
        public static double Identity => double.NegativeInfinity;

        [MethodImpl(Inline)] public static double Combine(double a, double b) => a > b || double.IsNaN(a) ? a : b;

        [MethodImpl(Inline)]
        public static TVec Combine<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => BinaryOps.Max.Invoke<TSimd, TVec, T>(a, b, a);
    }

    public readonly struct Min : IReduceOp
    {
        public static double Identity => double.PositiveInfinity;

        [MethodImpl(Inline)] public static double Combine(double a, double b) => a < b || double.IsNaN(a) ? a : b;

        [MethodImpl(Inline)]
        public static TVec Combine<TSimd, TVec, T>(TVec a, TVec b)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => BinaryOps.Min.Invoke<TSimd, TVec, T>(a, b, a);
    }
}
