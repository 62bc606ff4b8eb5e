using ILGPU;

namespace MiniDeep;

/// <summary>Which elements a thread takes, where elements are independent.</summary>
internal static class Work
{
    /// <summary>The thread's first element.</summary>
    public static int First => (Grid.IdxX * Group.DimX) + Group.IdxX;

    /// <summary>From one of its elements to the next: all threads of the grid.</summary>
    public static int Step => Grid.DimX * Group.DimX;
}
