namespace MiniDeep.Data;

/// <summary>
/// Reads and writes NumPy's NPY files: one array of float32, float64, int32, int64, uint8 or bool, in C or in Fortran order, of either byte order.
/// </summary>
/// <remarks>
/// Files may come from anywhere. The header is read as data, never evaluated; memory is taken for what is there, not for what is promised; arrays of Python objects, which NumPy pickles, are
/// refused.
/// </remarks>
public static class NpyFile
{
    private const int ChunkSize = 1 << 20;

    /// <summary>Reads a file, as <c>np.load</c> does.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataFileException">The file is no whole, sound NPY file, or of a type that tensors can't hold.</exception>
    /// <exception cref="IOException">The file is missing, is a folder or cannot be read.</exception>
    public static Tensor Read(string path)
    {
        using FileStream file = InputFile.Open(path);
        return Read(file, path);
    }

    /// <summary>Reads a stream from its position to its end and leaves it open.</summary>
    /// <param name="stream">The stream; it need not be able to seek.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <exception cref="InvalidDataFileException">The stream holds no whole, sound NPY file, or one of a type that tensors can't hold.</exception>
    public static Tensor Read(Stream stream, string name = "NPY stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return Read(stream, stream.CanSeek ? stream.Length - stream.Position : null, name);
    }

    /// <summary>Writes a tensor to a file, which appears whole or not at all; <c>np.load</c> reads it.</summary>
    /// <param name="path">The file, in a folder that exists.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="fortranOrder">Whether the first axis runs fastest, as in Fortran and MATLAB; by default the last.</param>
    /// <exception cref="IOException">The file couldn't be written; the message names it, and what was there is as it was.</exception>
    public static void Write(string path, Tensor tensor, bool fortranOrder = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensor);
        AtomicFile.Write(path, file => Write(file, tensor, fortranOrder));
    }

    internal static void Write(Stream file, Tensor tensor, bool fortranOrder)
    {
        file.Write(NpyHeader.Of(tensor, fortranOrder));
        using (Tensor.NoGrad()) TensorBytes.Write(file, fortranOrder ? Reversed(tensor.Detach()) : tensor);
    }

    /// <param name="stream">The file.</param>
    /// <param name="length">Its length, where it is known for sure.</param>
    /// <param name="name">Its name.</param>
    internal static Tensor Read(Stream stream, long? length, string name)
    {
        NpyHeader header = NpyHeader.Read(stream, name, out int headerLength);
        if (length is { } known && known - headerLength != header.Size) throw WrongLength(header, name, $"{known - headerLength}");
        Shape stored = header.IsFortran ? Shape.Create([.. header.Shape.Reverse()]) : header.Shape;
        Tensor elements = length is null ? ReadArriving(stream, header, stored, name) : ReadKnown(stream, header, stored, name);
        using (Tensor.NoGrad()) return header.IsFortran ? Reversed(elements).Contiguous() : elements;
    }

    private static Tensor ReadKnown(Stream stream, NpyHeader header, Shape stored, string name)
    {
        Tensor tensor = Tensor.Empty(stored, header.DType, Device.Cpu);
        var chunk = new byte[(int)Math.Min(ChunkSize, header.Size)];
        for (long at = 0; at < header.Size;)
        {
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, header.Size - at));
            Fill(stream, part, header, name, at);
            tensor.WriteBytes(at, part);
            at += part.Length;
        }
        return tensor;
    }

    /// <summary>Takes memory only for what has arrived: twice the data at the most, however much the header promises.</summary>
    private static Tensor ReadArriving(Stream stream, NpyHeader header, Shape stored, string name)
    {
        List<byte[]> chunks = [];
        for (long at = 0; at < header.Size;)
        {
            // small at first: a promise is no reason for a large buffer
            var chunk = new byte[(int)Math.Min(chunks.Count < 4 ? ChunkSize / 64 : ChunkSize, header.Size - at)];
            Fill(stream, chunk, header, name, at);
            chunks.Add(chunk);
            at += chunk.Length;
        }
        if (stream.ReadByte() >= 0) throw WrongLength(header, name, "more");
        Tensor tensor = Tensor.Empty(stored, header.DType, Device.Cpu);
        long written = 0;
        foreach (byte[] chunk in chunks)
        {
            tensor.WriteBytes(written, chunk);
            written += chunk.Length;
        }
        return tensor;
    }

    private static void Fill(Stream stream, Span<byte> part, NpyHeader header, string name, long before)
    {
        int got = stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false);
        if (got < part.Length) throw WrongLength(header, name, $"{before + got}");
        ElementBytes.Arrange(part, header.DType.Size(), header.IsLittleEndian);
        if (header.DType == DType.Bool && !ElementBytes.AreBooleans(part)) throw new InvalidDataFileException(name, "truth values of 0 or 1", "another byte");
    }

    private static InvalidDataFileException WrongLength(NpyHeader header, string name, string found) =>
        new(name, $"{header.Size} bytes of elements, as the header's {header.DType} {header.Shape} promises", found);

    /// <summary>The axes the other way round.</summary>
    private static Tensor Reversed(Tensor tensor)
    {
        int[] order = [.. Enumerable.Range(0, tensor.Rank).Reverse()];
        return tensor.Rank < 2 ? tensor : tensor.Transpose(order);
    }
}
