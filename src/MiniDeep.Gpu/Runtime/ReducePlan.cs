namespace MiniDeep;

/// <summary>A kernel's share of a reduction: results, and their elements in one or, where they have more axes than a kernel walks, several parts.</summary>
/// <param name="Kept">The results, in x (A) and in y (Y).</param>
/// <param name="Start">Where they start, in elements from the views' own starts.</param>
/// <param name="Parts">The elements of a result, in x (A), and where they start.</param>
internal readonly record struct ReduceTask(Layout Kept, Places Start, List<LayoutPart> Parts);

/// <summary>Sorts the axes of a reduction into kept and reduced ones, innermost in memory first, and joins neighbours.</summary>
internal static class ReducePlan
{
    /// <summary>The tasks: one, unless there are more axes than a kernel walks; none without results.</summary>
    public static List<ReduceTask> Of(in TensorView x, in TensorView y)
    {
        int rank = x.Shape.Rank, keptCount = 0, reducedCount = 0, dense = 1, denseY = 1;
        var axes = new (Axis Axis, bool IsKept)[rank];
        for (int at = rank - 1; at >= 0; at--)
        {
            int size = x.Shape[at];
            var axis = new Axis { Size = size, A = x.IsContiguous ? dense : x.Strides[at], Y = y.IsContiguous ? denseY : y.Strides[at] };
            dense *= size;
            denseY *= y.Shape[at];
            axes[rank - 1 - at] = (axis, y.Shape[at] == size);
        }
        // stable: axes of equal strides stay in order; broadcast ones go outermost
        axes = [.. axes.OrderBy(static entry => entry.Axis.A == 0 ? int.MaxValue : Math.Abs(entry.Axis.A))];

        Span<Axis> kept = new Axis[rank], reduced = new Axis[rank];
        foreach ((Axis axis, bool isKept) in axes)
        {
            if (axis.Size == 1) continue;
            if (isKept) Join(kept, ref keptCount, axis);
            else Join(reduced, ref reducedCount, axis with { Y = 0 });
        }
        List<LayoutPart> parts = LayoutPlan.Split(reduced[..reducedCount], keepEmpty: true);
        return [.. LayoutPlan.Split(kept[..keptCount], keepEmpty: false).Select(part => new ReduceTask(part.Layout, part.Start, parts))];
    }

    private static void Join(Span<Axis> axes, ref int count, Axis axis)
    {
        if (count > 0)
        {
            ref Axis inner = ref axes[count - 1];
            if (axis.A == inner.A * inner.Size && axis.Y == inner.Y * inner.Size)
            {
                inner.Size *= axis.Size;
                return;
            }
        }
        axes[count++] = axis;
    }
}
