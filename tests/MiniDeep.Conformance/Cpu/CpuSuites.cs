namespace MiniDeep.Conformance;

public sealed class CpuElementwiseTests() : ElementwiseSuite(new CpuUnderTest());

public sealed class CpuReduceTests() : ReduceSuite(new CpuUnderTest());

public sealed class CpuMatrixTests() : MatrixSuite(new CpuUnderTest());

public sealed class CpuImageTests() : ImageSuite(new CpuUnderTest());

public sealed class CpuConvPoolTests() : ConvPoolSuite(new CpuUnderTest());
