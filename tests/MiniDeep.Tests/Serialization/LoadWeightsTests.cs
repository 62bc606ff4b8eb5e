using MiniDeep.Tests.Engine;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Serialization;

public class LoadWeightsTests
{
    [Fact]
    public void Weights_go_from_model_to_model()
    {
        using var folder = new TemporaryFolder();
        Sequential from = Nets.Plain(1), to = Nets.Plain(2);
        from.SaveWeights(folder["w"]);
        WeightMatch match = to.LoadWeights(folder["w"]);
        Assert.Equal(from.Bits(), to.Bits());
        Assert.Empty(match.Missing);
        Assert.Empty(match.Unused);

        var wider = new Sequential([4], DType.Float64).Dense(8, Activation.Tanh).Dense(3, Activation.Softmax);
        wider.LoadWeights(folder["w"]);
        Assert.Equal(from.GetParameter("dense.kernel").ToArray<float>().Select(v => (double)v), wider.GetParameter("dense.kernel").ToArray<double>());
    }

    [Fact]
    public void What_does_not_fit_is_told_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        Sequential model = Nets.Plain();
        string before = model.Bits();
        Tensor kernel = Tensor.Ones([4, 8]), bias = Tensor.Ones([8]), last = Tensor.Ones([8, 3]), lastBias = Tensor.Ones([3]);
        Refused("no dense_1.bias", ("dense.kernel", kernel), ("dense.bias", bias), ("dense_1.kernel", last));
        Refused("unknown more", ("dense.kernel", kernel), ("dense.bias", bias), ("dense_1.kernel", last), ("dense_1.bias", lastBias), ("more", lastBias));
        Refused("no dense.bias, dense_1.kernel, dense_1.bias and unknown b", ("dense.kernel", kernel), ("b", bias));
        Refused("'dense_1.kernel', F32 [3, 8]", ("dense.kernel", kernel), ("dense.bias", bias), ("dense_1.kernel", Tensor.Ones([3, 8])), ("dense_1.bias", lastBias));
        Refused("'dense.bias', I32 [8]", ("dense.kernel", kernel), ("dense.bias", bias.To(DType.Int32)), ("dense_1.kernel", last), ("dense_1.bias", lastBias));
        Assert.Throws<ModelStateException>(() => new Sequential().Dense(3).LoadWeights(folder["w"]));

        // a file that is cut while it is read: all of the header, not all of the data
        model.SaveWeights(folder["w"]);
        byte[] whole = File.ReadAllBytes(folder["w"]);
        for (int length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(folder["w"], whole[..length]);
            Assert.Throws<InvalidDataFileException>(() => model.LoadWeights(folder["w"]));
        }
        Assert.Equal(before, model.Bits());

        void Refused(string message, params (string Name, Tensor Values)[] tensors)
        {
            SafeTensors.Write(folder["w"], tensors.Select(t => KeyValuePair.Create(t.Name, t.Values)));
            string found = Assert.Throws<InvalidDataFileException>(() => model.LoadWeights(folder["w"])).Message;
            Assert.Contains(message, found);
            Assert.Equal(before, model.Bits());
        }
    }

    [Fact]
    public void Not_strict_takes_what_fits()
    {
        using var folder = new TemporaryFolder();
        Sequential model = Nets.Plain();
        SafeTensors.Write(folder["w"], [new("dense.kernel", Tensor.Ones([4, 8])), new("epoch", Tensor.From([3L]))]);
        WeightMatch match = model.LoadWeights(folder["w"], strict: false);
        Assert.Equal(["dense.bias", "dense_1.kernel", "dense_1.bias"], match.Missing);
        Assert.Equal(["epoch"], match.Unused);
        Assert.All(model.GetParameter("dense.kernel").ToArray<float>(), v => Assert.Equal(1, v));
    }

    [Fact]
    public void Names_are_those_of_weights_or_of_layers()
    {
        using var folder = new TemporaryFolder();
        Sequential inner = new Sequential(name: "block").Dense(2, name: "a");
        Sequential model = Nets.Empty().Add(inner).Dense(1, name: "b");
        Tensor W(int rows, int columns, double value) => Tensor.Full([rows, columns], value);
        SafeTensors.Write(folder["w"],
        [
            new("features.0.a.kernel", W(4, 2, 1)), new("features.0.a.bias", Tensor.Full([2], 2)), new("head.kernel", W(2, 1, 3)), new("shift", Tensor.Full([1], 4)),
        ]);
        model.LoadWeights(folder["w"], names: new Dictionary<string, string> { ["block"] = "features.0", ["b"] = "head", ["b.bias"] = "shift" });
        Assert.Equal([1, 2, 3, 4], new[] { "block.a.kernel", "block.a.bias", "b.kernel", "b.bias" }.Select(name => model.GetParameter(name).ToArray<float>()[0]));

        string message = Assert.Throws<ArgumentException>(() => model.LoadWeights(folder["w"], strict: false, names: new Dictionary<string, string> { ["c"] = "x" })).Message;
        Assert.Contains("has no weight and no layer 'c'; its weights are block.a.kernel, block.a.bias, b.kernel, b.bias", message);
    }
}
