namespace MiniDeep;

/// <summary>Where the elements of up to four views of one shape lie: the joint axes that are left when neighbouring ones are merged, innermost first.</summary>
internal struct Layout
{
    /// <summary>More axes than this are walked by the host, in several launches.</summary>
    public const int MaxAxes = 6;

    public int Axes;
    public int Count;
    public Axis Axis0, Axis1, Axis2, Axis3, Axis4, Axis5;

    /// <summary>Where element i of the shape lies in each view, in elements from its start.</summary>
    public readonly Places At(int i)
    {
        var places = default(Places);
        if (Axes <= 1)
        {
            places.Walk(i, Axis0);
            return places;
        }
        int rest = i;
        rest = places.Take(rest, Axis0);
        if (Axes > 2) rest = places.Take(rest, Axis1);
        if (Axes > 3) rest = places.Take(rest, Axis2);
        if (Axes > 4) rest = places.Take(rest, Axis3);
        if (Axes > 5) rest = places.Take(rest, Axis4);
        places.Walk(rest, Axes == 2 ? Axis1 : Axes == 3 ? Axis2 : Axes == 4 ? Axis3 : Axes == 5 ? Axis4 : Axis5);
        return places;
    }
}

/// <summary>An axis: its size, and how far apart neighbours are in each view.</summary>
internal struct Axis
{
    public int Size, A, B, C, Y;
}

/// <summary>Positions in up to four views.</summary>
internal struct Places
{
    public int A, B, C, Y;

    public void Walk(int index, Axis axis)
    {
        A += index * axis.A;
        B += index * axis.B;
        C += index * axis.C;
        Y += index * axis.Y;
    }

    /// <summary>Walks along an axis by the index's remainder and gives the rest back.</summary>
    public int Take(int index, Axis axis)
    {
        int rest = index / axis.Size;
        Walk(index - (rest * axis.Size), axis);
        return rest;
    }
}
