using System.Text.Json;
using MiniDeep.Tests.Engine;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Serialization;

public class ModelFileTests
{
    /// <summary>MINIDEEP_RANDOM_MODELS: how many.</summary>
    [Fact]
    public void Random_models_come_back_byte_for_byte()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("MINIDEEP_RANDOM_MODELS") ?? "300", System.Globalization.CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();
        for (int seed = 0; seed < count; seed++) Assert.Null(RandomModels.RoundTrip(seed, folder.Path));
    }

    [Fact]
    public void A_loaded_model_answers_and_trains_as_the_saved_one()
    {
        using var folder = new TemporaryFolder();
        Sequential model = Nets.Empty(4).Dense(8, Activation.LeakyReLU(0.01)).Dropout(0.3).Dense(3, Activation.Softmax, name: "last").Compiled();
        model.Save(folder["m"]);
        Sequential loaded = Sequential.Load(folder["m"]).Compiled();
        Assert.Equal(model.Seed, loaded.Seed);
        Assert.Equal(["dense", "dropout", "last"], loaded.Layers.Select(l => l.Name));

        model.Train(Nets.Points());
        loaded.Train(Nets.Points());
        Assert.Equal(model.Bits(), loaded.Bits());
    }

    [Fact]
    public void The_file_is_plain_safetensors_with_the_architecture_as_json()
    {
        using var folder = new TemporaryFolder();
        Sequential model = new Sequential([8, 8, 1], seed: 5, name: "cnn").Conv2D(2, (3, 1), Padding.Same, Activation.LeakyReLU(0.5)).Flatten().Dense(2);
        model.GetParameter("dense.bias").Trainable = false;
        model.Save(folder["m"]);

        Assert.Equal(["conv2d.bias", "conv2d.kernel", "dense.bias", "dense.kernel"], SafeTensors.Read(folder["m"]).Keys.Order(StringComparer.Ordinal));
        using JsonDocument json = JsonDocument.Parse(SafeTensors.ReadMetadata(folder["m"])["minideep.model"]);
        Assert.Equal(
            """
            {"version":1,"model":{"kind":"sequential","name":"cnn","config":{"dtype":"Float32","seed":5,"input_shape":[8,8,1],"fuse_layers":true,"layers":[
            {"kind":"conv2d","name":"conv2d","config":{"filters":2,"kernel_size":[3,1],"padding":"same","activation":{"name":"leaky_relu","alpha":0.5},"strides":[1,1],"use_bias":true,
            "kernel_initializer":"glorot_uniform","bias_initializer":{"name":"constant","value":0}}},{"kind":"flatten","name":"flatten"},
            {"kind":"dense","name":"dense","config":{"units":2,"activation":"linear","use_bias":true,"kernel_initializer":"glorot_uniform","bias_initializer":{"name":"constant","value":0}}}]}},
            "frozen":["dense.bias"]}
            """.ReplaceLineEndings(""),
            json.RootElement.GetRawText());
        Assert.False(Sequential.Load(folder["m"]).GetParameter("dense.bias").Trainable);
    }

    [Fact]
    public void A_layer_of_ones_own_is_registered_or_the_error_says_how_to()
    {
        using var folder = new TemporaryFolder();
        Sequential model = Nets.Empty().Add(new Scaler(3)).Dense(2);
        string message = Assert.Throws<ModelStateException>(() => model.Save(folder["m"])).Message;
        Assert.Contains("Layer 'scaler' (Scaler) can't be saved", message);
        Assert.Contains("LayerRegistry.Register(\"a_name\", config => new Scaler(…))", message);
        Assert.Empty(folder.Names);

        LayerRegistry.Register("test.scaler", config => new Scaler(config.GetDouble("factor")));
        model.GetParameter("scaler.offset").Fill(7);
        model.Save(folder["m"]);
        Sequential loaded = Sequential.Load(folder["m"]);
        Assert.Equal(3, Assert.IsType<Scaler>(loaded.Layers[0]).Factor);
        Assert.Equal(7, loaded.GetParameter("scaler.offset").ToArray<float>()[0]);

        ReplaceInFile(folder["m"], "test.scaler", "test.skaler");
        message = Assert.Throws<InvalidDataFileException>(() => Sequential.Load(folder["m"])).Message;
        Assert.Contains("found 'test.skaler'; if it is a layer of your own: Before saving and loading, call LayerRegistry.Register(\"a_name\", config => new MyLayer(…))", message);
        Assert.Throws<ArgumentException>(() => LayerRegistry.Register("dense", _ => new Scaler(1)));
    }

    [Fact]
    public void An_activation_of_ones_own_is_registered_or_the_error_says_how_to()
    {
        using var folder = new TemporaryFolder();
        var cube = Activation.Of("test.cube", x => x * x * x);
        Sequential model = Nets.Empty().Dense(2, cube);
        Assert.Contains("Activation.Register", Assert.Throws<ModelStateException>(() => model.Save(folder["m"])).Message);
        Activation.Register(cube);
        model.Save(folder["m"]);
        Tensor x = Tensor.Ones([1, 4]);
        Assert.Equal(model.Predict(x).ToArray<float>(), Sequential.Load(folder["m"]).Predict(x).ToArray<float>());

        ReplaceInFile(folder["m"], "test.cube", "test.tube");
        Assert.Contains("Activation.Register", Assert.Throws<InvalidDataFileException>(() => Sequential.Load(folder["m"])).Message);
        Assert.Throws<ArgumentException>(() => Activation.Register(Activation.Of("relu", x => x)));
        Assert.Throws<ModelStateException>(() => Nets.Empty().Dense(2, Activation.Of("relu", x => -x)).Save(folder["m"]));
    }

    [Fact]
    public void Every_layer_of_the_library_is_known_to_files()
    {
        Type[] layers = [.. typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract)];
        Assert.Equal(layers.OrderBy(type => type.Name), LayerRegistry.BuiltIn.OrderBy(type => type.Name));
    }

    [Fact]
    public void Models_that_cannot_be_saved_say_why()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("has no weights yet", Assert.Throws<ModelStateException>(() => new Sequential().Dense(3).Save(folder["m"])).Message);
        Assert.Contains("has no weights yet", Assert.Throws<ModelStateException>(() => new Sequential().Dense(3).SaveWeights(folder["m"])).Message);
        Assert.Contains(folder["no/m"], Assert.Throws<IOException>(() => Nets.Plain().Save(folder["no/m"])).Message);
        Nets.Plain().SaveWeights(folder["w"]);
        Assert.Contains("weights alone: build the network and call LoadWeights", Assert.Throws<InvalidDataFileException>(() => Model.Load(folder["w"])).Message);
    }

    /// <summary>Replaces a text in a file by one of the same length.</summary>
    internal static void ReplaceInFile(string path, string old, string replacement)
    {
        string text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path));
        Assert.Equal(old.Length, replacement.Length);
        Assert.Contains(old, text);
        File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes(text.Replace(old, replacement)));
    }

    private sealed class Scaler(double factor) : Layer
    {
        private Parameter _offset = null!;

        public double Factor => factor;

        protected internal override void Describe(LayerConfig config) => config.Set("factor", factor);

        protected override Shape Build(Shape input)
        {
            _offset = AddWeight("offset", [1], Initializer.Zeros);
            return input;
        }

        protected override Tensor Forward(Tensor x, bool training) => (x * factor) + _offset;
    }
}
