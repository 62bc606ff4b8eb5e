namespace MiniDeep.Tests;

/// <summary>Every layer, activation and operation predicts in ONNX Runtime what it predicts here.</summary>
public class LayerTests
{
    public static TheoryData<string> Any => [.. Samples.Any.Keys];

    public static TheoryData<string> Convolutional => [.. Samples.Convolutional.Keys];

    [Theory]
    [MemberData(nameof(Any))]
    public void A_model_of_32_bit_floats_predicts_the_same(string sample) => OnnxFile.AssertPredicts(Samples.Any[sample](DType.Float32));

    [Theory]
    [MemberData(nameof(Any))]
    public void A_model_of_64_bit_floats_predicts_the_same(string sample) => OnnxFile.AssertPredicts(Samples.Any[sample](DType.Float64));

    [Theory]
    [MemberData(nameof(Convolutional))]
    public void A_convolutional_model_predicts_the_same(string sample) => OnnxFile.AssertPredicts(Samples.Convolutional[sample](DType.Float32));
}
