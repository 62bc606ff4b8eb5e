namespace MiniDeep;

/// <summary>An open safetensors file whose header is sound; its tensors are read one by one.</summary>
internal sealed class SafeTensorsFile : IDisposable
{
    private const int ChunkSize = 1 << 20;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly long _origin;
    private byte[]? _chunk;

    private SafeTensorsFile(Stream stream, string name, bool leaveOpen)
    {
        (_stream, Name, _leaveOpen) = (stream, name, leaveOpen);
        _origin = stream.Position;
        Header = SafeTensorsHeader.Read(stream, name);
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    public SafeTensorsHeader Header { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="InvalidDataFileException">It is no sound safetensors file.</exception>
    /// <exception cref="IOException">The file is missing, is a folder or can't be read.</exception>
    public static SafeTensorsFile Open(string path)
    {
        FileStream stream = InputFile.Open(path, bufferSize: 0);
        try
        {
            return new SafeTensorsFile(stream, path, leaveOpen: false);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads the header of a stream that holds a file from its beginning to its end, and leaves it open.</summary>
    public static SafeTensorsFile Open(Stream stream, string name) => new(stream, name, leaveOpen: true);

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="InvalidDataFileException">Tensors can't hold the type, a truth value is neither 0 nor 1, or the file was cut in the meantime.</exception>
    public Tensor Read(SafeTensorEntry entry)
    {
        DType dtype = entry.Format.DType ?? throw new InvalidDataFileException(
            Name, $"tensor {EntryName.Shown(entry.Name)} of a type that tensors can hold or be widened to", entry.Format.Name);
        Tensor tensor = Tensor.Empty(entry.Shape, dtype, Device.Cpu);
        _chunk ??= new byte[(int)Math.Min(ChunkSize, Math.Max(Header.DataLength, sizeof(double)))];
        _stream.Position = _origin + Header.DataStart + entry.Begin;
        byte[] widened = entry.Format.Widen is null ? [] : new byte[_chunk.Length / entry.Format.Size * dtype.Size()];
        long written = 0;
        for (long left = entry.End - entry.Begin; left > 0;)
        {
            Span<byte> chunk = _chunk.AsSpan(0, (int)Math.Min(left, _chunk.Length / sizeof(double) * sizeof(double)));
            if (_stream.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) < chunk.Length)
                throw new InvalidDataFileException(Name, $"{entry.End - entry.Begin} bytes of tensor {EntryName.Shown(entry.Name)}", "a file that was cut while it was read");
            left -= chunk.Length;
            ReadOnlySpan<byte> elements = Convert(entry, chunk, widened);
            tensor.WriteBytes(written, elements);
            written += elements.Length;
        }
        return tensor;
    }

    public void Dispose()
    {
        if (!_leaveOpen) _stream.Dispose();
    }

    private ReadOnlySpan<byte> Convert(SafeTensorEntry entry, Span<byte> chunk, Span<byte> widened)
    {
        ElementBytes.Arrange(chunk, entry.Format.Size, isLittleEndian: true);
        if (entry.Format.DType == DType.Bool && !ElementBytes.AreBooleans(chunk))
            throw new InvalidDataFileException(Name, $"tensor {EntryName.Shown(entry.Name)} of truth values, 0 or 1", "another byte");
        if (entry.Format.Widen is not { } widen) return chunk;
        widened = widened[..(chunk.Length / entry.Format.Size * entry.Format.DType!.Value.Size())];
        widen(chunk, widened);
        return widened;
    }
}
