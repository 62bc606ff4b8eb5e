using System.Runtime.Intrinsics.Arm;

namespace MiniDeep;

/// <summary>How the CPU computes: on how many threads, and with which vectors.</summary>
public static class Compute
{
    /// <summary>
    /// The threads that share the work of one operation, the calling one included; by default the cores available to the process, at most 64. May be changed at any time. Results
    /// don't depend on it: the same seed gives the same bits with any number of threads.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1 or above 64.</exception>
    public static int Threads
    {
        get => ThreadTeam.Count;
        set => ThreadTeam.Count = value;
    }

    /// <summary>
    /// The vectors in use: "AVX-512", "AVX2", "SSE", "AdvSimd" or "none". The JIT takes the widest that the processor has; Native AOT what <c>IlcInstructionSet</c> allows. Bits are the
    /// same from run to run on one of them, not across.
    /// </summary>
    public static string InstructionSet => Isa.VectorBits switch
    {
        512 => "AVX-512",
        256 => "AVX2",
        128 => AdvSimd.IsSupported ? "AdvSimd" : "SSE",
        _ => "none",
    };
}
