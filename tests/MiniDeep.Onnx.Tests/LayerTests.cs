namespace MiniDeep.Tests;

/// <summary>Every layer, activation and operation predicts in ONNX Runtime what it predicts here.</summary>
public class LayerTests
{
    public static TheoryData<string> Any => [.. Samples.Any.Keys];

    public static TheoryData<string> Convolutional => [.. Samples.Convolutional.Keys];

    [Fact]
    public void Every_operation_of_a_backend_is_in_a_sample()
    {
        Operation[] called = [.. Samples.Any.Values.Concat(Samples.Convolutional.Values).SelectMany(static create => Trace.Of(create(DType.Float32), batch: 7).Steps).Select(static step => step.Operation)];

        // Identity computes nothing
        Assert.Equal(Enum.GetValues<UnaryKind>().Where(static kind => kind != UnaryKind.Identity), called.OfType<UnaryOperation>().Select(static unary => unary.Kind).Distinct().Order());
        Assert.Equal(Enum.GetValues<BinaryKind>(), called.OfType<BinaryOperation>().Select(static binary => binary.Kind).Distinct().Order());
        Assert.Equal(Enum.GetValues<ReduceKind>(), called.OfType<ReduceOperation>().Select(static reduce => reduce.Kind).Distinct().Order());
        Assert.Equal(
            typeof(Operation).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(Operation))).Select(static type => type.Name).Order(),
            called.Select(static operation => operation.GetType().Name).Distinct().Order());
    }

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
