using MiniDeep.Conformance;

namespace MiniDeep.GpuTests;

public sealed class EmulatorElementwiseTests() : ElementwiseSuite(new EmulatorUnderTest());

public sealed class EmulatorMatrixTests() : MatrixSuite(new EmulatorUnderTest());

public sealed class EmulatorImageTests() : ImageSuite(new EmulatorUnderTest());

public sealed class EmulatorConvPoolTests() : ConvPoolSuite(new EmulatorUnderTest());

[Collection(Alone.Name)]
public sealed class EmulatorIndexTests() : IndexSuite(new EmulatorUnderTest());

public sealed class EmulatorDropoutTests() : DropoutSuite(new EmulatorUnderTest());

public sealed class EmulatorUpdateTests() : UpdateSuite(new EmulatorUnderTest());

public sealed class EmulatorMemoryTests() : MemorySuite(new EmulatorUnderTest());

[Collection(Alone.Name)]
public sealed class EmulatorSoftmaxTests() : SoftmaxSuite(new EmulatorUnderTest());

public sealed class EmulatorReduceTests() : ReduceSuite(new EmulatorUnderTest());
