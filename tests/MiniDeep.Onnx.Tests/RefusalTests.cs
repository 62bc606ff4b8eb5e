namespace MiniDeep.Tests;

/// <summary>What can't be exported says which layer can't, and why; no file is left.</summary>
public class RefusalTests
{
    private static readonly Dictionary<string, (Func<Tensor, Tensor> Function, string Why)> s_refused = new()
    {
        ["reads an element"] = (static x => x * x.Sum().Item(), "reads a tensor's elements"),
        ["branches on values"] = (static x => x.ToArray<float>()[0] > 0 ? x : -x, "reads a tensor's elements"),
        ["goes to the host"] = (static x => x.To(Device.Cpu).To(x.Device), "reads a tensor's elements"),
        ["divides by the batch"] = (static x => x / x.Shape[0], "a batch of another size"),
        ["branches on the batch"] = (static x => x.Shape[0] > 11 ? x.Sin() : x, "a batch of another size"),
        ["takes half of the batch"] = (static x => x - x[..(x.Shape[0] / 2)].Mean([0], keepDims: true), "depends on the size of the batch"),
        ["numbers the samples"] = (static x => x + Tensor.Range(x.Shape[0]).Reshape(x.Shape[0], 1), "another one for a batch of another size"),
        ["changes a part"] = (static x => Changed(x), "changes a part of a tensor in place"),
        ["computes a loss"] = (static x => x + Loss.MeanSquaredError.Of(x, x * 0) + Loss.CategoricalCrossentropy.Of(x.Softmax(), x * 0), "computes a loss"),
        ["takes one sample alone"] = (static x => x + Tensor.Ones([x.Shape[0] == 1 ? 6 : 5]), "fails in a run without data. Layer 'special' (Block): Add: shapes [11, 6] and [5] don't fit"),
        ["changes what it used"] = (static x => ChangesWhatItUsed(x), "another one for a batch of another size, or from one call to the next"),
        ["uneven size"] = (static x => x + (Tensor.Ones([x.Shape[0] + 1, 2], device: x.Device).MatMul(Tensor.Ones([2, 6])).Sum([0], keepDims: true)), "no multiple of the batch's"),
    };

    public static TheoryData<string> Refused => [.. s_refused.Keys];

    [Theory]
    [MemberData(nameof(Refused))]
    public void The_message_names_the_layer_and_the_reason(string what)
    {
        (Func<Tensor, Tensor> function, string why) = s_refused[what];
        // built without Forward, which some of these refuse to run without data
        Sequential model = new Sequential([6]).Dense(6).Add(new Block(function) { Name = "special" });

        var error = Assert.Throws<OnnxExportException>(() => GraphTests.Bytes(model));
        Assert.StartsWith("Layer 'special' (Block) can't be exported to ONNX: ", error.Message);
        Assert.Contains(why, error.Message);
    }

    [Fact]
    public void Random_numbers_in_inference_are_refused()
    {
        Sequential dropping = new Sequential([6]).Add(new Block(new Always(new Dropout(0.5)).Apply) { Name = "special" });
        var error = Assert.Throws<OnnxExportException>(() => GraphTests.Bytes(dropping));
        Assert.Contains("draws random numbers", error.Message);

        var random = new Random(1);
        Sequential noisy = new Sequential([6]).Add(new Block(x => x + Tensor.From([random.NextSingle()])) { Name = "special" });
        error = Assert.Throws<OnnxExportException>(() => GraphTests.Bytes(noisy));
        Assert.Contains("from one call to the next", error.Message);
    }

    [Fact]
    public void A_tensor_kept_from_a_run_without_data_is_refused()
    {
        Tensor recent = Tensor.Zeros([1, 6]);
        Tensor AddRecent(Tensor x)
        {
            Tensor before = recent;
            recent = x.Mean([0], keepDims: true).Keep();
            return x + before;
        }
        Sequential model = new Sequential([6]).Add(new Block(AddRecent) { Name = "special" });

        var error = Assert.Throws<OnnxExportException>(() => GraphTests.Bytes(model));
        Assert.Contains("keeps a tensor from a run without data", error.Message);
    }

    [Fact]
    public void A_model_that_is_not_built_is_refused() =>
        Assert.Contains("has no weights yet", Assert.Throws<ModelStateException>(() => GraphTests.Bytes(new Sequential().Dense(3))).Message);

    [Fact]
    public void A_refused_model_leaves_what_was_there()
    {
        string folder = Directory.CreateTempSubdirectory("minideep-onnx-").FullName;
        try
        {
            string path = Path.Combine(folder, "m.onnx");
            Sequential good = new Sequential([6], seed: 1).Dense(3), bad = new Sequential([6]).Add(new Block(static x => x * x.Sum().Item()));
            good.ExportOnnx(path);
            byte[] before = File.ReadAllBytes(path);
            Assert.Equal(GraphTests.Bytes(good), before);

            Assert.Throws<OnnxExportException>(() => bad.ExportOnnx(path));
            Assert.Equal(before, File.ReadAllBytes(path));
            Assert.Equal([path], Directory.GetFiles(folder));

            Assert.Throws<IOException>(() => good.ExportOnnx(Path.Combine(folder, "missing", "m.onnx")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void An_export_that_fails_leaves_the_model_usable()
    {
        Sequential model = new Sequential([6], seed: 1).Dense(6).Add(new Block(static x => x * x.Sum().Item()));
        Tensor x = OnnxFile.Draw([2, 6], DType.Float32, 1);
        float[] before = model.Predict(x).ToArray<float>();

        Assert.Throws<OnnxExportException>(() => GraphTests.Bytes(model));
        Assert.Equal(before, model.Predict(x).ToArray<float>());
    }

    private static Tensor Changed(Tensor x)
    {
        Tensor y = Tensor.Zeros(x.Shape, x.DType, x.Device);
        y[.., ..3].CopyFrom(x[.., ..3]);
        return y;
    }

    private static Tensor ChangesWhatItUsed(Tensor x)
    {
        Tensor weights = Tensor.Ones([6]);
        Tensor y = x * weights;
        weights.Fill(2);
        return y * weights;
    }

    /// <summary>Gives what it gets in shape, so that it is built without running.</summary>
    private sealed class Block(Func<Tensor, Tensor> function) : Layer
    {
        protected override Shape Build(Shape input) => input;

        protected override Tensor Forward(Tensor x, bool training) => function(x);
    }

    private sealed class Always(Dropout dropout)
    {
        public Tensor Apply(Tensor x) => dropout.Call(x, training: true);
    }
}
