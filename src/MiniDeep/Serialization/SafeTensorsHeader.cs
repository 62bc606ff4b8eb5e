using System.Buffers.Binary;
using System.Text.Json;

namespace MiniDeep;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Format">The type of its elements.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Begin">Its first byte, from the start of the data on.</param>
/// <param name="End">The byte behind its last.</param>
internal sealed record SafeTensorEntry(string Name, SafeTensorFormat Format, Shape Shape, long Begin, long End);

/// <summary>
/// The header of a safetensors file (https://github.com/huggingface/safetensors): its length as eight bytes, little-endian, then JSON that says for each tensor its dtype, its shape and
/// which bytes are its own. Read to the letter of the format: offsets leave no gap and no byte belongs to two tensors.
/// </summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The format's own bound.</summary>
    public const int MaxLength = 100_000_000;

    public const string MetadataName = "__metadata__";

    private readonly string _file;
    private readonly List<SafeTensorEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];

    private SafeTensorsHeader(string file, long dataStart, long dataLength) => (_file, DataStart, DataLength) = (file, dataStart, dataLength);

    /// <summary>The tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorEntry> Entries => _entries;

    /// <summary>What the file says about itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Where the data begin in the file.</summary>
    public long DataStart { get; }

    /// <summary>The bytes of all tensors.</summary>
    public long DataLength { get; }

    /// <summary>Reads the header of a stream, whose position is then anywhere.</summary>
    /// <param name="stream">The file, from its beginning.</param>
    /// <param name="file">Its name.</param>
    /// <exception cref="InvalidDataFileException">It is no sound safetensors file.</exception>
    public static SafeTensorsHeader Read(Stream stream, string file)
    {
        long total = stream.Length - stream.Position;
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (total < prefix.Length || stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            throw new InvalidDataFileException(file, "a safetensors file, which starts with the length of its header in eight bytes", $"{total} bytes");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength) throw new InvalidDataFileException(file, $"a safetensors header of at most {MaxLength} bytes", $"a length of {length}");
        long dataStart = prefix.Length + (long)length;
        if (dataStart > total) throw new InvalidDataFileException(file, $"a safetensors header of {length} bytes", $"a file of {total} bytes");
        var header = new SafeTensorsHeader(file, dataStart, total - dataStart);
        header.ReadJson(stream, (long)length);
        header.CheckOffsets();
        return header;
    }

    private void ReadJson(Stream stream, long length)
    {
        var json = new JsonTokens(stream, length, _file);
        json.Read(JsonTokenType.StartObject, "a safetensors header, which is a JSON object");
        if (json.Start != 0) throw new InvalidDataFileException(_file, "a safetensors header, which begins with '{'", "spaces before it");
        var names = new HashSet<string>();
        while (json.Read() && json.Type == JsonTokenType.PropertyName)
        {
            string name = json.Text;
            if (!names.Add(name)) throw new InvalidDataFileException(_file, "each name once", $"{EntryName.Shown(name)} twice");
            if (name == MetadataName)
            {
                ReadMetadata(json);
                continue;
            }
            if (!EntryName.IsHarmless(name))
                throw new InvalidDataFileException(_file, "names of tensors with 1 to 1,024 printable characters that aren't a path out of a folder", EntryName.Shown(name));
            _entries.Add(ReadEntry(json, name));
        }
        if (json.Read()) throw new InvalidDataFileException(_file, "nothing behind the header's object but spaces", "more JSON");
    }

    private void ReadMetadata(JsonTokens json)
    {
        const string Expected = "metadata that are a JSON object of strings";
        json.Read(JsonTokenType.StartObject, Expected);
        while (json.Read() && json.Type == JsonTokenType.PropertyName)
        {
            string name = json.Text;
            if (!_metadata.TryAdd(name, json.ReadText(Expected))) throw new InvalidDataFileException(_file, "each name of the metadata once", $"{EntryName.Shown(name)} twice");
        }
    }

    private SafeTensorEntry ReadEntry(JsonTokens json, string name)
    {
        string shown = $"tensor {EntryName.Shown(name)}";
        SafeTensorFormat? format = null;
        List<long>? sizes = null, offsets = null;
        json.Read(JsonTokenType.StartObject, $"{shown} described by a JSON object");
        while (json.Read() && json.Type == JsonTokenType.PropertyName)
        {
            switch (json.Text)
            {
                case "dtype" when format is null:
                    json.Read(JsonTokenType.String, $"{shown} with a dtype");
                    format = SafeTensorFormat.Named(json.Text) ?? throw new InvalidDataFileException(_file, $"{shown} of a dtype of the format", EntryName.Shown(json.Text));
                    break;
                case "shape" when sizes is null:
                    sizes = ReadNumbers(json, $"{shown} with a shape of whole numbers");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(json, $"{shown} with two offsets");
                    break;
                default:
                    throw new InvalidDataFileException(_file, $"{shown} with dtype, shape and data_offsets, each once", EntryName.Shown(json.Text));
            }
        }
        if (format is null || sizes is null || offsets is not [long begin, long end])
            throw new InvalidDataFileException(_file, $"{shown} with dtype, shape and two data_offsets", "not all of them");
        string shape = $"[{string.Join(", ", sizes.Take(8))}{(sizes.Count > 8 ? ", …" : "")}]";
        long size = ElementBytes.Size([.. sizes], format.Size)
            ?? throw new InvalidDataFileException(_file, $"{shown} of at most {int.MaxValue} elements and 32 axes", $"the shape {shape}");
        if (begin > end || end > DataLength)
            throw new InvalidDataFileException(_file, $"{shown} inside the file's {DataLength} bytes of data", $"the bytes from {begin} to {end}");
        if (end - begin != size)
            throw new InvalidDataFileException(_file, $"{shown} in {size} bytes, as {format.Name} {shape} takes", $"{end - begin}");
        return new SafeTensorEntry(name, format, ElementBytes.ShapeOf([.. sizes]), begin, end);
    }

    private List<long> ReadNumbers(JsonTokens json, string expected)
    {
        const int Most = 64;
        List<long> numbers = [];
        json.Read(JsonTokenType.StartArray, expected);
        while (json.Read() && json.Type != JsonTokenType.EndArray)
        {
            if (json.Whole < 0 || numbers.Count == Most) throw new InvalidDataFileException(_file, expected, "something else there");
            numbers.Add(json.Whole);
        }
        return numbers;
    }

    /// <summary>Each byte of the data belongs to exactly one tensor.</summary>
    private void CheckOffsets()
    {
        _entries.Sort(static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long end = 0;
        foreach (SafeTensorEntry entry in _entries)
        {
            if (entry.Begin != end)
            {
                throw new InvalidDataFileException(
                    _file, $"tensor {EntryName.Shown(entry.Name)} to begin where the one before ends, at byte {end} of the data", $"{entry.Begin}");
            }
            end = entry.End;
        }
        if (end != DataLength) throw new InvalidDataFileException(_file, $"{end} bytes of data, as the header says", $"{DataLength}");
    }
}
