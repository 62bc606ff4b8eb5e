using System.Numerics;

namespace MiniDeep;

/// <summary>Sums, largest and smallest of integers and truth values, in 64 bits.</summary>
internal static unsafe class IntegerReduce
{
    public static void Run<T>(ReduceKind kind, DType to, ref ReducePlan plan)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (kind == ReduceKind.Mean) throw new DTypeException("A mean isn't defined for integers; convert them to a float type first.");
        plan.Kernel = kind switch
        {
            ReduceKind.Max => Store<T, Largest>(to),
            ReduceKind.Min => Store<T, Smallest>(to),
            _ => Store<T, Total>(to),
        };
        plan.Units = plan.Results;
        plan.Run(ReducePlan.ChunkSize / Math.Max(1, plan.ElementsPerResult));
    }

    private static delegate*<ReducePlan*, long, int, void> Store<T, TOp>(DType to)
        where T : unmanaged, IBinaryInteger<T>
        where TOp : struct, IFold => to switch
        {
            DType.Int32 => &Results<T, int, TOp>,
            DType.Int64 => &Results<T, long, TOp>,
            DType.Float32 => &Results<T, float, TOp>,
            DType.Float64 => &Results<T, double, TOp>,
            _ => &Results<T, byte, TOp>,
        };

    private static void Results<T, TResult, TOp>(ReducePlan* plan, long start, int count)
        where T : unmanaged, IBinaryInteger<T>
        where TResult : unmanaged, INumber<TResult>
        where TOp : struct, IFold
    {
        long elements = plan->ElementsPerResult;
        for (long result = start; result < start + count; result++)
        {
            plan->Locate(result, 0, out nint offsetX, out nint offsetY);
            T* x = (T*)plan->X + offsetX;
            long value = TOp.Identity;
            for (long i = 0; i < elements; i++) value = TOp.Combine(value, long.CreateTruncating(x[plan->LocateReduced(i, 0)]));
            TResult* y = (TResult*)plan->Y + offsetY;
            TResult converted = TResult.CreateTruncating(value);
            *y = plan->Accumulate ? *y + converted : converted;
        }
    }

    private interface IFold
    {
        static abstract long Identity { get; }

        static abstract long Combine(long a, long b);
    }

    private readonly struct Total : IFold
    {
        public static long Identity => 0;

        public static long Combine(long a, long b) => a + b;
    }

    private readonly struct Largest : IFold
    {
        public static long Identity => long.MinValue;

        public static long Combine(long a, long b) => Math.Max(a, b);
    }

    private readonly struct Smallest : IFold
    {
        public static long Identity => long.MaxValue;

        public static long Combine(long a, long b) => Math.Min(a, b);
    }
}
