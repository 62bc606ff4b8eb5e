namespace MiniDeep;

/// <summary>A size as it is in two runs with different batches: one that differs follows from the batch.</summary>
internal readonly record struct Extent(int First, int Second)
{
    public bool IsFixed => First == Second;

    public bool IsOne => this == new Extent(1, 1);

    public static Extent operator *(Extent a, Extent b) => new(a.First * b.First, a.Second * b.Second);

    public static Extent[] Of(Shape first, Shape second)
    {
        var extents = new Extent[first.Rank];
        for (int axis = 0; axis < extents.Length; axis++) extents[axis] = new Extent(first[axis], second[axis]);
        return extents;
    }

    public static Extent Product(ReadOnlySpan<Extent> extents)
    {
        var product = new Extent(1, 1);
        foreach (Extent extent in extents) product *= extent;
        return product;
    }
}
