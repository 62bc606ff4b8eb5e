using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>A number as a type: the JIT compiles a kernel for each, with its loops unrolled and its accumulators in registers.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}

internal readonly struct One : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; }
}

internal readonly struct Two : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2; }
}

internal readonly struct Three : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 3; }
}

internal readonly struct Four : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 4; }
}

internal readonly struct Five : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 5; }
}

internal readonly struct Six : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 6; }
}

internal readonly struct Seven : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 7; }
}

internal readonly struct Eight : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 8; }
}

/// <summary>For kernels that are compiled once for whole vectors and once for the last one of a row, of which only the first lanes exist.</summary>
internal readonly struct AllLanes : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; }
}

/// <summary>See <see cref="AllLanes"/>.</summary>
internal readonly struct SomeLanes : IConstant
{
    public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 0; }
}
