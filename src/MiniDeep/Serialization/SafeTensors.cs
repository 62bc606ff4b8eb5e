using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace MiniDeep;

/// <summary>
/// Reads and writes safetensors files (https://github.com/huggingface/safetensors): named tensors in one plain file that PyTorch, Keras, JAX and others read too. Nothing in such a file is
/// ever run.
/// </summary>
/// <remarks>Files may come from anywhere: a file that breaks a rule of the format is refused before memory is taken for what it promises.</remarks>
public static class SafeTensors
{
    private const int Alignment = 8;

    /// <summary>Reads all tensors of a file, in the order of their bytes. Halves and bfloat16 come as Float32, small integers as Int32, U32 as Int64: exactly.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataFileException">The file is no sound safetensors file, or holds a type that tensors can't (U64, complex numbers, 8-bit floats).</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return ReadAll(file);
    }

    /// <summary>Reads all tensors of a stream, from its position to its end, and leaves it open.</summary>
    /// <param name="stream">The stream; it must be able to seek.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <exception cref="InvalidDataFileException">The stream holds no sound safetensors file, or a type that tensors can't hold.</exception>
    /// <exception cref="ArgumentException">The stream can't seek.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(Stream stream, string name = "safetensors stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        if (!stream.CanSeek) throw new ArgumentException("A safetensors file is read from a stream that can seek.", nameof(stream));
        using SafeTensorsFile file = SafeTensorsFile.Open(stream, name);
        return ReadAll(file);
    }

    /// <summary>Reads what a file says about itself: pairs of strings.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataFileException">The file is no sound safetensors file.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return file.Header.Metadata;
    }

    /// <summary>Writes tensors to a file, which appears whole or not at all: a kill or a full disk leaves what was there.</summary>
    /// <param name="path">The file, in a folder that exists.</param>
    /// <param name="tensors">The tensors with their names, such as those of <see cref="Model.GetWeights"/>.</param>
    /// <param name="metadata">What the file says about itself.</param>
    /// <exception cref="ArgumentException">A name is empty, too long, has control characters or is there twice.</exception>
    /// <exception cref="IOException">The file couldn't be written; the message names it.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        // the widest elements first, so that all are aligned
        KeyValuePair<string, Tensor>[] ordered = [.. tensors];
        if (Array.Exists(ordered, static t => t.Value is null)) throw new ArgumentException("A tensor is null.", nameof(tensors));
        ordered = [.. ordered.OrderByDescending(static t => t.Value.DType.Size())];
        ReadOnlyMemory<byte> header = Header(ordered, metadata ?? new Dictionary<string, string>());
        AtomicFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header.Span);
            foreach ((_, Tensor tensor) in ordered) TensorBytes.Write(file, tensor);
        });
    }

    private static OrderedDictionary<string, Tensor> ReadAll(SafeTensorsFile file)
    {
        var tensors = new OrderedDictionary<string, Tensor>();
        foreach (SafeTensorEntry entry in file.Header.Entries) tensors.Add(entry.Name, file.Read(entry));
        return tensors;
    }

    private static ReadOnlyMemory<byte> Header(KeyValuePair<string, Tensor>[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject(SafeTensorsHeader.MetadataName);
                foreach ((string key, string value) in metadata)
                {
                    if (JsonEncodedText.Encode(value).EncodedUtf8Bytes.Length > JsonTokens.MaxText - 16)
                        throw new ArgumentException($"A text of the metadata has at most {JsonTokens.MaxText} bytes in the file; '{key}' has more.", nameof(metadata));
                    json.WriteString(key, value);
                }
                json.WriteEndObject();
            }
            var names = new HashSet<string>();
            long end = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                if (!EntryName.IsHarmless(name) || name == SafeTensorsHeader.MetadataName)
                    throw new ArgumentException($"A tensor in a file can't be called {EntryName.Shown(name)}: 1 to 1,024 printable characters, and no path out of a folder.", nameof(tensors));
                if (!names.Add(name)) throw new ArgumentException($"There are two tensors called '{name}'.", nameof(tensors));
                Describe(json, name, tensor, ref end);
            }
            json.WriteEndObject();
        }
        // the format allows spaces behind the JSON: they align the data
        int padding = (Alignment - (text.WrittenCount % Alignment)) % Alignment;
        text.GetSpan(padding)[..padding].Fill((byte)' ');
        text.Advance(padding);
        return text.WrittenCount <= SafeTensorsHeader.MaxLength
            ? text.WrittenMemory
            : throw new ArgumentException($"A safetensors header has at most {SafeTensorsHeader.MaxLength} bytes; this one would have {text.WrittenCount}.", nameof(tensors));
    }

    private static void Describe(Utf8JsonWriter json, string name, Tensor tensor, ref long end)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", SafeTensorFormat.Of(tensor.DType).Name);
        json.WriteStartArray("shape");
        foreach (int size in tensor.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(end);
        json.WriteNumberValue(end += (long)tensor.Count * tensor.DType.Size());
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
