namespace MiniDeep.Conformance;

public sealed class CpuElementwiseTests() : ElementwiseSuite(new CpuUnderTest());

public sealed class CpuReduceTests() : ReduceSuite(new CpuUnderTest());

public sealed class CpuMatrixTests() : MatrixSuite(new CpuUnderTest());
