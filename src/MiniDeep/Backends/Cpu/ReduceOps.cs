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

    /// <summary>The lanes of a vector become one, by a fixed tree.</summary>
    static abstract double Across<TSimd, TVec, T>(TVec a)
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

        [MethodImpl(Inline)]
        public static double Across<TSimd, TVec, T>(TVec a)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => Real<T>.ToDouble(TSimd.Sum(a));
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

        [MethodImpl(Inline)]
        public static double Across<TSimd, TVec, T>(TVec a)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => AcrossLanes<Max, TSimd, TVec, T>(a);
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

        [MethodImpl(Inline)]
        public static double Across<TSimd, TVec, T>(TVec a)
            where TSimd : struct, ISimd<TVec, T>
            where TVec : struct
            where T : unmanaged
            => AcrossLanes<Min, TSimd, TVec, T>(a);
    }

    [MethodImpl(Inline)]
    private static unsafe double AcrossLanes<TOp, TSimd, TVec, T>(TVec a)
        where TOp : struct, IReduceOp
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged
    {
        T* lanes = Lanes<TSimd, TVec, T>.Address(ref a);
        double result = Real<T>.ToDouble(lanes[0]);
        for (int i = 1; i < TSimd.Count; i++) result = TOp.Combine(result, Real<T>.ToDouble(lanes[i]));
        return result;
    }
}
