using MiniDeep.Data;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Data;

/// <summary>Files that NumPy wrote, and files that NumPy has read (tests/fixtures/formats.py).</summary>
public class FormatFixtureTests
{
    private static readonly string _numpy = Repository.PathTo("tests/fixtures/formats/numpy"), _minideep = Repository.PathTo("tests/fixtures/formats/minideep");
    private static readonly (string Kind, DType DType)[] _kinds =
        [("f4", DType.Float32), ("f8", DType.Float64), ("i4", DType.Int32), ("i8", DType.Int64), ("u1", DType.UInt8), ("b1", DType.Bool)];

    public static TheoryData<string> OfNumPy =>
    [
        .. from kind in _kinds from order in new[] { "c", "f" } select $"{kind.Kind}-{order}",
        "f4-big", "f8-big", "i4-big", "i8-big", "f4-version2", "f8-scalar", "f4-vector", "f4-empty",
    ];

    [Theory]
    [MemberData(nameof(OfNumPy))]
    public void An_array_of_NumPy_is_read(string name)
    {
        Shape shape = name switch
        {
            "f8-scalar" => [],
            "f4-vector" => [5],
            "f4-empty" => [0, 3],
            _ => [2, 3, 4],
        };
        AssertValues(_kinds.Single(kind => name.StartsWith(kind.Kind, StringComparison.Ordinal)).DType, shape, NpyFile.Read(Path.Combine(_numpy, name + ".npy")));
        using var stream = new CountingStream(File.ReadAllBytes(Path.Combine(_numpy, name + ".npy")), seekable: false);
        Assert.Equal(shape, NpyFile.Read(stream).Shape);
    }

    [Theory]
    [InlineData("refused-objects", "Python objects: they are pickled, and a pickle runs code when it is read")]
    [InlineData("refused-records", "one of records")]
    [InlineData("refused-halves", "'<f2'")]
    [InlineData("refused-text", "'<U2'")]
    public void An_array_that_tensors_cannot_hold_is_refused(string name, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataFileException>(() => NpyFile.Read(Path.Combine(_numpy, name + ".npy"))).Message);

    [Theory]
    [InlineData("stored")]
    [InlineData("deflated")]
    public void An_archive_of_NumPy_is_read(string name)
    {
        IReadOnlyDictionary<string, Tensor> arrays = NpzFile.Read(Path.Combine(_numpy, name + ".npz"));
        Assert.Equal(_kinds.Select(kind => kind.Kind), arrays.Keys);
        foreach ((string kind, DType dtype) in _kinds) AssertValues(dtype, [2, 3, 4], arrays[kind]);
    }

    /// <summary>The committed files are those that formats.py has checked: what is written now is the same to the byte.</summary>
    [Fact]
    public void What_is_written_is_what_NumPy_has_read()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, Tensor> all = _kinds.ToDictionary(kind => kind.Kind, kind => Values(kind.DType, [2, 3, 4]));
        SafeTensors.Write(folder["all.safetensors"], all, new Dictionary<string, string> { ["by"] = "MiniDeep" });
        foreach ((string kind, Tensor tensor) in all)
        {
            NpyFile.Write(folder[kind + "-c.npy"], tensor);
            NpyFile.Write(folder[kind + "-f.npy"], tensor, fortranOrder: true);
        }
        NpyFile.Write(folder["f8-scalar.npy"], Values(DType.Float64, []));
        NpyFile.Write(folder["f4-empty.npy"], Values(DType.Float32, [0, 3]));
        NpzFile.Write(folder["stored.npz"], all);
        NpzFile.Write(folder["deflated.npz"], all, compress: true);
        Sequential model = new Sequential([5, 5, 1], seed: 1).Conv2D(2, 3, Padding.Valid, Activation.ReLU).Flatten().Dense(2);
        foreach (string name in new[] { "conv2d.kernel", "dense.kernel" }) model.SetWeight(name, Values(DType.Float32, model.GetParameter(name).Shape));
        model.Save(folder["model.safetensors"]);

        if (Environment.GetEnvironmentVariable("MINIDEEP_WRITE_FIXTURES") is { Length: > 0 })
        {
            Directory.CreateDirectory(_minideep);
            foreach (string name in folder.Names) File.Copy(folder[name], Path.Combine(_minideep, name), overwrite: true);
        }
        Assert.Equal(Directory.GetFiles(_minideep).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal), folder.Names);
        foreach (string name in folder.Names)
        {
            // another version of the runtime may compress otherwise
            if (name != "deflated.npz") Assert.True(File.ReadAllBytes(Path.Combine(_minideep, name)).AsSpan().SequenceEqual(File.ReadAllBytes(folder[name])), name);
        }
        foreach ((string kind, DType dtype) in _kinds) AssertValues(dtype, [2, 3, 4], NpzFile.Read(Path.Combine(_minideep, "deflated.npz"))[kind]);
    }

    /// <summary>The same numbers as in formats.py.</summary>
    private static Tensor Values(DType dtype, Shape shape)
    {
        double[] numbers = [.. Enumerable.Range(0, shape.ElementCount).Select(i => (double)(i * 37 % 101)).Select(n => dtype switch
        {
            DType.Bool => n % 3 == 0 ? 1 : 0,
            DType.UInt8 => n,
            _ => (n - 50) / (dtype.IsFloat() ? 8 : 1),
        })];
        return Tensor.From(numbers, shape).To(dtype);
    }

    private static void AssertValues(DType dtype, Shape shape, Tensor found)
    {
        Assert.Equal(dtype, found.DType);
        Assert.Equal(shape, found.Shape);
        Assert.True(found.IsContiguous);
        Assert.Equal(Values(dtype, shape).To(DType.Float64).ToArray<double>(), found.To(DType.Float64).ToArray<double>());
    }
}
