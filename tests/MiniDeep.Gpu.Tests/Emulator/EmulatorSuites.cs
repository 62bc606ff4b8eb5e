using MiniDeep.Conformance;

namespace MiniDeep.GpuTests;

public sealed class EmulatorElementwiseTests() : ElementwiseSuite(new EmulatorUnderTest());

public sealed class EmulatorMemoryTests() : MemorySuite(new EmulatorUnderTest());
