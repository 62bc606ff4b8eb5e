using ILGPU;

namespace MiniDeep;

/// <summary>The operands of a reduction.</summary>
internal struct ReduceArgs<TSum>
    where TSum : unmanaged
{
    public ArrayView<byte> X, Y;

    /// <summary>What the parts of a result come to: [parts, results].</summary>
    public ArrayView<TSum> Partials;

    /// <summary>The results, in x (A) and in y (Y); of a partial sum only their number counts.</summary>
    public Layout Kept;

    /// <summary>The elements of a result, in x (A).</summary>
    public Layout Reduced;
    public int From, To, Kind, Accumulate;
    public int Slices, Adjacent;

    /// <summary>Groups that the results take.</summary>
    public int Blocks;

    /// <summary>Elements of a part.</summary>
    public int PartSize;

    /// <summary>The number of the first part, where the parts are started one by one.</summary>
    public int FirstPart;

    /// <summary>Whether the results are left as partials.</summary>
    public int ToPartials;

    /// <summary>Whether the elements are partials.</summary>
    public int FromPartials;

    /// <summary>The result is multiplied by the one and divided by the other.</summary>
    public double Scale, Divisor;
}

/// <summary>
/// Reductions: the threads of a group take every n-th element of a result or of a part of one, then meet in a tree. Parts are combined by a second run of the same kernel.
/// </summary>
internal readonly struct ReduceKernel<TSum, F> : IKernel<ReduceArgs<TSum>>
    where TSum : unmanaged
    where F : struct, IFold<TSum>
{
    public static void Run(ReduceArgs<TSum> args)
    {
        ArrayView<TSum> shared = SharedMemory.Allocate<TSum>(Slices.MaxGroup);
        var kind = (ReduceKind)args.Kind;
        Slices slices = Slices.Of(args.Slices, args.Adjacent != 0);
        int part = Grid.IdxX / args.Blocks;
        int result = ((Grid.IdxX - (part * args.Blocks)) * slices.Lanes) + slices.Lane;
        bool isResult = result < args.Kept.Count;
        Places at = args.Kept.At(isResult ? result : 0);
        TSum value = F.Identity(kind);
        if (isResult)
        {
            int first = part * args.PartSize;
            int size = args.Reduced.Count - first < args.PartSize ? args.Reduced.Count - first : args.PartSize;
            value = args.FromPartials != 0
                ? OfPartials(args, kind, result, first + slices.Index, size - slices.Index, slices.Count)
                : OfElements(args, kind, at.A, first + slices.Index, size - slices.Index, slices.Count);
        }
        value = GroupTree.Combine<TSum, F>(shared, kind, value, slices);
        if (!isResult || slices.Index != 0) return;
        if (args.ToPartials != 0) args.Partials[((args.FirstPart + part) * args.Kept.Count) + result] = value;
        else F.Store(args.Y, (DType)args.To, at.Y, F.Scaled(value, args.Scale, args.Divisor), args.Accumulate != 0);
    }

    private static TSum OfPartials(ReduceArgs<TSum> args, ReduceKind kind, int result, int first, int size, int step)
    {
        TSum value = F.Identity(kind);
        for (int i = 0; i < size; i += step) value = F.Combine(kind, value, args.Partials[((first + i) * args.Kept.Count) + result]);
        return value;
    }

    private static TSum OfElements(ReduceArgs<TSum> args, ReduceKind kind, int start, int first, int size, int step)
    {
        var dtype = (DType)args.From;
        TSum value = F.Identity(kind);
        int count = (size + step - 1) / step, done = 0, at = first;
        if (kind < ReduceKind.Max)
        {
            for (; done <= count - 4; done += 4)
            {
                int a = args.Reduced.At(at).A, b = args.Reduced.At(at + step).A, c = args.Reduced.At(at + (2 * step)).A, d = args.Reduced.At(at + (3 * step)).A;
                value = F.Combine(kind, value, F.LoadSum(args.X, dtype, start + a, start + b, start + c, start + d));
                at += 4 * step;
            }
        }
        for (; done < count; done++)
        {
            value = F.Combine(kind, value, F.Load(args.X, dtype, start + args.Reduced.At(at).A));
            at += step;
        }
        return value;
    }
}

/// <summary>The operands of a search for the largest or smallest along an axis.</summary>
internal struct ArgReduceArgs
{
    public ArrayView<byte> X;
    public ArrayView<long> Y;

    /// <summary>The results, in x (A) and in y (Y).</summary>
    public Layout Kept;
    public int From, Largest, Size, Stride, Slices, Adjacent;
}

/// <summary>The place of the first largest or smallest element; of places with equal elements the tree keeps the smaller one.</summary>
internal readonly struct ArgReduceKernel<TSum, F> : IKernel<ArgReduceArgs>
    where TSum : unmanaged
    where F : struct, IFold<TSum>
{
    public static void Run(ArgReduceArgs args)
    {
        ArrayView<TSum> values = SharedMemory.Allocate<TSum>(Slices.MaxGroup);
        ArrayView<int> places = SharedMemory.Allocate<int>(Slices.MaxGroup);
        Slices slices = Slices.Of(args.Slices, args.Adjacent != 0);
        bool largest = args.Largest != 0;
        int thread = Group.IdxX, result = (Grid.IdxX * slices.Lanes) + slices.Lane;
        bool isResult = result < args.Kept.Count;
        Places at = args.Kept.At(isResult ? result : 0);

        // there are never more slices than elements
        TSum best = F.Load(args.X, (DType)args.From, at.A + (slices.Index * args.Stride));
        int place = slices.Index;
        for (int i = slices.Index + slices.Count; i < args.Size; i += slices.Count)
        {
            TSum value = F.Load(args.X, (DType)args.From, at.A + (i * args.Stride));
            if (!F.Beats(largest, value, best)) continue;
            best = value;
            place = i;
        }
        values[thread] = best;
        places[thread] = place;
        Group.Barrier();
        for (int half = slices.Count / 2; half > 0; half /= 2)
        {
            if (slices.Index < half)
            {
                int other = thread + (half * slices.Step);
                TSum value = values[other];
                bool wins = F.Beats(largest, value, values[thread]);
                bool loses = F.Beats(largest, values[thread], value);
                if (wins || (!loses && places[other] < places[thread]))
                {
                    values[thread] = value;
                    places[thread] = places[other];
                }
            }
            Group.Barrier();
        }
        if (isResult && slices.Index == 0) args.Y[at.Y] = places[thread];
    }
}
