using System.Numerics;
using ILGPU;

namespace MiniDeep;

/// <summary>The operands of an indexing: the whole is [outer, size, inner], the part [outer, count, inner].</summary>
internal struct IndexArgs<T>
    where T : unmanaged
{
    public ArrayView<T> Whole, Part;
    public IndexList Indices;

    /// <summary>For each position, the next one with the same index, -1: none, and then whether no one before it has that index.</summary>
    public ArrayView<int> Links;
    public FaultSink Faults;
    public int Elements, Inner, IsLinked;
}

/// <summary>The operands of the kernel that finds equal indices.</summary>
internal struct LinkArgs
{
    public IndexList Indices;
    public ArrayView<int> Links;
}

/// <summary>Indices of either integer type into an axis.</summary>
internal struct IndexList
{
    public ArrayView<byte> Bytes;
    public int IsWide, Count, Size;

    public readonly long At(int i) => IsWide != 0 ? Bytes.Cast<long>()[i] : Bytes.Cast<int>()[i];

    public readonly bool IsInside(long index) => index >= 0 && index < Size;

    /// <summary>The next position with the same index; -1: none.</summary>
    public readonly int Next(int i)
    {
        long index = At(i);
        for (int next = i + 1; next < Count; next++)
        {
            if (At(next) == index) return next;
        }
        return -1;
    }

    /// <summary>Whether no position before has the same index.</summary>
    public readonly bool IsFirst(int i)
    {
        long index = At(i);
        for (int before = i - 1; before >= 0; before--)
        {
            if (At(before) == index) return false;
        }
        return true;
    }
}

/// <summary>part[o, i, :] = whole[o, indices[i], :], of elements of one size; 0 where there is no such element.</summary>
internal readonly struct GatherKernel<T> : IKernel<IndexArgs<T>>
    where T : unmanaged
{
    public static void Run(IndexArgs<T> args)
    {
        int badPosition = int.MaxValue;
        long badIndex = 0;
        for (int e = Work.First; e < args.Elements; e += Work.Step)
        {
            int row = e / args.Inner, column = e - (row * args.Inner);
            int outer = row / args.Indices.Count, i = row - (outer * args.Indices.Count);
            long index = args.Indices.At(i);
            if (args.Indices.IsInside(index))
            {
                args.Part[e] = args.Whole[(((outer * args.Indices.Size) + (int)index) * args.Inner) + column];
                continue;
            }
            args.Part[e] = default;
            if (i >= badPosition) continue;
            badPosition = i;
            badIndex = index;
        }
        Fault.Note(args.Faults, FaultKind.Index, badPosition, badIndex, args.Indices.Size);
    }
}

/// <summary>Finds equal indices, so that many columns need not each do it.</summary>
internal readonly struct LinkKernel : IKernel<LinkArgs>
{
    public static void Run(LinkArgs args)
    {
        for (int i = Work.First; i < args.Indices.Count; i += Work.Step)
        {
            args.Links[i] = args.Indices.Next(i);
            args.Links[args.Indices.Count + i] = args.Indices.IsFirst(i) ? 1 : 0;
        }
    }
}

/// <summary>
/// whole[o, indices[i], :] += part[o, i, :] in order of i: the thread of an index's first position adds those of all later ones, and the threads of these do nothing.
/// </summary>
internal readonly struct ScatterAddKernel<T> : IKernel<IndexArgs<T>>
    where T : unmanaged, INumber<T>
{
    public static void Run(IndexArgs<T> args)
    {
        int badPosition = int.MaxValue, count = args.Indices.Count;
        long badIndex = 0;
        for (int e = Work.First; e < args.Elements; e += Work.Step)
        {
            int row = e / args.Inner, column = e - (row * args.Inner);
            int outer = row / count, i = row - (outer * count);
            long index = args.Indices.At(i);
            if (!args.Indices.IsInside(index))
            {
                if (i >= badPosition) continue;
                badPosition = i;
                badIndex = index;
                continue;
            }
            if (args.IsLinked != 0 ? args.Links[count + i] == 0 : !args.Indices.IsFirst(i)) continue;
            int target = (((outer * args.Indices.Size) + (int)index) * args.Inner) + column;
            T sum = args.Whole[target];
            while (i >= 0)
            {
                sum += args.Part[(((outer * count) + i) * args.Inner) + column];
                i = args.IsLinked != 0 ? args.Links[i] : args.Indices.Next(i);
            }
            args.Whole[target] = sum;
        }
        Fault.Note(args.Faults, FaultKind.Index, badPosition, badIndex, args.Indices.Size);
    }
}
