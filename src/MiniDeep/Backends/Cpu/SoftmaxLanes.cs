using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// The functions of <see cref="SoftmaxLoop{TSimd, TVec, T}"/> for a few classes, which are the usual case: each lane takes a row of its own, so that no vector is
/// mostly padding and nothing is added up across lanes.
/// </summary>
internal static unsafe class SoftmaxLanes<TSimd, TVec, T>
    where TSimd : struct, ISimd<TVec, T>
    where TVec : struct
    where T : unmanaged
{
    /// <summary>The longest rows that are worth it.</summary>
    public const int MaxLength = 32;

    /// <summary>
    /// Elements that are turned into lanes at a time: several groups of rows, because a vector can't be loaded before the single elements that it consists of have
    /// reached the cache.
    /// </summary>
    private const int BufferSize = 1024;

    [MethodImpl(JitOptions.Kernel)]
    public static double Softmax(RowsJob* job, int first, int count)
    {
        T* e = stackalloc T[BufferSize];
        nint n = job->Length, group = n * TSimd.Count, block = BufferSize / group * TSimd.Count;
        for (nint row = first, end = first + count; row < end; row += block)
        {
            nint rows = Math.Min(block, end - row), size = (rows + TSimd.Count - 1) / TSimd.Count * group;
            Load((T*)job->X + row * n, n, rows, e);
            for (T* part = e; part < e + size; part += group)
            {
                TVec factor = TSimd.Divide(TSimd.Broadcast(Real<T>.Of(1)), Exponentials(part, group, part, out _));
                for (nint j = 0; j < group; j += TSimd.Count) TSimd.Store(part + j, VectorMath<TSimd, TVec, T>.Product(TSimd.Load(part + j), factor));
            }
            Store(e, n, rows, (T*)job->Y + row * n, false);
        }
        return 0;
    }

    [MethodImpl(JitOptions.Kernel)]
    public static double LogSoftmax(RowsJob* job, int first, int count)
    {
        T* x = stackalloc T[BufferSize];
        T* e = stackalloc T[BufferSize];
        nint n = job->Length, group = n * TSimd.Count, block = BufferSize / group * TSimd.Count;
        for (nint row = first, end = first + count; row < end; row += block)
        {
            nint rows = Math.Min(block, end - row), size = (rows + TSimd.Count - 1) / TSimd.Count * group;
            Load((T*)job->X + row * n, n, rows, x);
            for (T* part = x; part < x + size; part += group)
            {
                TVec logarithm = VectorMath<TSimd, TVec, T>.Log(Exponentials(part, group, e, out TVec max));
                for (nint j = 0; j < group; j += TSimd.Count) TSimd.Store(part + j, TSimd.Subtract(TSimd.Subtract(TSimd.Load(part + j), max), logarithm));
            }
            Store(x, n, rows, (T*)job->Y + row * n, false);
        }
        return 0;
    }

    [MethodImpl(JitOptions.Kernel)]
    public static double SoftmaxGradient(RowsJob* job, int first, int count)
    {
        T* y = stackalloc T[BufferSize];
        T* dy = stackalloc T[BufferSize];
        nint n = job->Length, group = n * TSimd.Count, block = BufferSize / group * TSimd.Count;
        for (nint row = first, end = first + count; row < end; row += block)
        {
            nint rows = Math.Min(block, end - row), size = (rows + TSimd.Count - 1) / TSimd.Count * group;
            Load((T*)job->X + row * n, n, rows, y);
            Load((T*)job->Target + row * n, n, rows, dy);
            for (nint part = 0; part < size; part += group)
            {
                TVec sum = TSimd.Zero;
                for (nint j = part; j < part + group; j += TSimd.Count) sum = TSimd.MultiplyAdd(TSimd.Load(y + j), TSimd.Load(dy + j), sum);
                for (nint j = part; j < part + group; j += TSimd.Count)
                    TSimd.Store(dy + j, VectorMath<TSimd, TVec, T>.Product(TSimd.Load(y + j), TSimd.Subtract(TSimd.Load(dy + j), sum)));
            }
            Store(dy, n, rows, (T*)job->Y + row * n, job->Accumulate);
        }
        return 0;
    }

    [MethodImpl(JitOptions.Kernel)]
    public static double LogSoftmaxGradient(RowsJob* job, int first, int count)
    {
        T* y = stackalloc T[BufferSize];
        T* dy = stackalloc T[BufferSize];
        nint n = job->Length, group = n * TSimd.Count, block = BufferSize / group * TSimd.Count;
        for (nint row = first, end = first + count; row < end; row += block)
        {
            nint rows = Math.Min(block, end - row), size = (rows + TSimd.Count - 1) / TSimd.Count * group;
            Load((T*)job->X + row * n, n, rows, y);
            Load((T*)job->Target + row * n, n, rows, dy);
            for (nint part = 0; part < size; part += group)
            {
                TVec sum = TSimd.Zero;
                for (nint j = part; j < part + group; j += TSimd.Count) sum = TSimd.Add(TSimd.Load(dy + j), sum);
                for (nint j = part; j < part + group; j += TSimd.Count)
                {
                    TVec p = VectorMath<TSimd, TVec, T>.Exp(TSimd.Load(y + j));
                    TSimd.Store(dy + j, TSimd.MultiplyAdd(TSimd.Negate(p), sum, TSimd.Load(dy + j)));
                }
            }
            Store(dy, n, rows, (T*)job->Y + row * n, job->Accumulate);
        }
        return 0;
    }

    [MethodImpl(JitOptions.Kernel)]
    public static double SparseCrossEntropy(RowsJob* job, int first, int count)
    {
        T* e = stackalloc T[BufferSize];
        T* classes = stackalloc T[BufferSize];
        nint n = job->Length, group = n * TSimd.Count, block = BufferSize / group * TSimd.Count;
        double loss = 0;
        TVec scale = TSimd.Broadcast(Real<T>.Of(job->Scale));
        for (nint row = first, end = first + count; row < end; row += block)
        {
            nint rows = Math.Min(block, end - row), size = (rows + TSimd.Count - 1) / TSimd.Count * group;
            T* x = (T*)job->X + row * n;
            int* labels = (int*)job->Target + row;
            Load(x, n, rows, e);
            for (nint r = 0; r < rows; r++) classes[r] = Real<T>.Of(labels[r]);
            T* part = e;
            for (nint r = 0; r < rows; r += TSimd.Count, part += group)
            {
                // in a lane without a row the class is left over from somewhere; its loss isn't counted
                TVec label = TSimd.Load(classes + r), wanted = TSimd.Zero, current = TSimd.Zero, one = TSimd.Broadcast(Real<T>.Of(1));
                for (nint j = 0; j < group; j += TSimd.Count, current = TSimd.Add(current, one))
                    wanted = TSimd.Or(wanted, TSimd.And(TSimd.Equal(label, current), TSimd.Load(part + j)));
                TVec sum = Exponentials(part, group, part, out TVec max);
                loss += SumOfFirst(TSimd.Subtract(VectorMath<TSimd, TVec, T>.Log(sum), TSimd.Subtract(wanted, max)), rows - r);
                TVec factor = TSimd.Divide(scale, sum);
                current = TSimd.Zero;
                for (nint j = 0; j < group; j += TSimd.Count, current = TSimd.Add(current, one))
                {
                    TVec pull = TSimd.And(TSimd.Equal(label, current), TSimd.Negate(scale));
                    TSimd.Store(part + j, TSimd.MultiplyAdd(TSimd.Load(part + j), factor, pull));
                }
            }
            if (job->Y != null) Store(e, n, rows, (T*)job->Y + row * n, false);
        }
        return loss;
    }

    [MethodImpl(JitOptions.Kernel)]
    public static double CrossEntropy(RowsJob* job, int first, int count)
    {
        T* x = stackalloc T[BufferSize];
        T* e = stackalloc T[BufferSize];
        T* target = stackalloc T[BufferSize];
        nint n = job->Length, group = n * TSimd.Count, block = BufferSize / group * TSimd.Count;
        double loss = 0;
        TVec scale = TSimd.Broadcast(Real<T>.Of(job->Scale));
        for (nint row = first, end = first + count; row < end; row += block)
        {
            nint rows = Math.Min(block, end - row), size = (rows + TSimd.Count - 1) / TSimd.Count * group;
            Load((T*)job->X + row * n, n, rows, x);
            Load((T*)job->Target + row * n, n, rows, target);
            for (nint part = 0, r = 0; part < size; part += group, r += TSimd.Count)
            {
                TVec sum = Exponentials(x + part, group, e + part, out TVec max), logarithm = VectorMath<TSimd, TVec, T>.Log(sum);
                TVec weight = TSimd.Zero, losses = TSimd.Zero;
                for (nint j = part; j < part + group; j += TSimd.Count)
                {
                    TVec t = TSimd.Load(target + j);
                    weight = TSimd.Add(weight, t);
                    TVec cost = TSimd.Multiply(t, TSimd.Subtract(logarithm, TSimd.Subtract(TSimd.Load(x + j), max)));
                    // a class that isn't wanted costs nothing, even at a logit of -infinity
                    losses = TSimd.Add(losses, TSimd.AndNot(cost, TSimd.Equal(t, TSimd.Zero)));
                }
                loss += SumOfFirst(losses, rows - r);
                TVec factor = TSimd.Divide(TSimd.Multiply(scale, weight), sum);
                for (nint j = part; j < part + group; j += TSimd.Count)
                {
                    TVec pull = TSimd.Negate(TSimd.Multiply(scale, TSimd.Load(target + j)));
                    TSimd.Store(e + j, TSimd.MultiplyAdd(TSimd.Load(e + j), factor, pull));
                }
            }
            if (job->Y != null) Store(e, n, rows, (T*)job->Y + row * n, false);
        }
        return loss;
    }

    /// <summary>e^(x - max) of each row to e, which may be x; their sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVec Exponentials(T* x, nint group, T* e, out TVec max)
    {
        TVec largest = TSimd.Broadcast(Real<T>.Of(double.NegativeInfinity)), sum = TSimd.Zero;
        for (nint j = 0; j < group; j += TSimd.Count) largest = TSimd.Max(TSimd.Load(x + j), largest);
        for (nint j = 0; j < group; j += TSimd.Count)
        {
            TVec power = VectorMath<TSimd, TVec, T>.Exp(TSimd.Subtract(TSimd.Load(x + j), largest));
            TSimd.Store(e + j, power);
            sum = TSimd.Add(sum, power);
        }
        max = largest;
        return sum;
    }

    /// <summary>Groups of rows to n vectors each; lanes without a row get zeros.</summary>
    private static void Load(T* x, nint n, nint rows, T* lanes)
    {
        for (; rows >= TSimd.Count; rows -= TSimd.Count, lanes += n * TSimd.Count, x += n * TSimd.Count) LoadGroup(x, n, TSimd.Count, lanes);
        if (rows == 0) return;
        for (nint j = 0; j < n * TSimd.Count; j += TSimd.Count) TSimd.Store(lanes + j, TSimd.Zero);
        LoadGroup(x, n, rows, lanes);
    }

    // four rows a turn: one at a time, the loop would take longer than what it moves
    [MethodImpl(JitOptions.Kernel)]
    private static void LoadGroup(T* x, nint n, nint rows, T* lanes)
    {
        for (nint j = 0; j < n; j++, lanes += TSimd.Count)
        {
            T* source = x + j;
            nint r = 0;
            for (; r <= rows - 4; r += 4, source += 4 * n)
            {
                lanes[r] = source[0];
                lanes[r + 1] = source[n];
                lanes[r + 2] = source[2 * n];
                lanes[r + 3] = source[3 * n];
            }
            for (; r < rows; r++, source += n) lanes[r] = *source;
        }
    }

    /// <summary>The way back.</summary>
    private static void Store(T* lanes, nint n, nint rows, T* y, bool accumulate)
    {
        for (; rows > 0; rows -= TSimd.Count, lanes += n * TSimd.Count, y += n * TSimd.Count)
        {
            if (accumulate) AddGroup(lanes, n, Math.Min(rows, TSimd.Count), y);
            else StoreGroup(lanes, n, Math.Min(rows, TSimd.Count), y);
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void StoreGroup(T* lanes, nint n, nint rows, T* y)
    {
        for (nint j = 0; j < n; j++, lanes += TSimd.Count)
        {
            T* destination = y + j;
            nint r = 0;
            for (; r <= rows - 4; r += 4, destination += 4 * n)
            {
                destination[0] = lanes[r];
                destination[n] = lanes[r + 1];
                destination[2 * n] = lanes[r + 2];
                destination[3 * n] = lanes[r + 3];
            }
            for (; r < rows; r++, destination += n) *destination = lanes[r];
        }
    }

    [MethodImpl(JitOptions.Kernel)]
    private static void AddGroup(T* lanes, nint n, nint rows, T* y)
    {
        for (nint r = 0; r < rows; r++)
        {
            for (nint j = 0; j < n; j++, y++) *y = Real<T>.Of(Real<T>.ToDouble(*y) + Real<T>.ToDouble(lanes[j * TSimd.Count + r]));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumOfFirst(TVec value, nint count)
        => Real<T>.ToDouble(TSimd.Sum(count < TSimd.Count ? Lanes<TSimd, TVec, T>.KeepFirst(value, count) : value));
}
