namespace MiniDeep;

/// <summary>
/// A reduction's axes, sorted into kept and reduced ones, innermost in memory first, neighbours merged where one stride walks over both. The order in which
/// elements are combined follows from shapes and strides alone.
/// </summary>
internal unsafe struct ReducePlan : IChunkedWork
{
    /// <summary>Elements in a chunk of work.</summary>
    public const int ChunkSize = 16 * 1024;

    /// <summary>At most so many chunks when everything becomes one number: their partial results lie on the stack.</summary>
    public const int MaxPartials = 256;

    public byte* X, Y;

    /// <summary>Sizes and strides (in elements) of the kept axes.</summary>
    public int KeptRank;
    public int* KeptSizes;
    public nint* KeptX, KeptY;

    /// <summary>Sizes and strides of the reduced axes.</summary>
    public int ReducedRank;
    public int* ReducedSizes;
    public nint* ReducedX;

    /// <summary>What each result is divided by: the count for a mean.</summary>
    public double Divisor;
    public bool Accumulate;

    /// <summary>Where chunks leave their partial results when everything becomes one number.</summary>
    public double* Partials;

    public delegate*<ReducePlan*, long, int, void> Kernel;

    /// <summary>What the kernel counts: results, strips of columns, or elements.</summary>
    public long Units, UnitsPerChunk;

    public readonly long Results => Product(KeptSizes, KeptRank);

    public readonly long ElementsPerResult => Product(ReducedSizes, ReducedRank);

    /// <summary>Sorts the axes; the arrays have room for x's rank.</summary>
    public void SetAxes(in TensorView x, in TensorView y, int* order)
    {
        ReadOnlySpan<int> shape = x.Shape.Sizes, kept = y.Shape.Sizes;
        nint* stridesX = stackalloc nint[shape.Length], stridesY = stackalloc nint[shape.Length];
        FillStrides(x, stridesX);
        FillStrides(y, stridesY);
        for (int i = 0; i < shape.Length; i++)
        {
            // insertion by stride in x; broadcast axes (0) go outermost
            int axis = shape.Length - 1 - i, at = i;
            for (; at > 0 && Key(stridesX[order[at - 1]]) > Key(stridesX[axis]); at--) order[at] = order[at - 1];
            order[at] = axis;
        }
        for (int i = 0; i < shape.Length; i++)
        {
            int axis = order[i], size = shape[axis];
            if (size == 1) continue;
            if (kept[axis] == size)
            {
                int last = KeptRank - 1;
                if (last >= 0 && stridesX[axis] == KeptX[last] * KeptSizes[last] && stridesY[axis] == KeptY[last] * KeptSizes[last])
                {
                    KeptSizes[last] *= size;
                    continue;
                }
                KeptSizes[KeptRank] = size;
                KeptX[KeptRank] = stridesX[axis];
                KeptY[KeptRank++] = stridesY[axis];
            }
            else
            {
                int last = ReducedRank - 1;
                if (last >= 0 && stridesX[axis] == ReducedX[last] * ReducedSizes[last])
                {
                    ReducedSizes[last] *= size;
                    continue;
                }
                ReducedSizes[ReducedRank] = size;
                ReducedX[ReducedRank++] = stridesX[axis];
            }
        }
    }

    public void Run(long perChunk)
    {
        UnitsPerChunk = Math.Max(1, perChunk);
        if (Units == 0) return;
        long chunks = (Units + UnitsPerChunk - 1) / UnitsPerChunk;
        if (chunks == 1) Execute(0);
        else ThreadTeam.Run(ref this, (int)chunks);
    }

    public readonly void Execute(int chunk)
    {
        ReducePlan plan = this;
        long start = chunk * UnitsPerChunk;
        Kernel(&plan, start, (int)Math.Min(UnitsPerChunk, Units - start));
    }

    /// <summary>Where result <paramref name="index"/> and its elements lie.</summary>
    public readonly void Locate(long index, int firstAxis, out nint x, out nint y)
    {
        x = y = 0;
        for (int i = firstAxis; i < KeptRank - 1; i++)
        {
            (index, long position) = Math.DivRem(index, KeptSizes[i]);
            x += (nint)position * KeptX[i];
            y += (nint)position * KeptY[i];
        }
        if (firstAxis >= KeptRank) return;
        x += (nint)index * KeptX[KeptRank - 1];
        y += (nint)index * KeptY[KeptRank - 1];
    }

    /// <summary>Where element <paramref name="index"/> of the reduced axes from <paramref name="firstAxis"/> on lies.</summary>
    public readonly nint LocateReduced(long index, int firstAxis)
    {
        nint x = 0;
        for (int i = firstAxis; i < ReducedRank - 1; i++)
        {
            (index, long position) = Math.DivRem(index, ReducedSizes[i]);
            x += (nint)position * ReducedX[i];
        }
        return firstAxis < ReducedRank ? x + (nint)index * ReducedX[ReducedRank - 1] : x;
    }

    public static long Product(int* sizes, int rank)
    {
        long product = 1;
        for (int i = 0; i < rank; i++) product *= sizes[i];
        return product;
    }

    private static long Key(nint stride) => stride == 0 ? long.MaxValue : Math.Abs(stride);

    private static void FillStrides(in TensorView view, nint* strides)
    {
        nint contiguous = 1;
        for (int i = view.Shape.Rank - 1; i >= 0; i--)
        {
            strides[i] = view.IsContiguous ? contiguous : view.Strides[i];
            contiguous *= view.Shape[i];
        }
    }
}
