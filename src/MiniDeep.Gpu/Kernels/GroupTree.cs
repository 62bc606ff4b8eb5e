using ILGPU;

namespace MiniDeep;

/// <summary>
/// How the threads of a group share several results: so many slices each, and as many results (lanes) as that leaves room for. Slices lie next to each other where
/// the elements of one result do, otherwise lanes do: neighbouring threads then read neighbouring elements. Both numbers are powers of two.
/// </summary>
internal struct Slices
{
    /// <summary>The most threads that a group of these kernels has.</summary>
    public const int MaxGroup = 256;

    /// <summary>Threads a result.</summary>
    public int Count;

    /// <summary>This thread's place among them.</summary>
    public int Index;

    /// <summary>From a thread to the next of the same result.</summary>
    public int Step;

    /// <summary>Results of the group.</summary>
    public int Lanes;

    /// <summary>This thread's result.</summary>
    public int Lane;

    /// <summary>The first thread of this thread's result.</summary>
    public int First;

    public static Slices Of(int count, bool adjacent)
    {
        var slices = default(Slices);
        int thread = Group.IdxX;
        slices.Count = count;
        slices.Lanes = Group.DimX / count;
        slices.Step = adjacent ? 1 : slices.Lanes;
        slices.Index = adjacent ? thread % count : thread / slices.Lanes;
        slices.Lane = adjacent ? thread / count : thread % slices.Lanes;
        slices.First = thread - (slices.Index * slices.Step);
        return slices;
    }
}

/// <summary>Combines what the threads of a group have, by a tree that is the same each time. All threads of the group must call.</summary>
internal static class GroupTree
{
    /// <summary>The combination over a result's slices, for each of their threads.</summary>
    /// <param name="shared">One element a thread, in shared memory; free to be used again afterwards.</param>
    /// <param name="kind">How two become one.</param>
    /// <param name="value">What this thread has.</param>
    /// <param name="slices">How results are shared.</param>
    public static TSum Combine<TSum, F>(ArrayView<TSum> shared, ReduceKind kind, TSum value, Slices slices)
        where TSum : unmanaged
        where F : struct, IFold<TSum>
    {
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = slices.Count / 2; half > 0; half /= 2)
        {
            if (slices.Index < half) shared[thread] = F.Combine(kind, shared[thread], shared[thread + (half * slices.Step)]);
            Group.Barrier();
        }
        TSum result = shared[slices.First];
        Group.Barrier();
        return result;
    }
}
