using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>What kernels ask of the JIT.</summary>
internal static class JitOptions
{
    /// <summary>
    /// For a method with a loop over data. Optimized at once: tier 0 would take a whole first epoch. And never inlined: an application's profile (TieredPGO, on by default) makes the JIT
    /// put a hot kernel into its caller, and there the vectors' operations are beyond its budget for inlining. A convolution took 7.4 ms so, instead of 6.1.
    /// </summary>
    public const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
}
