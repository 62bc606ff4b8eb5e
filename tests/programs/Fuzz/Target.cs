using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MiniDeep.Data;

namespace MiniDeep.Fuzz;

/// <summary>A reader with files to begin from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Read">Reads a file.</param>
/// <param name="Words">What may stand in such files.</param>
/// <param name="Seeds">Sound files, made when they are first asked for.</param>
/// <param name="Repair">Makes a mutated file's lengths and checksums right, so that the reader gets further; null where there are none.</param>
internal sealed record Target(string Name, Action<Stream> Read, string[] Words, Lazy<byte[][]> Seeds, Func<byte[], byte[]>? Repair = null)
{
    private static readonly string[] s_json =
        ["{", "}", "[", "]", ",", ":", "\"", "null", "true", "1e999", "-0", "\\u0000", "\\uD800", "\"dtype\"", "\"F32\"", "\"BF16\"", "\"U64\"", "\"data_offsets\"", "__metadata__", " ", "\u202E"];

    private static readonly string[] s_model =
        ["\\\"kind\\\"", "sequential", "dense", "conv2d", "flatten", "\\\"layers\\\":[", "{\\\"kind\\\":\\\"flatten\\\",\\\"name\\\":\\\"f\\\"},", "NaN", "\\\"Infinity\\\"", "leaky_relu"];

    private static readonly string[] s_npy = ["'descr'", "'<f4'", "'|O'", "'>i8'", "True", "False", "(", ")", ",", "'", "L", "\n", "{", "}", "__import__('os')"];

    /// <summary>All readers.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new("safetensors", static stream => SafeTensors.Read(stream), s_json, Seed(".safetensors", SafeTensorsSeed, ModelSeed), Prefixed),
        new("model", ReadModel, [.. s_json, .. s_model], Seed(".safetensors", ModelSeed, CheckpointSeed), Prefixed),
        new("checkpoint", ReadCheckpoint, [.. s_json, "\\\"epoch\\\"", "\\\"draws\\\"", "training/sums"], Seed(".safetensors", CheckpointSeed), Prefixed),
        new("npy", static stream => NpyFile.Read(stream), s_npy, Seed(".npy", NpySeed, FortranSeed), NpyLength),
        new("npz", static stream => NpzFile.Read(stream), [.. s_npy, "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "../", "a.npy"], Seed(".npz", StoredSeed, DeflatedSeed), Checksums),
        new("csv", ReadCsv, [",", ";", "\"", "\"\"", "\n", "\r", "\t", "NaN", "?", "1e308", "\uFEFF", "-", "a"], new([.. Csvs.Select(Encoding.UTF8.GetBytes)])),
        new("idx", static stream => IdxReader.Read(stream), ["\u0000\u0000\u0008\u0003"], new(Idxs)),
    ];

    private static string[] Csvs =>
    [
        "a,b,c\n1,2,x\n3.5,-1e-3,y\n,NA,x\n", "\"q\"\"1\",\"two\nlines\",label\r\n1,2,3\r\n4,5,6\r\n", "1\n", "a,b\n1,2\n\n\n3,4",
    ];

    private static void ReadModel(Stream stream)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(stream, "model");
        ModelFile.Read(file);
    }

    private static void ReadCheckpoint(Stream stream)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(stream, "checkpoint");
        (Sequential model, Optimizer optimizer) = Network();
        Resumption.Read(file, "folder/checkpoint", model, optimizer, isOrderGiven: false).Apply();
    }

    private static void ReadCsv(Stream stream) => CsvReader.Read(stream, format: new CsvFormat { Missing = (CsvMissing)(stream.Length % 3), HasHeader = stream.Length % 2 == 0 });

    private static (Sequential Model, Optimizer Optimizer) Network()
    {
        Sequential model = new Sequential([3], seed: 1).Dense(2, Activation.LeakyReLU(0.1)).Dropout(0.5).Dense(2);
        return (model, new Adam());
    }

    /// <summary>The files that MiniDeep writes.</summary>
    private static Lazy<byte[][]> Seed(string ending, params Action<string>[] write) => new(() => [.. write.Select(action =>
    {
        string folder = Directory.CreateTempSubdirectory("minideep-fuzz-").FullName, path = Path.Combine(folder, "seed" + ending);
        action(path);
        byte[] bytes = File.ReadAllBytes(path);
        Directory.Delete(folder, recursive: true);
        return bytes;
    })]);

    private static Dictionary<string, Tensor> Tensors() => new()
    {
        ["a"] = Tensor.From([1f, 2, 3, 4, 5, 6], [2, 3]),
        ["b/c"] = Tensor.From([true, false]),
        ["n"] = Tensor.From([7L]),
        ["s"] = Tensor.Scalar(0.5, DType.Float64),
        ["e"] = Tensor.Zeros([0, 2]),
    };

    private static void SafeTensorsSeed(string path) => SafeTensors.Write(path, Tensors(), new Dictionary<string, string> { ["format"] = "pt" });

    private static void ModelSeed(string path) => new Sequential([4, 4, 1], seed: 3).Conv2D(2, 3, Padding.Same, Activation.LeakyReLU(0.2)).MaxPool2D(2).Flatten()
        .Add(new Sequential(seed: 4).Dense(2).Dropout(0.5)).Dense(2, Activation.Softmax, kernelInitializer: Initializer.Normal()).Save(path);

    private static void CheckpointSeed(string path)
    {
        (Sequential model, Optimizer optimizer) = Network();
        string folder = Path.Combine(Path.GetDirectoryName(path)!, "run");
        model.Compile(optimizer, Loss.MeanSquaredError);
        model.Fit(Tensor.Ones([5, 3]), Tensor.Zeros([5, 2]), epochs: 2, batchSize: 2, verbosity: Verbosity.Silent, callbacks: [new Checkpoint(folder)]);
        File.Copy(Checkpoint.Newest(folder)!, path);
    }

    private static void NpySeed(string path) => NpyFile.Write(path, Tensors()["a"]);

    private static void FortranSeed(string path) => NpyFile.Write(path, Tensors()["a"].To(DType.Int32), fortranOrder: true);

    private static void StoredSeed(string path) => NpzFile.Write(path, Tensors());

    private static void DeflatedSeed(string path) => NpzFile.Write(path, Tensors(), compress: true);

    private static byte[][] Idxs()
    {
        byte[] plain = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6], wide = [0, 0, 13, 1, 0, 0, 0, 2, .. new byte[8]];
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(plain);
        return [plain, wide, packed.ToArray()];
    }

    /// <summary>Makes the first eight bytes of a safetensors file the length of what looks like its header.</summary>
    private static byte[] Prefixed(byte[] file)
    {
        int end = file.AsSpan().LastIndexOf((byte)'}') + 1;
        while (end < file.Length && file[end] == ' ') end++;
        if (end > 8) BinaryPrimitives.WriteInt64LittleEndian(file, end - 8);
        return file;
    }

    private static byte[] NpyLength(byte[] file)
    {
        int end = Array.IndexOf(file, (byte)'\n', Math.Min(10, file.Length));
        if (end > 10) BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)(end - 9));
        return file;
    }

    /// <summary>Makes the checksums of an archive's stored files those of their bytes.</summary>
    private static byte[] Checksums(byte[] file)
    {
        for (int at = 0; at + 46 <= file.Length; at++)
        {
            if (file[at] != 'P' || file[at + 1] != 'K' || file[at + 2] != 1 || file[at + 3] != 2 || file[at + 10] != 0) continue;
            long start = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 42)), size = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 20));
            if (start + 30 > file.Length) continue;
            long data = start + 30 + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan((int)start + 26)) + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan((int)start + 28));
            if (data + size <= file.Length) BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at + 16), Crc32.Append(0, file.AsSpan((int)data, (int)size)));
        }
        return file;
    }
}
