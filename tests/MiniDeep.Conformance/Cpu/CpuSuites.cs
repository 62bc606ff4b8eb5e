namespace MiniDeep.Conformance;

public sealed class CpuElementwiseTests() : ElementwiseSuite(new CpuUnderTest());
