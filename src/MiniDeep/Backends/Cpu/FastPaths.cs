namespace MiniDeep;

/// <summary>Switches that tests use to compare an algorithm with the plain one that it replaces. Everything is on unless a test says otherwise.</summary>
internal static class FastPaths
{
    /// <summary>2 x 2 windows pooled in registers, the activation after the pool.</summary>
    public static bool Quads { get; set; } = true;

    /// <summary>Winograd's convolution under a 2 x 2 pool.</summary>
    public static bool Winograd { get; set; } = true;

    /// <summary>The gradients of convolution and pool from the pool's winners alone.</summary>
    public static bool Winners { get; set; } = true;
}
