namespace MiniDeep;

/// <summary>The algorithms that replace a plain one where they are faster.</summary>
[Flags]
internal enum FastPath
{
    None = 0,

    /// <summary>2 x 2 windows pooled in registers, the activation after the pool.</summary>
    Quads = 1,

    /// <summary>Winograd's convolution, alone and under a 2 x 2 pool, and its gradients to both operands.</summary>
    Winograd = 2,

    /// <summary>The gradients of convolution and pool from the pool's winners alone.</summary>
    Winners = 4,

    /// <summary>The gradient to the input from the winners by patches of pixels that stay in registers.</summary>
    Patches = 8,

    /// <summary>Convolutions with few result channels by products first and sums after.</summary>
    FewResults = 16,
}

/// <summary>The tests' switch: what is off here is off for kernels that this thread calls, whoever runs their chunks.</summary>
internal static class FastPaths
{
    [ThreadStatic] private static FastPath t_off;

    public static FastPath Off { get => t_off; set => t_off = value; }

    public static bool Allow(FastPath path) => (t_off & path) == 0;
}
