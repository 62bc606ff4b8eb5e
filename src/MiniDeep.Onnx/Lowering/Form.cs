namespace MiniDeep;

/// <summary>A value as the file has it: made by a node, or known.</summary>
/// <param name="DType">The type of the elements.</param>
/// <param name="Shape">The sizes, in the order of the model's axes.</param>
/// <param name="Layout">How they lie in the file.</param>
internal sealed record Form(DType DType, Extent[] Shape, Layout Layout)
{
    /// <summary>What nodes call it; empty for a known value, which is named where it is used.</summary>
    public string Name { get; init; } = "";

    /// <summary>The elements of a known value, in the order of the model's axes.</summary>
    public Tensor? Known { get; init; }

    /// <summary>What a known value should be called.</summary>
    public string? KnownName { get; init; }

    /// <summary>The axes along which all elements are the same, so that the file has them once; null: none.</summary>
    public bool[]? Stretched { get; init; }

    public int Rank => Shape.Length;

    /// <summary>The sizes that the file holds, in the order of the model's axes.</summary>
    public Extent[] Held => Stretched is null ? Shape : [.. Shape.Select((extent, axis) => Stretched[axis] ? new Extent(1, 1) : extent)];

    /// <summary>Whether the elements lie in the file as they would if the axes were in the model's order: only axes of size 1 are elsewhere.</summary>
    public bool IsRowMajor
    {
        get
        {
            if (Layout.Image is not null) return false;
            Extent[] held = Held;
            int last = -1;
            foreach (int axis in Layout.Order)
            {
                if (held[axis].IsOne) continue;
                if (axis < last) return false;
                last = axis;
            }
            return true;
        }
    }

    public bool IsStretched(int axis) => Stretched is { } stretched && stretched[axis];

    /// <summary>The axes that are stretched, or null if none is.</summary>
    public static bool[]? AnyOf(bool[] stretched) => stretched.AsSpan().Contains(true) ? stretched : null;
}
