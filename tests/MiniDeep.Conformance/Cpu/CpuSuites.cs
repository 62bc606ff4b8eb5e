namespace MiniDeep.Conformance;

public sealed class CpuElementwiseTests() : ElementwiseSuite(new CpuUnderTest());

public sealed class CpuReduceTests() : ReduceSuite(new CpuUnderTest());

public sealed class CpuMatrixTests() : MatrixSuite(new CpuUnderTest());

public sealed class CpuImageTests() : ImageSuite(new CpuUnderTest());

public sealed class CpuConvPoolTests() : ConvPoolSuite(new CpuUnderTest());

public sealed class CpuSoftmaxTests() : SoftmaxSuite(new CpuUnderTest());

public sealed class CpuIndexTests() : IndexSuite(new CpuUnderTest());

public sealed class CpuDropoutTests() : DropoutSuite(new CpuUnderTest());

public sealed class CpuUpdateTests() : UpdateSuite(new CpuUnderTest());

public sealed class CpuMemoryTests() : MemorySuite(new CpuUnderTest());
