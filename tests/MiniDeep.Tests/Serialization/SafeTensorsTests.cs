using System.Buffers.Binary;
using System.Text;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Serialization;

public class SafeTensorsTests
{
    [Fact]
    public void Tensors_of_every_type_and_shape_come_back()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, Tensor> written = new()
        {
            ["flags"] = Tensor.From([true, false, true]),
            ["bytes"] = Tensor.From(new byte[,] { { 0, 255 }, { 7, 8 } }),
            ["floats"] = Tensor.From([1f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon], [5, 1]),
            ["doubles"] = Tensor.From([Math.PI, double.MinValue]),
            ["ints"] = Tensor.From([int.MinValue, 3]),
            ["longs"] = Tensor.From([long.MaxValue], [1, 1, 1]),
            ["scalar"] = Tensor.Scalar(2.5),
            ["nothing"] = Tensor.Zeros([3, 0, 2]),
            ["größe 🙂/a.b"] = Tensor.Ones([2]),
            ["a view"] = Tensor.From(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }).Transpose(1, 0),
            ["large"] = Tensor.Range(700_001, DType.Float32),
        };
        SafeTensors.Write(folder["t.safetensors"], written, new Dictionary<string, string> { ["made by"] = "ein \"Test\"\n", [""] = "" });

        IReadOnlyDictionary<string, Tensor> read = SafeTensors.Read(folder["t.safetensors"]);
        Assert.Equal(written.Keys.Order(), read.Keys.Order());
        foreach ((string name, Tensor tensor) in read)
        {
            Assert.Equal(written[name].Shape, tensor.Shape);
            Assert.Equal(written[name].DType, tensor.DType);
            Assert.Equal(Bytes(written[name]), Bytes(tensor));
        }
        Assert.Equal("ein \"Test\"\n", SafeTensors.ReadMetadata(folder["t.safetensors"])["made by"]);
        Assert.Equal(["t.safetensors"], folder.Names);
    }

    [Fact]
    public void The_data_are_aligned_and_the_header_ends_in_spaces()
    {
        using var folder = new TemporaryFolder();
        SafeTensors.Write(folder["t"], [new("b", Tensor.From([true])), new("f", Tensor.From([1f])), new("d", Tensor.From([1.0]))]);
        byte[] file = File.ReadAllBytes(folder["t"]);
        long header = BinaryPrimitives.ReadInt64LittleEndian(file);
        Assert.Equal(0, header % 8);
        Assert.Equal(
            """{"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"f":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"BOOL","shape":[1],"data_offsets":[12,13]}}""",
            Encoding.UTF8.GetString(file, 8, (int)header).TrimEnd(' '));
        Assert.Equal(8 + header + 13, file.Length);
    }

    [Theory]
    [InlineData("F16", "003C00C0", new[] { 1f, -2f })]
    [InlineData("BF16", "803F00C0", new[] { 1f, -2f })]
    [InlineData("I8", "7F80", new[] { 127f, -128f })]
    [InlineData("I16", "FF7F0080", new[] { 32767f, -32768f })]
    [InlineData("U16", "FFFF0100", new[] { 65535f, 1f })]
    [InlineData("U32", "FFFFFFFF01000000", new[] { 4294967295f, 1f })]
    public void Types_that_tensors_lack_are_widened_exactly(string type, string bytes, float[] expected)
    {
        byte[] data = Convert.FromHexString(bytes);
        byte[] file = [.. SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", type, "[2]", 0, data.Length) + "}"), .. data];
        Tensor x = SafeTensors.Read(new MemoryStream(file))["x"];
        Assert.Equal(expected, x.To(DType.Float64).ToArray<double>().Select(v => (float)v));
        Assert.Equal(type is "F16" or "BF16" ? DType.Float32 : type == "U32" ? DType.Int64 : DType.Int32, x.DType);
    }

    [Fact]
    public void Sound_files_of_every_kind_are_read()
    {
        string[] sound =
        [
            "{}",
            "{}      ",
            """{"__metadata__":{}}""",
            "{ \"a\" : {\"shape\":[], \"data_offsets\" : [0,4] , \"dtype\":\"F32\"} }\n",
            "{" + SafeTensorsBytes.Entry("\"b\"", "U8", "[2]", 2, 4) + "," + SafeTensorsBytes.Entry("\"a\"", "U8", "[2]", 0, 2) + "}",
            "{" + SafeTensorsBytes.Entry("\"b\"", "U8", "[0]", 0, 0) + "," + SafeTensorsBytes.Entry("\"a\"", "F64", "[0,5]", 0, 0) + "}",
            "{" + SafeTensorsBytes.Entry("\"\\u0061\\uD83D\\uDE42\"", "U8", "[1]", 0, 1) + "}",
        ];
        int[] data = [0, 0, 0, 4, 4, 0, 1];
        foreach ((string json, int count) in sound.Zip(data)) SafeTensors.Read(new MemoryStream(SafeTensorsBytes.Of(json, count)));
        Assert.Equal([2, 3], SafeTensors.Read(new MemoryStream(SafeTensorsBytes.Of(sound[4], 4)))["b"].ToArray<byte>());
    }

    [Fact]
    public void A_stream_is_read_from_its_position()
    {
        var stream = new MemoryStream([9, 9, 9, .. SafeTensorsBytes.Small()]) { Position = 3 };
        // the length of the file is that of the rest
        Assert.Equal([0x1F1E1D1C1B1A1918, 0x2726252423222120], SafeTensors.Read(stream)["n"].ToArray<long>());
    }

    [Fact]
    public void Wrong_calls_are_named()
    {
        using var folder = new TemporaryFolder();
        Tensor one = Tensor.Scalar(1);
        Assert.Contains("two tensors called 'a'", Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["t"], [new("a", one), new("a", one)])).Message);
        Assert.Contains("'a\\u0007'", Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["t"], [new("a\a", one)])).Message);
        Assert.Contains("'../a'", Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["t"], [new("../a", one)])).Message);
        Assert.Contains("'__metadata__'", Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["t"], [new("__metadata__", one)])).Message);
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(folder["t"], [new("a", null!)]));
        Assert.Throws<ArgumentException>(() => SafeTensors.Read(new CountingStream([], seekable: false)));
        Assert.Throws<FileNotFoundException>(() => SafeTensors.Read(folder["t"]));
        Assert.Empty(folder.Names);
    }

    private static byte[] Bytes(Tensor tensor)
    {
        var file = new MemoryStream();
        TensorBytes.Write(file, tensor);
        return file.ToArray();
    }
}
