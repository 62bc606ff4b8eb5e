using System.Text.Json;
using MiniDeep.Tests.Gradients;

namespace MiniDeep.Tests.PyTorch;

/// <summary>Values and gradients of random configurations are PyTorch's: Float64 to 1e-10, Float32 to 5e-6 forward and 1e-5 backward, norm-wise.</summary>
public class PyTorchTests
{
    private const int OperationsAtLeast = 400, NetworksAtLeast = 60;
    private const double OptimizerTolerance = 1e-12;

    public static TheoryData<string, DType> Operations => Both(TorchFixture.Instance.Operations.Select(c => c.Operation).Distinct());

    [Fact]
    public void The_fixture_is_whole()
    {
        Assert.InRange(TorchFixture.Instance.Operations.Count, OperationsAtLeast, int.MaxValue);
        Assert.InRange(TorchFixture.Instance.Networks.Count, NetworksAtLeast, int.MaxValue);
        Assert.Equal(12, TorchFixture.Instance.Optimizers.Count);
        Assert.Equal(16, TorchFixture.Instance.Operations.Select(c => c.Operation).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Operations_match(string operation, DType dtype)
    {
        foreach (TorchCase @case in TorchFixture.Instance.Operations.Where(c => c.Operation == operation)) Check(@case, dtype, Device.Cpu);
    }

    [Theory]
    [InlineData("linear", DType.Float32)]
    [InlineData("linear", DType.Float64)]
    [InlineData("conv_pool", DType.Float32)]
    [InlineData("conv_pool", DType.Float64)]
    public void Operations_match_where_nothing_is_fused(string operation, DType dtype)
    {
        foreach (TorchCase @case in TorchFixture.Instance.Operations.Where(c => c.Operation == operation))
        {
            Check(@case, dtype, UnfusedBackend.Device);
            Check(@case, dtype, UnfusedBackend.Backward);
        }
    }

    [Theory]
    [InlineData(DType.Float32, true)]
    [InlineData(DType.Float32, false)]
    [InlineData(DType.Float64, true)]
    [InlineData(DType.Float64, false)]
    public void Networks_match(DType dtype, bool fuse)
    {
        foreach (TorchCase @case in TorchFixture.Instance.Networks)
        {
            Sequential model = TorchOperations.Network(@case, dtype, fuse);
            Assert.Equal(@case.Inputs.Length - 1, model.Parameters.Count);
            Tensor x = Input(@case.Inputs[0], dtype, Device.Cpu);
            Compare(@case, model.Call(x, training: true), [x, .. model.Parameters], dtype);
        }
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("momentum")]
    [InlineData("nesterov")]
    [InlineData("adam")]
    public void Optimizers_follow_the_formula(string kind)
    {
        OptimizerCase[] cases = [.. TorchFixture.Instance.Optimizers.Where(c => c.Arguments.Text("kind") == kind)];
        Assert.Equal(3, cases.Length);
        foreach (OptimizerCase @case in cases)
        {
            Optimizer optimizer = Optimizer(@case.Arguments);
            var weights = new Parameter("w", Tensor.From(@case.Weights));
            int every = @case.Gradients.Length / @case.Path.Length;
            for (int step = 0; step < @case.Gradients.Length; step++)
            {
                (weights * Tensor.From(@case.Gradients[step])).Sum().Backward();
                optimizer.Step([weights]);
                if ((step + 1) % every != 0) continue;
                double[] actual = weights.ToArray<double>();
                Close.NormWise(@case.Path[step / every], actual, OptimizerTolerance, $"{@case.Arguments} after step {step + 1}");
                Assert.Equal(@case.Weights[0], actual[0]);
            }
            Assert.Equal(@case.Gradients.Length, optimizer.Iterations);
        }
    }

    private static TheoryData<string, DType> Both(IEnumerable<string> names)
    {
        TheoryData<string, DType> data = [];
        foreach (string name in names)
        {
            data.Add(name, DType.Float32);
            data.Add(name, DType.Float64);
        }
        return data;
    }

    private static void Check(TorchCase @case, DType dtype, Device device)
    {
        Tensor[] inputs = [.. @case.Inputs.Select(input => Input(input, dtype, device))];
        Compare(@case, TorchOperations.Run(@case, inputs), [.. inputs.Where((_, i) => @case.Inputs[i].Kind == "float")], dtype);
    }

    private static void Compare(TorchCase @case, Tensor y, Tensor[] leaves, DType dtype)
    {
        (double forward, double backward) = dtype == DType.Float64 ? (1e-10, 1e-10) : (5e-6, 1e-5);
        Assert.Equal(dtype, y.DType);
        Assert.Equal(@case.Gradients.Length, leaves.Length);
        Close.NormWise(@case.Output, Doubles(y), forward, $"{@case.Name} in {dtype}");
        (y * Tensor.From(@case.Cotangent, y.Shape).To(dtype).To(y.Device)).Sum().Backward();
        for (int i = 0; i < leaves.Length; i++)
        {
            Assert.NotNull(leaves[i].Grad);
            Close.NormWise(@case.Gradients[i], Doubles(leaves[i].Grad!), backward, $"{@case.Name} in {dtype}, gradient of input {i}");
        }
    }

    private static Tensor Input((string Kind, Shape Shape, double[] Values) input, DType dtype, Device device)
    {
        Tensor values = Tensor.From(input.Values, input.Shape, device);
        if (input.Kind == "integer") return values.To(DType.Int32);
        if (input.Kind == "bool") return values.To(DType.Bool);
        Tensor x = values.To(dtype);
        x.RequiresGrad = input.Kind == "float";
        return x;
    }

    private static double[] Doubles(Tensor tensor) => tensor.Detach().To(DType.Float64).ToArray<double>();

    private static Optimizer Optimizer(JsonElement arguments)
    {
        double rate = arguments.Number("learningRate"), beta1 = arguments.Number("beta1");
        return arguments.Text("kind") switch
        {
            "sgd" => new SGD(rate),
            "momentum" => new Momentum(rate, beta1),
            "nesterov" => new Nesterov(rate, beta1),
            _ => new Adam(rate, beta1, arguments.Number("beta2"), arguments.Number("epsilon")),
        };
    }
}
