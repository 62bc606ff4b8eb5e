namespace MiniDeep;

/// <summary>A kernel's share of an elementwise operation.</summary>
/// <param name="Layout">The axes.</param>
/// <param name="Start">Where it starts in each view, in elements from the view's own start.</param>
internal readonly record struct LayoutPart(Layout Layout, Places Start);

/// <summary>Joins the axes of views of one shape for a kernel.</summary>
internal static class LayoutPlan
{
    /// <summary>The parts of an operation: one, unless the views have more axes than a kernel walks; none without elements.</summary>
    public static List<LayoutPart> Of(in TensorView y, in TensorView a = default, in TensorView b = default, in TensorView c = default)
    {
        Span<Axis> axes = y.Shape.Rank <= 16 ? stackalloc Axis[y.Shape.Rank] : new Axis[y.Shape.Rank];
        int used = Join(y, a, b, c, axes);
        return Split(axes[..used], keepEmpty: false);
    }

    /// <summary>Axes, innermost first, in as many layouts as it takes; one without elements only where it is asked for.</summary>
    public static List<LayoutPart> Split(ReadOnlySpan<Axis> axes, bool keepEmpty)
    {
        List<LayoutPart> parts = new(1);
        Add(axes, default, keepEmpty, parts);
        return parts;
    }

    private static void Add(ReadOnlySpan<Axis> axes, Places start, bool keepEmpty, List<LayoutPart> parts)
    {
        if (axes.Length > Layout.MaxAxes)
        {
            Axis outer = axes[^1];
            for (int i = 0; i < outer.Size; i++)
            {
                Places part = start;
                part.Walk(i, outer);
                Add(axes[..^1], part, keepEmpty, parts);
            }
            return;
        }
        var layout = new Layout { Axes = axes.Length, Count = 1 };
        foreach (Axis axis in axes) layout.Count *= axis.Size;
        if (axes.Length > 0) layout.Axis0 = axes[0];
        if (axes.Length > 1) layout.Axis1 = axes[1];
        if (axes.Length > 2) layout.Axis2 = axes[2];
        if (axes.Length > 3) layout.Axis3 = axes[3];
        if (axes.Length > 4) layout.Axis4 = axes[4];
        if (axes.Length > 5) layout.Axis5 = axes[5];
        if (layout.Count > 0 || keepEmpty) parts.Add(new LayoutPart(layout, start));
    }

    /// <summary>The axes innermost first, those of size 1 left out, neighbours merged where every view goes on from one to the other. How many are left.</summary>
    private static int Join(in TensorView y, in TensorView a, in TensorView b, in TensorView c, Span<Axis> axes)
    {
        int used = 0, stepA = 1, stepB = 1, stepC = 1, stepY = 1;
        for (int at = y.Shape.Rank - 1; at >= 0; at--)
        {
            int size = y.Shape[at];
            var axis = new Axis { Size = size, A = Stride(a, at, ref stepA), B = Stride(b, at, ref stepB), C = Stride(c, at, ref stepC), Y = Stride(y, at, ref stepY) };
            if (size == 1) continue;
            if (used > 0)
            {
                ref Axis inner = ref axes[used - 1];
                if (axis.A == inner.A * inner.Size && axis.B == inner.B * inner.Size && axis.C == inner.C * inner.Size && axis.Y == inner.Y * inner.Size)
                {
                    inner.Size *= size;
                    continue;
                }
            }
            axes[used++] = axis;
        }
        return used;
    }

    private static int Stride(in TensorView view, int axis, ref int dense)
    {
        if (view.IsNone) return 0;
        if (!view.IsContiguous) return view.Strides[axis];
        int stride = dense;
        dense *= view.Shape[axis];
        return stride;
    }
}
