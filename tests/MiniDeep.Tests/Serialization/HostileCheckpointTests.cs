using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MiniDeep.Tests.Engine;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Serialization;

/// <summary>Sound checkpoints and model files with one thing wrong in them: refused cheaply, and what they would have changed is as before.</summary>
public sealed class HostileCheckpointTests : IClassFixture<HostileCheckpointTests.Sound>
{
    private const string Deep = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";

    private readonly Sound _sound;

    public HostileCheckpointTests(Sound sound) => _sound = sound;

    /// <summary>What is replaced in the state of the training, by what, and what the refusal says.</summary>
    [Theory]
    [InlineData("^.*$", "", "one that can't be read")]
    [InlineData("^.*$", "null", "something else")]
    [InlineData("^.*$", "[1]", "something else")]
    [InlineData("^.*$", "{", "one that can't be read")]
    [InlineData("^.*$", Deep, "one that can't be read")]
    [InlineData("\"version\":1", "\"version\":2", "a newer MiniDeep may read it")]
    [InlineData("\"version\":1", "\"version\":1,\"version\":1", "one that can't be read")]
    [InlineData("\"version\":1,", "", "version")]
    [InlineData("\"version\":1", "\"version\":\"1\"", "version")]
    [InlineData("\"version\":1", "\"version\":99999999999999999999", "version")]
    [InlineData("\"epoch\":1", "\"epoch\":-1", "a place in a training")]
    [InlineData("\"epoch\":1", "\"epoch\":2", "a place in a training")]
    [InlineData("\"epoch\":1", "\"epoch\":1.5", "epoch")]
    [InlineData("\"epoch\":1", "\"epoch\":2147483648", "epoch")]
    [InlineData("\"epoch\":1", "\"epoch\":null", "epoch")]
    [InlineData("\"step\":1", "\"step\":-1", "a place in a training")]
    [InlineData("\"step\":1", "\"step\":4", "a place in a training")]
    [InlineData("\"steps_per_epoch\":3", "\"steps_per_epoch\":0", "a place in a training")]
    [InlineData("\"steps_per_epoch\":3", "\"steps_per_epoch\":2147483647", "a place in a training")]
    [InlineData("\"samples\":5", "\"samples\":0", "a place in a training")]
    [InlineData("\"samples\":5", "\"samples\":-2147483648", "a place in a training")]
    [InlineData("\"batch_size\":2", "\"batch_size\":0", "a place in a training")]
    [InlineData("\"batch_size\":2", "\"batch_size\":-2", "a place in a training")]
    [InlineData("\"order_key\":\"[0-9a-f]+\"", "\"order_key\":\"xyz\"", "a key of 16 hexadecimal digits")]
    [InlineData("\"order_key\":\"[0-9a-f]+\"", "\"order_key\":\"+123456789abcdef\"", "a key of 16 hexadecimal digits")]
    [InlineData("\"order_key\":\"[0-9a-f]+\"", "\"order_key\":7", "order_key")]
    [InlineData("\"elapsed\":[0-9]+", "\"elapsed\":-1", "times that a training may take")]
    [InlineData("\"elapsed\":[0-9]+", "\"elapsed\":9223372036854775807", "times that a training may take")]
    [InlineData("\"optimizer\":\"Adam\"", "\"optimizer\":\"System.Diagnostics.Process\"", "the run's optimizer, Adam")]
    [InlineData("\"optimizer\":\"Adam\"", "\"optimizer\":[]", "optimizer")]
    [InlineData("\"iterations\":4", "\"iterations\":-4", "a number of steps")]
    [InlineData("\"learning_rate\":0.001", "\"learning_rate\":-1", "a finite number that isn't negative")]
    [InlineData("\"learning_rate\":0.001", "\"learning_rate\":1e999", "learning_rate")]
    [InlineData("\"learning_rate\":0.001", "\"learning_rate\":\"NaN\"", "learning_rate")]
    [InlineData("\"names\":\\[\"loss\"\\]", "\"names\":[]", "for 0 names")]
    [InlineData("\"names\":\\[\"loss\"\\]", "\"names\":[\"a\",\"b\",\"c\"]", "for 3 names")]
    [InlineData("\"names\":\\[\"loss\"\\]", "\"names\":[1]", "a list of texts")]
    [InlineData("\"names\":\\[\"loss\"\\]", "\"names\":\"loss\"", "a list of texts")]
    [InlineData("\"dropouts\":\\[.*?\\]", "\"dropouts\":[]", "the state of 1 Dropout layers")]
    [InlineData("\"dropouts\":\\[.*?\\]", "\"dropouts\":[1]", "a list of objects")]
    [InlineData("\"draws\":4", "\"draws\":-1", "numbers of masks that were drawn")]
    [InlineData("\"draws\":4", "\"draws\":4.5", "numbers of masks that were drawn")]
    [InlineData("\"draws\":4", "\"draws\":1e300", "numbers of masks that were drawn")]
    [InlineData("\"callbacks\":\\[.*?\\]", "\"callbacks\":{}", "a list of texts")]
    [InlineData("\"callbacks\":\\[.*?\\]", "\"callbacks\":[{\"name\":7}]", "a list of texts")]
    [InlineData("\"frozen\":\\[\\]", "\"frozen\":[\"no.such.weight\"]", "frozen weights that the model has")]
    [InlineData("\"frozen\":\\[\\]", "\"frozen\":[\"\\u0007\"]", "frozen weights that the model has")]
    public void A_broken_state_of_a_training_is_refused(string pattern, string replacement, string message) =>
        Hostile.AssertRefused(_sound.With(ModelFile.TrainingKey, pattern, replacement), message, ReadCheckpoint);

    /// <summary>The same for the header's lines.</summary>
    [Theory]
    [InlineData("\"training/callbacks/1\":{\"dtype\":\"U8\"", "\"training/callbacks/1\":{\"dtype\":\"I8\"", "'training/callbacks/1', UInt8|I8")]
    [InlineData("\"minideep.training\"", "\"minideep.trained\"", "a checkpoint, with the state of a training in its metadata")]
    [InlineData("training/sums", "training/sum", "'training/sums'")]
    [InlineData("training/sums", "training/../sums", "a path out of a folder")]
    [InlineData("\"training/times\":{\"dtype\":\"I64\"", "\"training/times\":{\"dtype\":\"F64\"", "'training/times', Int64")]
    [InlineData("\"training/history\":{\"dtype\":\"F64\",\"shape\":\\[1,1\\]", "\"training/history\":{\"dtype\":\"F64\",\"shape\":[1]", "'training/history', Float64 [1, 1]")]
    [InlineData("\"training/sums\":{\"dtype\":\"F64\",\"shape\":\\[1\\]", "\"training/sums\":{\"dtype\":\"F64\",\"shape\":[1,1]", "'training/weights', Float64 [1, 1]")]
    [InlineData("training/optimizer/1/dense.bias", "training/optimizer/2/dense.bias", "'training/optimizer/1/dense.bias'")]
    [InlineData("\"training/optimizer/0/dense.kernel\":{\"dtype\":\"F32\",\"shape\":\\[3,2\\]", "\"training/optimizer/0/dense.kernel\":{\"dtype\":\"F32\",\"shape\":[2,3]", "Float32 [3, 2]")]
    [InlineData("\"dense.kernel\"", "\"dense.colonel\"", "dense.")]
    [InlineData("\"dense_1.bias\":{\"dtype\":\"F32\",\"shape\":\\[2\\]", "\"dense_1.bias\":{\"dtype\":\"I32\",\"shape\":[2]", "dense_1.bias")]
    [InlineData("\"dense.bias\":{\"dtype\":\"F32\",\"shape\":\\[2\\]", "\"dense.bias\":{\"dtype\":\"F32\",\"shape\":[1,2]", "dense.bias")]
    [InlineData("\"dense_1.bias\":", "\"dense_2.bias\":", "dense_")]
    public void Tensors_that_a_checkpoint_cannot_have_are_refused(string pattern, string replacement, string message) =>
        Hostile.AssertRefused(_sound.WithHeader(pattern, replacement), message, ReadCheckpoint);

    /// <summary>The same for the architecture.</summary>
    [Theory]
    [InlineData("^.*$", "", "one that can't be built")]
    [InlineData("^.*$", "null", "something else than a JSON object")]
    [InlineData("^.*$", "{}", "version")]
    [InlineData("^.*$", Deep, "one that can't be built")]
    [InlineData("\"version\":1", "\"version\":9", "a newer MiniDeep may read it")]
    [InlineData("\"version\":1", "\"version\":1,\"version\":1", "one that can't be built")]
    [InlineData("\"kind\":\"sequential\"", "\"kind\":\"dense\"", "'units' of layer 'sequential'")]
    [InlineData("\"kind\":\"sequential\"", "\"kind\":\"System.Diagnostics.Process, System\"", "LayerRegistry")]
    [InlineData("\"kind\":\"dropout\"", "\"kind\":\"../../dropout\"", "LayerRegistry")]
    [InlineData("\"kind\":\"dropout\"", "\"kind\":7", "kind")]
    [InlineData("\"kind\":\"dropout\",", "", "kind")]
    [InlineData("\"name\":\"dropout\"", "\"name\":\"\"", "a printable name")]
    [InlineData("\"name\":\"dropout\"", "\"name\":\"a\\u0000b\"", "a printable name")]
    [InlineData("\"name\":\"dropout\"", "\"name\":\"a\\u202Eb\"", "a printable name")]
    [InlineData("\"name\":\"dropout\"", "\"name\":null", "name")]
    [InlineData("\"name\":\"dense\"", "\"name\":\"dense_1\"", "dense")]
    [InlineData("\"config\":{\"rate\":0.5}", "\"config\":[]", "a JSON object")]
    [InlineData("\"rate\":0.5", "\"rate\":1.5", "one that can't be built")]
    [InlineData("\"rate\":0.5", "\"rate\":1e999", "rate")]
    [InlineData("\"rate\":0.5", "\"rate\":\"NaN\"", "rate")]
    [InlineData("\"dtype\":\"Float32\"", "\"dtype\":\"Int32\"", "Float32 or Float64")]
    [InlineData("\"seed\":1", "\"seed\":1e30", "seed")]
    [InlineData("\"input_shape\":\\[3\\]", "\"input_shape\":[-3]", "one that can't be built|input_shape")]
    [InlineData("\"input_shape\":\\[3\\]", "\"input_shape\":[2147483647]", "one that can't be built|input_shape")]
    [InlineData("\"input_shape\":\\[3\\]", "\"input_shape\":[65536,65536,65536,65536]", "too few for one of shape [65536, 2]")]
    [InlineData("\"input_shape\":\\[3\\]", "\"input_shape\":[9999999999]", "input_shape")]
    [InlineData("\"input_shape\":\\[3\\]", "\"input_shape\":[4]", "too few for one of shape [2]")]
    [InlineData("\"input_shape\":\\[3\\]", "\"input_shape\":3", "input_shape")]
    [InlineData("\"fuse_layers\":true", "\"fuse_layers\":1", "fuse_layers")]
    [InlineData("\"units\":2,\"activation\":\"tanh\"", "\"units\":0,\"activation\":\"tanh\"", "one that can't be built")]
    [InlineData("\"units\":2,\"activation\":\"tanh\"", "\"units\":-2,\"activation\":\"tanh\"", "one that can't be built")]
    [InlineData("\"units\":2,\"activation\":\"tanh\"", "\"units\":2147483647,\"activation\":\"tanh\"", "one that can't be built")]
    [InlineData("\"units\":2,\"activation\":\"tanh\"", "\"units\":1000000,\"activation\":\"tanh\"", "too few for one of shape [3, 1000000]")]
    [InlineData("\"activation\":\"tanh\"", "\"activation\":\"no_such\"", "Activation.Register")]
    [InlineData("\"activation\":\"tanh\"", "\"activation\":{\"name\":\"leaky_relu\"}", "alpha")]
    [InlineData("\"activation\":\"tanh\"", "\"activation\":[[[[]]]]", "activation")]
    [InlineData("\"use_bias\":true,\"kernel_initializer\":\"glorot_uniform\",\"bias_initializer\":{\"name\":\"constant\",\"value\":0}}},{\"kind\":\"dropout\"",
        "\"use_bias\":false,\"kernel_initializer\":\"glorot_uniform\",\"bias_initializer\":{\"name\":\"constant\",\"value\":0}}},{\"kind\":\"dropout\"", "dense.bias")]
    [InlineData("\"kernel_initializer\":\"glorot_uniform\"(?=.*dropout)", "\"kernel_initializer\":\"no_such\"", "initializer")]
    [InlineData("\"layers\":\\[.*\\](?=}})", "\"layers\":[]", "dense")]
    [InlineData("\"layers\":\\[.*\\](?=}})", "\"layers\":{}", "at most 4096 layers")]
    [InlineData("\"layers\":\\[.*\\](?=}})", "\"layers\":[null]", "layers that are JSON objects")]
    [InlineData("\"frozen\":\\[\\]", "\"frozen\":[\"dropout.rate\"]", "frozen weights that the model has")]
    [InlineData("\"frozen\":\\[\\]", "\"frozen\":true", "a list of the weights that are frozen")]
    public void A_broken_architecture_is_refused(string pattern, string replacement, string message) =>
        Hostile.AssertRefused(_sound.With(ModelFile.ArchitectureKey, pattern, replacement), message, ReadModel);

    [Fact]
    public void Endless_layers_are_refused_early()
    {
        const string Flatten = "{\"kind\":\"flatten\",\"name\":\"f\"}";
        Hostile.AssertRefused(_sound.With(ModelFile.ArchitectureKey, "\"layers\":\\[.*\\](?=}})", $"\"layers\":[{string.Join(',', Enumerable.Repeat(Flatten, 5000))}]"), "at most 4096 layers", ReadModel);
        string nested = Flatten;
        for (int depth = 0; depth < 40; depth++)
            nested = $"{{\"kind\":\"sequential\",\"name\":\"s\",\"config\":{{\"dtype\":\"Float32\",\"seed\":1,\"input_shape\":[3],\"fuse_layers\":true,\"layers\":[{nested}]}}}}";
        Hostile.AssertRefused(_sound.With(ModelFile.ArchitectureKey, "\"layers\":\\[.*\\](?=}})", $"\"layers\":[{nested}]"), "one that can't be built", ReadModel);
    }

    [Fact]
    public void The_sound_files_are_read()
    {
        Assert.NotNull(ReadCheckpoint(new MemoryStream(_sound.With(ModelFile.TrainingKey, "\"epoch\":1", "\"epoch\":1")), "sound"));
        Assert.NotNull(ReadModel(new MemoryStream(_sound.WithHeader("__metadata__", "__metadata__")), "sound"));
    }

    private static object ReadModel(Stream stream, string name)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(stream, name);
        return ModelFile.Read(file);
    }

    private static Resumption ReadCheckpoint(Stream stream, string name)
    {
        Sequential model = Sound.Network();
        string before = model.Bits();
        using SafeTensorsFile file = SafeTensorsFile.Open(stream, name);
        try
        {
            return Resumption.Read(file, name, model, model.Optimizer!, isOrderGiven: false);
        }
        finally
        {
            Assert.Equal(before, model.Bits());
        }
    }

    /// <summary>A checkpoint of a small run.</summary>
    public sealed class Sound
    {
        private readonly JsonObject _header;
        private readonly byte[] _data;

        public Sound()
        {
            using var folder = new TemporaryFolder();
            Sequential model = Network();
            using var cancellation = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => model.Fit(
                Tensor.Ones([5, 3]), Tensor.Zeros([5, 2]), epochs: 2, batchSize: 2, verbosity: Verbosity.Silent, cancellationToken: cancellation.Token,
                callbacks: [new Hooks { StepEnd = CancelInTheSecondEpoch }, new Checkpoint(folder.Path) { Keep = 1 }]));
            byte[] file = File.ReadAllBytes(Checkpoint.Newest(folder.Path)!);
            int length = (int)BitConverter.ToInt64(file);
            (_header, _data) = ((JsonObject)JsonNode.Parse(file.AsSpan(8, length))!, file[(8 + length)..]);

            void CancelInTheSecondEpoch(TrainingProgress progress)
            {
                if (progress is { Epoch: 1, Step: 1 }) cancellation.Cancel();
            }
        }

        public static Sequential Network()
        {
            Sequential model = new Sequential([3], seed: 1).Dense(2, Activation.Tanh).Dropout(0.5).Dense(2);
            model.Compile(new Adam(), Loss.MeanSquaredError);
            return model;
        }

        /// <summary>The file with another text in its metadata.</summary>
        public byte[] With(string key, string pattern, string replacement)
        {
            var header = (JsonObject)_header.DeepClone();
            header["__metadata__"]![key] = Replaced((string)_header["__metadata__"]![key]!, pattern, replacement);
            return Bytes(header.ToJsonString());
        }

        /// <summary>The file with something else in its header.</summary>
        public byte[] WithHeader(string pattern, string replacement) => Bytes(Replaced(_header.ToJsonString(), pattern, replacement));

        private byte[] Bytes(string header) => [.. SafeTensorsBytes.Length(Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. _data];

        private static string Replaced(string text, string pattern, string replacement)
        {
            Match match = Assert.Single(Regex.Matches(text, pattern));
            return text[..match.Index] + replacement + text[(match.Index + match.Length)..];
        }
    }
}
