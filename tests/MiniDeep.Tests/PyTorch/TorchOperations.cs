using System.Text.Json;

namespace MiniDeep.Tests.PyTorch;

/// <summary>The operations of torch_ops.py, said in MiniDeep's words.</summary>
internal static class TorchOperations
{
    /// <summary>The result of a configuration; t are its inputs.</summary>
    public static Tensor Run(TorchCase @case, Tensor[] t)
    {
        JsonElement a = @case.Arguments;
        return @case.Operation switch
        {
            "unary" => Unary(a.Text("kind"), a.Number("alpha"), t[0]),
            "binary" => Binary(a.Text("kind"), t[0], t[1]),
            "select" => Tensor.Where(t[0], t[1], t[2]),
            "view" => View(a, t[0]),
            "reduce" => ReduceOp.Apply(Enum.Parse<ReduceKind>(a.Text("kind"), ignoreCase: true), t[0], a.GetProperty("axes").Ints(), a.Flag("keep")),
            "gather" => t[0].Gather(t[1], a.GetProperty("axis").GetInt32()),
            "matmul" => Transposed(t[0], a.Flag("transposeA")).MatMul(Transposed(t[1], a.Flag("transposeB"))),
            "linear" => LinearOp.Apply(t[0], t[1], Bias(t), Fused(a)),
            "convolution" => Conv2DOp.Apply(t[0], t[1], Bias(t), Conv(a), Fused(a)),
            "max_pool" => MaxPool2DOp.Apply(t[0], Pool(a)),
            "conv_pool" => ConvPoolOp.Apply(t[0], t[1], Bias(t), Conv(a), Fused(a), Pool(a)),
            "softmax" => a.Flag("logarithm") ? t[0].LogSoftmax(a.GetProperty("axis").GetInt32()) : t[0].Softmax(a.GetProperty("axis").GetInt32()),
            "sparse_cross_entropy" => CrossEntropy(Loss.SparseCategoricalCrossentropy, a, t, static x => x.Softmax()),
            "cross_entropy" => CrossEntropy(Loss.CategoricalCrossentropy, a, t, static x => x.Softmax()),
            "binary_cross_entropy" => CrossEntropy(Loss.BinaryCrossentropy, a, t, static x => x.Sigmoid()),
            "mean_squared_error" => (Loss.MeanSquaredError with { Reduction = ReductionOf(a) }).Of(t[0], t[1]),
            _ => throw new InvalidDataException($"The fixture holds an unknown operation, {@case.Operation}."),
        };
    }

    public static Activation Activation(JsonElement arguments) => arguments.Text("activation") switch
    {
        "linear" => MiniDeep.Activation.Linear,
        "relu" => MiniDeep.Activation.ReLU,
        "leaky_relu" => MiniDeep.Activation.LeakyReLU(arguments.Number("alpha")),
        "swish" => MiniDeep.Activation.Swish,
        "tanh" => MiniDeep.Activation.Tanh,
        "sigmoid" => MiniDeep.Activation.Sigmoid,
        "softmax" => MiniDeep.Activation.Softmax,
        string other => throw new InvalidDataException($"The fixture holds an unknown activation, {other}."),
    };

    /// <summary>The network, its weights those of the configuration.</summary>
    public static Sequential Network(TorchCase @case, DType dtype, bool fuse)
    {
        var model = new Sequential(Shape.Create(@case.Arguments.GetProperty("input").Ints()), dtype) { FuseLayers = fuse };
        foreach (JsonElement layer in @case.Arguments.GetProperty("layers").EnumerateArray())
        {
            _ = layer.Text("type") switch
            {
                "dense" => model.Dense(layer.GetProperty("units").GetInt32(), Activation(layer), layer.Flag("bias")),
                "conv" => model.Conv2D(
                    layer.GetProperty("filters").GetInt32(), layer.Size("kernel"), layer.Padding("padding"), Activation(layer), layer.Size("strides"), layer.Flag("bias")),
                "pool" => model.MaxPool2D(layer.Size("window"), layer.Size("strides"), layer.Padding("padding")),
                "flatten" => model.Flatten(),
                "activation" => model.Activation(Activation(layer)),
                string other => throw new InvalidDataException($"The fixture holds an unknown layer, {other}."),
            };
        }
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            (_, Shape shape, double[] values) = @case.Inputs[i + 1];
            model.SetWeight(model.Parameters[i].Name, Tensor.From(values, shape));
        }
        return model;
    }

    private static Tensor Unary(string kind, double alpha, Tensor x) => kind switch
    {
        "negate" => -x,
        "abs" => x.Abs(),
        "sign" => x.Sign(),
        "square" => x.Square(),
        "sqrt" => x.Sqrt(),
        "reciprocal" => x.Reciprocal(),
        "exp" => x.Exp(),
        "log" => x.Log(),
        "sin" => x.Sin(),
        "cos" => x.Cos(),
        "tanh" => x.Tanh(),
        "sigmoid" => x.Sigmoid(),
        "relu" => x.ReLU(),
        "leaky_relu" => x.LeakyReLU(alpha),
        "swish" => x.Swish(),
        "softplus" => x.Softplus(),
        "add" => x + alpha,
        "multiply" => x * alpha,
        "pow" => x.Pow(alpha),
        "maximum" => x.Maximum(alpha),
        "minimum" => x.Minimum(alpha),
        "floor" => x.Floor(),
        _ => throw new InvalidDataException($"The fixture holds an unknown function, {kind}."),
    };

    private static Tensor Binary(string kind, Tensor a, Tensor b) => kind switch
    {
        "add" => a + b,
        "subtract" => a - b,
        "multiply" => a * b,
        "divide" => a / b,
        "pow" => a.Pow(b),
        "max" => a.Maximum(b),
        "min" => a.Minimum(b),
        _ => throw new InvalidDataException($"The fixture holds an unknown function, {kind}."),
    };

    private static Tensor View(JsonElement arguments, Tensor x)
    {
        TensorIndex[] parts = [.. arguments.GetProperty("parts").EnumerateArray().Select(part =>
            part.Ints() is [var position] ? (TensorIndex)position : new Range(part[0].GetInt32(), part[1].GetInt32()))];
        Tensor part = x.Transpose(arguments.GetProperty("order").Ints())[parts];
        return part.Reshape(1, -1).BroadcastTo([arguments.GetProperty("rows").GetInt32(), part.Count]);
    }

    private static Tensor CrossEntropy(CrossentropyLoss loss, JsonElement arguments, Tensor[] t, Func<Tensor, Tensor> probabilities)
    {
        string given = arguments.Text("given");
        loss = loss with { Reduction = ReductionOf(arguments), FromLogits = given == "logits" };
        return loss.Of(given == "activation" ? probabilities(t[0]) : t[0], t[1]);
    }

    private static Reduction ReductionOf(JsonElement arguments) => arguments.Text("reduction") == "sum" ? Reduction.Sum : Reduction.Mean;

    private static FusedActivation Fused(JsonElement arguments) => Activation(arguments).Fused!.Value;

    private static Tensor? Bias(Tensor[] t) => t.Length > 2 ? t[2] : null;

    private static Tensor Transposed(Tensor x, bool transpose)
    {
        if (!transpose) return x;
        int[] order = [.. Enumerable.Range(0, x.Rank)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return x.Transpose(order);
    }

    private static ConvSettings Conv(JsonElement arguments)
    {
        Size2D strides = arguments.Size("strides");
        return new ConvSettings(strides.Height, strides.Width, arguments.Padding("padding"));
    }

    private static PoolSettings Pool(JsonElement arguments)
    {
        Size2D window = arguments.Size("window"), strides = arguments.Size("poolStrides");
        return new PoolSettings(window.Height, window.Width, strides.Height, strides.Width, arguments.Padding("poolPadding"));
    }
}
