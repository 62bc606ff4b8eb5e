using MiniDeep.Reference;

namespace MiniDeep.Tests;

/// <summary>What a file holds: the nodes that one would write by hand, under the model's names.</summary>
public class GraphTests
{
    [Fact]
    public void A_cnn_has_the_nodes_that_one_would_write_by_hand()
    {
        OnnxGraph graph = OnnxExport.GraphOf(Cnn(channels: 3));

        Assert.Equal(
            [
                ("Transpose", "conv2d/Transpose"), ("Conv", "conv2d/Conv"), ("Relu", "conv2d/Relu"), ("MaxPool", "max_pool2d/MaxPool"),
                ("Conv", "second/Conv"), ("Sigmoid", "swish/Sigmoid"), ("Mul", "swish/Mul"), ("MaxPool", "max_pool2d_1/MaxPool"),
                ("Flatten", "flatten/Flatten"), ("Gemm", "dense/Gemm"), ("LeakyRelu", "dense/LeakyRelu"), ("Gemm", "dense_1/Gemm"), ("Softmax", "dense_1/Softmax"),
            ],
            graph.Nodes.Select(static node => (node.Type, node.Name)));
    }

    [Fact]
    public void Gray_images_are_not_even_transposed_once() => Assert.DoesNotContain(OnnxExport.GraphOf(Cnn(channels: 1)).Nodes, static node => node.Type == "Transpose");

    [Fact]
    public void Weights_keep_their_names_and_have_the_shapes_of_ONNX()
    {
        Sequential model = Cnn(channels: 3);
        OnnxGraph graph = OnnxExport.GraphOf(model);

        Assert.Equal(model.GetWeights().Keys.Order(), graph.Initializers.Keys.Order());
        Assert.Equal([16, 3, 3, 3], graph.Initializers["conv2d.kernel"].Shape);
        Assert.Equal([8], graph.Initializers["second.bias"].Shape);
        Assert.Equal([128, 12], graph.Initializers["dense.kernel"].Shape);
        Assert.Equal([12, 10], graph.Initializers["dense_1.kernel"].Shape);
    }

    [Fact]
    public void Names_of_nested_models_and_of_custom_layers_are_paths()
    {
        Sequential model = new Sequential([6])
            .Add(new Sequential([6], name: "encoder").Dense(4, Activation.ReLU).Add(new GatedUnit(3)))
            .Add(new Sequential(name: "head").Dense(2));
        OnnxGraph graph = OnnxExport.GraphOf(model);

        Assert.Equal(["encoder.dense/Gemm", "encoder.dense/Relu", "encoder.gated_unit/MatMul", "encoder.gated_unit/MatMul_1", "encoder.gated_unit/Sigmoid", "encoder.gated_unit/Mul", "head.dense/Gemm"],
            graph.Nodes.Select(static node => node.Name));
        Assert.Equal(model.GetWeights().Keys.Order(), graph.Initializers.Keys.Order());
    }

    [Fact]
    public void A_layer_used_twice_has_its_weights_once()
    {
        var shared = new Dense(6, Activation.Tanh);
        OnnxGraph graph = OnnxExport.GraphOf(new Sequential([6]).Add(new Twice(shared)));

        Assert.Equal(["twice.shared.bias", "twice.shared.kernel"], graph.Initializers.Keys.Order());
    }

    [Fact]
    public void What_a_layer_makes_at_its_first_call_stays_usable()
    {
        Sequential model = new Sequential([6]).Add(new LateState());
        OnnxGraph graph = OnnxExport.GraphOf(model);
        Tensor x = OnnxFile.Draw([3, 6], DType.Float32, 1);

        Assert.Equal(["late_state.scale", "late_state/constant"], graph.Initializers.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((x + 2).ToArray<float>(), model.Predict(x).ToArray<float>());
    }

    [Fact]
    public void What_the_output_does_not_need_is_left_out()
    {
        Tensor? unused = null;
        OnnxGraph graph = OnnxExport.GraphOf(new Sequential([6]).Add(new Lambda(x =>
        {
            unused = x.Exp() * 3;
            return x.Sin();
        })));

        Assert.Equal(["Sin"], graph.Nodes.Select(static node => node.Type));
        Assert.Empty(graph.Initializers);
        Assert.NotNull(unused);
    }

    [Fact]
    public void Input_and_output_have_their_names_shapes_and_a_free_batch()
    {
        using var file = new OnnxFile(Cnn(channels: 3));

        Assert.Equal(["input"], file.Inputs.Keys);
        Assert.Equal([-1, 16, 16, 3], file.Inputs["input"].Dimensions);
        Assert.Equal("batch", file.Inputs["input"].SymbolicDimensions[0]);
        Assert.Equal(["output"], file.Outputs.Keys);
        Assert.Equal([-1, 10], file.Outputs["output"].Dimensions);
        Assert.Equal(typeof(float), file.Outputs["output"].ElementType);
    }

    [Fact]
    public void A_file_has_the_same_bytes_each_time_whether_layers_are_fused_and_wherever_the_model_is()
    {
        Sequential model = Cnn(channels: 3);
        byte[] bytes = Bytes(model);

        Assert.Equal(bytes, Bytes(model));
        model.FuseLayers = false;
        Assert.Equal(bytes, Bytes(model));
        model.To(new Device("reference", new ReferenceBackend()));
        Assert.Equal(bytes, Bytes(model));
    }

    [Fact]
    public void A_model_can_be_exported_in_the_middle_of_training_and_is_as_it_was()
    {
        Sequential one = Cnn(channels: 1), other = Cnn(channels: 1);
        byte[] during = [];
        Tensor x = OnnxFile.Draw([32, 16, 16, 1], DType.Float32, 1), y = Tensor.From([.. Enumerable.Range(0, 32).Select(static i => i % 10)]);
        foreach (Sequential model in (Sequential[])[one, other])
        {
            model.WatchNonFinite = true;
            model.Compile(new Adam(), Loss.SparseCategoricalCrossentropy);
            model.Fit(x, y, epochs: 4, batchSize: 8, verbosity: Verbosity.Silent, callbacks: model == one ? [new AtEachStep(() => during = Bytes(one))] : []);
        }

        Assert.Equal(Bytes(other), Bytes(one));
        Assert.Equal(Bytes(one), during);    // the last step's
    }

    internal static byte[] Bytes(Model model)
    {
        using var stream = new MemoryStream();
        model.ExportOnnx(stream);
        return stream.ToArray();
    }

    private static Sequential Cnn(int channels) => new Sequential([16, 16, channels], seed: 1)
        .Conv2D(16, 3, Padding.Same, Activation.ReLU)
        .MaxPool2D(2)
        .Conv2D(8, 3, Padding.Same, name: "second").Dropout(0.5).Add(new ActivationLayer(Activation.Swish) { Name = "swish" })
        .MaxPool2D(2)
        .Flatten()
        .Dense(12, Activation.LeakyReLU())
        .Dense(10, Activation.Softmax);

    private sealed class Twice(Layer shared) : Layer
    {
        protected override Tensor Forward(Tensor x, bool training) => shared.Call(shared.Call(x));
    }

    private sealed class LateState : Layer
    {
        private Parameter? _scale;
        private Tensor? _shift;

        protected override Shape Build(Shape input) => input;

        protected override Tensor Forward(Tensor x, bool training)
        {
            _scale ??= AddWeight("scale", [6], Initializer.Ones);
            _shift ??= Tensor.Full([6], 2, x.DType, x.Device);
            return (x * _scale) + _shift;
        }
    }

    private sealed class AtEachStep(Action action) : Callback
    {
        public override void OnStepEnd(TrainingProgress progress) => action();
    }
}
