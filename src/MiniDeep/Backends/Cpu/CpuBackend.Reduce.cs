using System.Runtime.CompilerServices;

namespace MiniDeep;

internal sealed unsafe partial class CpuBackend
{
    public void Reduce(ReduceKind kind, in TensorView x, in TensorView y, bool accumulate)
    {
        int rank = x.Shape.Rank;
        int* integers = stackalloc int[3 * rank + 1];
        nint* strides = stackalloc nint[3 * rank + 1];
        fixed (byte* pointerX = &Pin(x), pointerY = &Pin(y))
        {
            var plan = new ReducePlan
            {
                X = pointerX,
                Y = pointerY,
                Accumulate = accumulate,
                Divisor = 1,
                KeptSizes = integers,
                KeptX = strides,
                KeptY = strides + rank,
                ReducedSizes = integers + rank,
                ReducedX = strides + 2 * rank,
            };
            plan.SetAxes(x, y, integers + 2 * rank);
            if (kind == ReduceKind.Mean) plan.Divisor = plan.ElementsPerResult;
            Reduce(kind, x.DType, y.DType, ref plan);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
    }

    /// <summary>y [n] (+)= the sums over all axes but the last of a contiguous x [..., n].</summary>
    private static void SumOverLeadingAxes(in TensorView x, in TensorView y, bool accumulate)
    {
        int columns = y.Shape.ElementCount, rows = columns == 0 ? 0 : x.Shape.ElementCount / columns;
        nint contiguous = 1, stride = columns;
        fixed (byte* pointerX = &Pin(x), pointerY = &Pin(y))
        {
            var plan = new ReducePlan
            {
                X = pointerX,
                Y = pointerY,
                Accumulate = accumulate,
                Divisor = 1,
                KeptRank = 1,
                KeptSizes = &columns,
                KeptX = &contiguous,
                KeptY = &contiguous,
                ReducedRank = 1,
                ReducedSizes = &rows,
                ReducedX = &stride,
            };
            Reduce(ReduceKind.Sum, x.DType, y.DType, ref plan);
        }
        GC.KeepAlive(x.Storage);
        GC.KeepAlive(y.Storage);
    }

    private static void Reduce(ReduceKind kind, DType from, DType to, ref ReducePlan plan)
    {
        switch (from)
        {
            case DType.Float32: Reduce<float>(kind, ref plan); break;
            case DType.Float64: Reduce<double>(kind, ref plan); break;
            case DType.Int32: IntegerReduce.Run<int>(kind, to, ref plan); break;
            case DType.Int64: IntegerReduce.Run<long>(kind, to, ref plan); break;
            default: IntegerReduce.Run<byte>(kind, to, ref plan); break;
        }
    }

    private static void Reduce<T>(ReduceKind kind, ref ReducePlan plan)
        where T : unmanaged
    {
        var call = new ReduceCall<T> { Kind = kind, Plan = (ReducePlan*)Unsafe.AsPointer(ref plan) };
        KernelCall.Run<ReduceCall<T>, T>(ref call);
    }

    private struct ReduceCall<T> : IKernelCall<T>
        where T : unmanaged
    {
        public ReduceKind Kind;
        public ReducePlan* Plan;

        public readonly void Run<TSimd, TVec>()
            where TSimd : struct, ISimd<TVec, T>
            where TVec : unmanaged
        {
            switch (Kind)
            {
                case ReduceKind.Max: Reduce<ReduceOps.Max, TSimd, TVec, T>(ref *Plan); break;
                case ReduceKind.Min: Reduce<ReduceOps.Min, TSimd, TVec, T>(ref *Plan); break;
                default: Reduce<ReduceOps.Sum, TSimd, TVec, T>(ref *Plan); break;
            }
        }
    }

    private static void Reduce<TOp, TSimd, TVec, T>(ref ReducePlan plan)
        where TOp : struct, IReduceOp
        where TSimd : struct, ISimd<TVec, T>
        where TVec : struct
        where T : unmanaged
    {
        long elements = plan.ElementsPerResult, results = plan.Results;
        if (results == 0) return;
        bool alongRows = plan.ReducedRank > 0 && plan.ReducedX[0] == 1 && elements > 0;
        if (results == 1 && alongRows && plan.ReducedRank == 1)
        {
            ReducePlan* self = (ReducePlan*)Unsafe.AsPointer(ref plan);
            long perChunk = ReducePlan.ChunkSize;
            while (elements > perChunk * ReducePlan.MaxPartials) perChunk *= 2;
            double* partials = stackalloc double[ReducePlan.MaxPartials];
            plan.Partials = partials;
            plan.Kernel = &ReduceLoop<TOp, TSimd, TVec, T>.Partial;
            plan.Units = elements;
            plan.Run(perChunk);
            int chunks = (int)((elements + perChunk - 1) / perChunk);
            ReduceLoop<TOp, TSimd, TVec, T>.StoreResult(self, (T*)plan.Y, ReduceLoop<TOp, TSimd, TVec, T>.Combine(partials, chunks));
        }
        else if (alongRows && plan.ReducedRank == 1 && elements <= ReduceLoop<TOp, TSimd, TVec, T>.MaxLaneLength)
        {
            plan.Kernel = &ReduceLoop<TOp, TSimd, TVec, T>.ShortRows;
            plan.Units = results;
            plan.Run(ReducePlan.ChunkSize / elements / TSimd.Count * TSimd.Count);
        }
        else if (alongRows)
        {
            plan.Kernel = &ReduceLoop<TOp, TSimd, TVec, T>.Rows;
            plan.Units = results;
            plan.Run(ReducePlan.ChunkSize / elements);
        }
        else if (plan.ReducedRank == 1 && elements > 0 && plan.KeptRank > 0 && plan.KeptX[0] == 1)
        {
            int width = ReduceLoop<TOp, TSimd, TVec, T>.StripWidth;
            plan.Kernel = &ReduceLoop<TOp, TSimd, TVec, T>.Columns;
            plan.Units = results / plan.KeptSizes[0] * ((plan.KeptSizes[0] + width - 1) / width);
            plan.Run(ReducePlan.ChunkSize / (elements * Math.Min(width, plan.KeptSizes[0])));
        }
        else
        {
            plan.Kernel = &ReduceLoop<TOp, TSimd, TVec, T>.Scattered;
            plan.Units = results;
            plan.Run(ReducePlan.ChunkSize / Math.Max(1, elements));
        }
    }
}
