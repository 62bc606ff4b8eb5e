using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Reductions of floats. Elements side by side are combined in blocks on the lanes of four vectors, blocks pairwise in double; columns are combined in blocks of
/// rows, blocks pairwise. So an error grows with the logarithm of the count.
/// </summary>
internal static unsafe class ReduceLoop<TOp, TSimd, TVec, T>
    where TOp : struct, IReduceOp
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    /// <summary>Elements that meet in a lane (or rows of a column) one after the other before the tree begins; few, because each step may round.</summary>
    private const int BlockDepth = 8, BlockRows = 16;

    /// <summary>Vectors of columns that are combined at a time.</summary>
    private const int StripVectors = 4;

    /// <summary>Rows up to here are reduced one to a lane.</summary>
    public const int MaxLaneLength = 16;

    private struct Strip
    {
        public TVec A, B, C, D;
    }

    public static int StripWidth => StripVectors * TSimd.Count;

    private static int BlockSize => BlockDepth * StripVectors * TSimd.Count;

    /// <summary>Elements side by side, by the tree.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static double Contiguous(T* x, nint count)
    {
        if (count <= BlockSize) return Block(x, count);
        nint half = (count / 2 + BlockSize - 1) / BlockSize * BlockSize;
        return TOp.Combine(Contiguous(x, half), Contiguous(x + half, count - half));
    }

    /// <summary>Everything becomes one number: each unit is a chunk of elements and leaves a partial result.</summary>
    public static void Partial(ReducePlan* plan, long start, int count)
        => plan->Partials[start / plan->UnitsPerChunk] = Contiguous((T*)plan->X + start, count);

    public static double Combine(double* partials, int count)
    {
        if (count == 1) return partials[0];
        int half = count / 2;
        return TOp.Combine(Combine(partials, half), Combine(partials + half, count - half));
    }

    public static void StoreResult(ReducePlan* plan, T* y, double value)
    {
        T result = Real<T>.Of(value / plan->Divisor);
        *y = plan->Accumulate ? Real<T>.Of(Real<T>.ToDouble(*y) + Real<T>.ToDouble(result)) : result;
    }

    /// <summary>Results one by one, from elements side by side along the first reduced axis.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void Rows(ReducePlan* plan, long start, int count)
    {
        nint length = plan->ReducedSizes[0];
        long segments = ReducePlan.Product(plan->ReducedSizes + 1, plan->ReducedRank - 1);
        for (long result = start; result < start + count; result++)
        {
            plan->Locate(result, 0, out nint offsetX, out nint offsetY);
            T* x = (T*)plan->X + offsetX;
            double value = segments == 1 ? Contiguous(x, length) : Segments(plan, x, length, 0, segments);
            StoreResult(plan, (T*)plan->Y + offsetY, value);
        }
    }

    /// <summary>The same for short rows, each in a lane of its own; several groups at a time, so that their elements have reached the cache.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void ShortRows(ReducePlan* plan, long start, int count)
    {
        const int Groups = 8;
        T* lanes = stackalloc T[Groups * MaxLaneLength * TSimd.Count];
        nint* results = stackalloc nint[Groups * TSimd.Count];
        nint length = plan->ReducedSizes[0];
        TVec divisor = TSimd.Broadcast(Real<T>.Of(plan->Divisor));
        for (long end = start + count; start < end; start += Groups * TSimd.Count)
        {
            nint rows = (nint)Math.Min(Groups * TSimd.Count, end - start);
            for (nint r = 0; r < rows; r++)
            {
                plan->Locate(start + r, 0, out nint offsetX, out results[r]);
                T* x = (T*)plan->X + offsetX;
                T* lane = lanes + r / TSimd.Count * length * TSimd.Count + r % TSimd.Count;
                for (nint j = 0; j < length; j++) lane[j * TSimd.Count] = x[j];
            }
            T* group = lanes;
            for (nint row = 0; row < rows; row += TSimd.Count, group += length * TSimd.Count)
            {
                // lanes without a row hold anything; they aren't stored
                TVec value = TSimd.Load(group);
                for (nint j = 1; j < length; j++) value = TOp.Combine<TSimd, TVec, T>(value, TSimd.Load(group + j * TSimd.Count));
                value = TSimd.Divide(value, divisor);
                T* values = Lanes<TSimd, TVec, T>.Address(ref value);
                for (nint r = 0; r < Math.Min(TSimd.Count, rows - row); r++)
                {
                    T* y = (T*)plan->Y + results[row + r];
                    *y = plan->Accumulate ? Real<T>.Of(Real<T>.ToDouble(*y) + Real<T>.ToDouble(values[r])) : values[r];
                }
            }
        }
    }

    private static double Segments(ReducePlan* plan, T* x, nint length, long first, long count)
    {
        if (count == 1) return Contiguous(x + plan->LocateReduced(first, 1), length);
        long half = count / 2;
        return TOp.Combine(Segments(plan, x, length, first, half), Segments(plan, x, length, first + half, count - half));
    }

    /// <summary>Results one by one, from elements anywhere.</summary>
    public static void Scattered(ReducePlan* plan, long start, int count)
    {
        long elements = plan->ElementsPerResult;
        for (long result = start; result < start + count; result++)
        {
            plan->Locate(result, 0, out nint offsetX, out nint offsetY);
            double value = elements == 0 ? TOp.Identity : Gathered(plan, (T*)plan->X + offsetX, 0, elements);
            StoreResult(plan, (T*)plan->Y + offsetY, value);
        }
    }

    private static double Gathered(ReducePlan* plan, T* x, long first, long count)
    {
        if (count <= BlockSize) return GatheredBlock(plan, x, first, (int)count);
        long half = (count / 2 + BlockSize - 1) / BlockSize * BlockSize;
        return TOp.Combine(Gathered(plan, x, first, half), Gathered(plan, x, first + half, count - half));
    }

    private static double GatheredBlock(ReducePlan* plan, T* x, long first, int count)
    {
        T* buffer = stackalloc T[BlockSize];
        if (plan->ReducedRank == 0)
        {
            buffer[0] = *x;
            return Block(buffer, count);
        }
        long position = first % plan->ReducedSizes[0], row = first / plan->ReducedSizes[0];
        nint stride = plan->ReducedX[0];
        for (int i = 0; i < count;)
        {
            T* source = x + plan->LocateReduced(row++, 1) + (nint)position * stride;
            int run = (int)Math.Min(count - i, plan->ReducedSizes[0] - position);
            for (int j = 0; j < run; j++, source += stride) buffer[i + j] = *source;
            i += run;
            position = 0;
        }
        return Block(buffer, count);
    }

    /// <summary>Strips of columns side by side along the first kept axis, over one reduced axis.</summary>
    [MethodImpl(JitOptions.Kernel)]
    public static void Columns(ReducePlan* plan, long start, int count)
    {
        nint columns = plan->KeptSizes[0], rows = plan->ReducedSizes[0], stride = plan->ReducedX[0];
        nint strips = (columns + StripWidth - 1) / StripWidth;
        for (long unit = start; unit < start + count; unit++)
        {
            (long outer, long strip) = Math.DivRem(unit, strips);
            plan->Locate(outer, 1, out nint offsetX, out nint offsetY);
            nint column = (nint)strip * StripWidth, width = columns - column;
            T* x = (T*)plan->X + offsetX + column;
            T* y = (T*)plan->Y + offsetY + column * plan->KeptY[0];
            if (width >= StripWidth)
            {
                Strip result = FullStrip(x, stride, rows);
                StoreColumns(plan, y, result.A, TSimd.Count);
                StoreColumns(plan, y + TSimd.Count * plan->KeptY[0], result.B, TSimd.Count);
                StoreColumns(plan, y + 2 * TSimd.Count * plan->KeptY[0], result.C, TSimd.Count);
                StoreColumns(plan, y + 3 * TSimd.Count * plan->KeptY[0], result.D, TSimd.Count);
                continue;
            }
            for (; width > 0; width -= TSimd.Count)
            {
                nint lanes = Math.Min(width, TSimd.Count);
                StoreColumns(plan, y, OneVector(x, stride, rows, lanes), lanes);
                x += TSimd.Count;
                y += TSimd.Count * plan->KeptY[0];
            }
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static Strip FullStrip(T* x, nint stride, nint rows)
    {
        Strip sum;
        if (rows <= BlockRows)
        {
            TVec a = TSimd.Load(x), b = TSimd.Load(x + TSimd.Count), c = TSimd.Load(x + 2 * TSimd.Count), d = TSimd.Load(x + 3 * TSimd.Count);
            for (nint row = 1; row < rows; row++)
            {
                x += stride;
                a = TOp.Combine<TSimd, TVec, T>(a, TSimd.Load(x));
                b = TOp.Combine<TSimd, TVec, T>(b, TSimd.Load(x + TSimd.Count));
                c = TOp.Combine<TSimd, TVec, T>(c, TSimd.Load(x + 2 * TSimd.Count));
                d = TOp.Combine<TSimd, TVec, T>(d, TSimd.Load(x + 3 * TSimd.Count));
            }
            sum.A = a;
            sum.B = b;
            sum.C = c;
            sum.D = d;
            return sum;
        }
        nint half = HalfOf(rows);
        sum = FullStrip(x, stride, half);
        Strip second = FullStrip(x + half * stride, stride, rows - half);
        sum.A = TOp.Combine<TSimd, TVec, T>(sum.A, second.A);
        sum.B = TOp.Combine<TSimd, TVec, T>(sum.B, second.B);
        sum.C = TOp.Combine<TSimd, TVec, T>(sum.C, second.C);
        sum.D = TOp.Combine<TSimd, TVec, T>(sum.D, second.D);
        return sum;
    }

    [MethodImpl(JitOptions.Kernel)]
    private static TVec OneVector(T* x, nint stride, nint rows, nint lanes)
    {
        if (rows > BlockRows)
        {
            nint half = HalfOf(rows);
            return TOp.Combine<TSimd, TVec, T>(OneVector(x, stride, half, lanes), OneVector(x + half * stride, stride, rows - half, lanes));
        }
        bool full = lanes == TSimd.Count;
        TVec sum = full ? TSimd.Load(x) : Lanes<TSimd, TVec, T>.Load(x, lanes);
        for (nint row = 1; row < rows; row++)
        {
            x += stride;
            sum = TOp.Combine<TSimd, TVec, T>(sum, full ? TSimd.Load(x) : Lanes<TSimd, TVec, T>.Load(x, lanes));
        }
        return sum;
    }

    private static nint HalfOf(nint rows) => (rows / 2 + BlockRows - 1) / BlockRows * BlockRows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreColumns(ReducePlan* plan, T* y, TVec value, nint lanes)
    {
        if (plan->Divisor != 1) value = TSimd.Divide(value, TSimd.Broadcast(Real<T>.Of(plan->Divisor)));
        nint stride = plan->KeptY[0];
        if (stride == 1 && lanes == TSimd.Count)
        {
            TSimd.Store(y, plan->Accumulate ? TSimd.Add(TSimd.Load(y), value) : value);
            return;
        }
        T* source = Lanes<TSimd, TVec, T>.Address(ref value);
        for (nint i = 0; i < lanes; i++, y += stride)
            *y = plan->Accumulate ? Real<T>.Of(Real<T>.ToDouble(*y) + Real<T>.ToDouble(source[i])) : source[i];
    }

    [MethodImpl(JitOptions.Kernel)]
    private static double Block(T* x, nint count)
    {
        TVec identity = TSimd.Broadcast(Real<T>.Of(TOp.Identity));
        TVec a = identity, b = identity, c = identity, d = identity;
        for (; count >= StripVectors * TSimd.Count; count -= StripVectors * TSimd.Count)
        {
            a = TOp.Combine<TSimd, TVec, T>(a, TSimd.Load(x));
            b = TOp.Combine<TSimd, TVec, T>(b, TSimd.Load(x + TSimd.Count));
            c = TOp.Combine<TSimd, TVec, T>(c, TSimd.Load(x + 2 * TSimd.Count));
            d = TOp.Combine<TSimd, TVec, T>(d, TSimd.Load(x + 3 * TSimd.Count));
            x += StripVectors * TSimd.Count;
        }
        for (; count >= TSimd.Count; count -= TSimd.Count)
        {
            a = TOp.Combine<TSimd, TVec, T>(a, TSimd.Load(x));
            x += TSimd.Count;
        }
        if (count > 0) b = TOp.Combine<TSimd, TVec, T>(b, Lanes<TSimd, TVec, T>.Load(x, count, identity));
        a = TOp.Combine<TSimd, TVec, T>(TOp.Combine<TSimd, TVec, T>(a, b), TOp.Combine<TSimd, TVec, T>(c, d));
        return TOp.Across<TSimd, TVec, T>(a);
    }
}
