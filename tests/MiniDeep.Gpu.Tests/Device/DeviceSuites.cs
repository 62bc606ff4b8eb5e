using MiniDeep.Conformance;

namespace MiniDeep.GpuTests;

public sealed class DeviceElementwiseTests() : ElementwiseSuite(new DeviceUnderTest());

public sealed class DeviceReduceTests() : ReduceSuite(new DeviceUnderTest());

public sealed class DeviceMatrixTests() : MatrixSuite(new DeviceUnderTest());

public sealed class DeviceImageTests() : ImageSuite(new DeviceUnderTest());

public sealed class DeviceConvPoolTests() : ConvPoolSuite(new DeviceUnderTest());

[Collection(Alone.Name)]
public sealed class DeviceSoftmaxTests() : SoftmaxSuite(new DeviceUnderTest());

[Collection(Alone.Name)]
public sealed class DeviceIndexTests() : IndexSuite(new DeviceUnderTest());

public sealed class DeviceDropoutTests() : DropoutSuite(new DeviceUnderTest());

public sealed class DeviceUpdateTests() : UpdateSuite(new DeviceUnderTest());

public sealed class DeviceMemoryTests() : MemorySuite(new DeviceUnderTest());
