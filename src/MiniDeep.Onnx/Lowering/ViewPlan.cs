namespace MiniDeep;

/// <summary>
/// How a view with strides comes from a value whose elements lie side by side: perhaps a reshape, then a part of each axis, then the axes in another order. Tensors make such views by
/// slicing, transposing, reshaping and stretching alone, so every stride is the distance of neighbours along some axis of the value, or of a shape that it can be given.
/// </summary>
/// <param name="Sizes">The axes of the value, or those that it is to be given.</param>
/// <param name="Reshapes">Whether it is to be given them.</param>
/// <param name="Starts">The first position along each of them.</param>
/// <param name="Lengths">How many from there on.</param>
/// <param name="Sources">For each axis of the view the axis that it shows; -1 for one of size 1, or stretched.</param>
internal sealed record ViewPlan(Extent[] Sizes, bool Reshapes, Extent[] Starts, Extent[] Lengths, int[] Sources)
{
    /// <summary>The plan for a view in both traces; null where there is none.</summary>
    public static ViewPlan? Of(Operand first, Operand second, Extent[] from)
    {
        Single? a = Single.Of([.. from.Select(static extent => extent.First)], first), b = Single.Of([.. from.Select(static extent => extent.Second)], second);
        if (a is null || b is null || a.Reshapes != b.Reshapes || a.Sizes.Length != b.Sizes.Length || !a.Sources.AsSpan().SequenceEqual(b.Sources)) return null;
        return new ViewPlan(Zip(a.Sizes, b.Sizes), a.Reshapes, Zip(a.Starts, b.Starts), Zip(a.Lengths, b.Lengths), a.Sources);
    }

    private static Extent[] Zip(int[] first, int[] second) => [.. first.Zip(second, static (a, b) => new Extent(a, b))];

    /// <summary>The plan in one trace.</summary>
    private sealed record Single(int[] Sizes, bool Reshapes, int[] Starts, int[] Lengths, int[] Sources)
    {
        public static Single? Of(int[] sizes, Operand view)
        {
            int[] strides = view.Strides ?? MiniDeep.Strides.Contiguous(view.Shape);
            int[] axes = [.. Enumerable.Range(0, view.Shape.Rank).Where(axis => view.Shape[axis] > 1 && strides[axis] > 0).OrderByDescending(axis => strides[axis])];
            if (Of(sizes, reshapes: false, view, strides, axes) is { } aligned) return aligned;

            // the sizes between the strides, from the outermost in
            int[] steps = [.. axes.Select(axis => strides[axis]), 1];
            int outer = sizes.Aggregate(1, static (product, size) => product * size);
            List<int> between = [];
            foreach (int step in steps)
            {
                if (outer % step != 0) return null;
                if (outer / step > 1) between.Add(outer / step);
                outer = step;
            }
            return Of([.. between], reshapes: true, view, strides, axes);
        }

        private static Single? Of(int[] sizes, bool reshapes, Operand view, int[] strides, int[] axes)
        {
            int[] own = MiniDeep.Strides.Contiguous(Shape.Create(sizes));
            int[] sources = [.. Enumerable.Repeat(-1, view.Shape.Rank)];
            int[] lengths = [.. Enumerable.Repeat(1, sizes.Length)];
            foreach (int axis in axes)
            {
                int source = Array.FindIndex(own, 0, own.Length, stride => stride == strides[axis]);
                while (source >= 0 && sizes[source] == 1) source = Array.FindIndex(own, source + 1, stride => stride == strides[axis]);
                if (source < 0) return null;
                sources[axis] = source;
                lengths[source] = view.Shape[axis];
            }
            var starts = new int[sizes.Length];
            int rest = view.Offset;
            for (int axis = 0; axis < sizes.Length; axis++)
            {
                (starts[axis], rest) = Math.DivRem(rest, own[axis]);
                if (starts[axis] + lengths[axis] > sizes[axis]) return null;
            }
            return new Single(sizes, reshapes, starts, lengths, sources);
        }
    }
}
