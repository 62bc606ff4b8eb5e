using System.Buffers.Binary;
using System.IO.Compression;

namespace MiniDeep.Data;

/// <summary>
/// Reads the IDX format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/), gzip-compressed or not: two zero bytes, the element type, the
/// number of dimensions, each dimension as a big-endian 32-bit number, then the elements, row-major and big-endian. Which of the two a file is
/// shows in its first bytes, whatever its name.
/// </summary>
/// <remarks>
/// Files may come from anywhere. The header is not believed: memory is taken as the data arrive, and a file that is cut short, too long, damaged or of
/// another format is refused. A small compressed file cannot fill the memory either, see the parameter maxBytes.
/// </remarks>
public static class IdxReader
{
    private const int MaxRank = 8;
    private const int ChunkSize = 1 << 20;

    // what a compressed file may grow to without the caller's word: MNIST grows to five times its size, sparse masks to a hundred
    private const int TrustedExpansion = 200;
    private const int AlwaysAllowed = 4 << 20;

    /// <summary>
    /// A whole gzip member that holds <see cref="EndMark"/>. GZipStream takes a file that is cut short, even inside its checksum, or has something behind its
    /// end, and says nothing. It does read members one after the other, so this one, put behind the file, comes out whole only if the file ends where its last member does.
    /// </summary>
    private static readonly byte[] _endMember =
    [
        0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF,    // header
        1, 8, 0, 0xF7, 0xFF, .. EndMark,          // one stored block: last, length, its complement
        0x0A, 0x52, 0xAD, 0x7D, 8, 0, 0, 0,       // CRC-32, length
    ];

    private static ReadOnlySpan<byte> EndMark => "MiniDeep"u8;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">
    /// The most bytes that the elements may take. By default a plain file may have any size up to 2 GB, and a compressed one may grow to 200 times its size plus 4 MiB.
    /// </param>
    /// <exception cref="InvalidDataFileException">The file is no whole, sound IDX file, or holds more than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="IOException">The file is missing, is a folder or cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is negative.</exception>
    public static IdxArray Read(string path, long? maxBytes = null)
    {
        using FileStream file = InputFile.Open(path);
        return Read(file, path, maxBytes);
    }

    /// <summary>Reads a stream from its position to its end and leaves it open.</summary>
    /// <param name="stream">The stream; it need not be able to seek.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <param name="maxBytes">As for a file.</param>
    /// <exception cref="InvalidDataFileException">The stream holds no whole, sound IDX file, or more than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is negative.</exception>
    public static IdxArray Read(Stream stream, string name = "IDX stream", long? maxBytes = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        if (maxBytes is { } limit)
            ArgumentOutOfRangeException.ThrowIfNegative(limit, nameof(maxBytes));

        long? length = stream.CanSeek ? stream.Length - stream.Position : null;
        var start = new byte[2];
        int got = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var whole = new MemoryStream(start, 0, got);
        if (start is not [0x1F, 0x8B])
            return ReadContent(new ChainedStream(whole, stream), length, null, name, maxBytes);

        var compressed = new ChainedStream(whole, stream, new MemoryStream(_endMember));
        if (maxBytes is null && length is { } known)
            maxBytes = Allowance(known);
        try
        {
            using var content = new GZipStream(compressed, CompressionMode.Decompress);
            return ReadContent(content, null, compressed, name, maxBytes);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataFileException(name, "sound gzip data to the end of the file", "damaged data, or a file that is cut short", e);
        }
    }

    private static long Allowance(long compressedLength) => AlwaysAllowed + TrustedExpansion * compressedLength;

    /// <param name="content">The plain content.</param>
    /// <param name="length">The length of the content, where it is known.</param>
    /// <param name="compressed">What the content is decompressed from, if it is.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="maxBytes">The most bytes of elements.</param>
    private static IdxArray ReadContent(Stream content, long? length, ChainedStream? compressed, string name, long? maxBytes)
    {
        Span<byte> magic = stackalloc byte[4];
        ReadHeader(content, magic, name);
        if (magic[0] != 0 || magic[1] != 0)
            throw new InvalidDataFileException(name, "an IDX file, which starts with two zero bytes (or with 1F-8B where it is compressed)", $"the bytes {magic[0]:X2}-{magic[1]:X2}");
        var type = (IdxElementType)magic[2];
        int elementSize = ElementSize(type) ??
            throw new InvalidDataFileException(name, "an IDX element type (08, 09, 0B, 0C, 0D or 0E)", $"the byte {magic[2]:X2}");
        int rank = magic[3];
        if (rank is 0 or > MaxRank)
            throw new InvalidDataFileException(name, $"1 to {MaxRank} dimensions", $"{rank}");

        Span<byte> sizes = stackalloc byte[sizeof(int) * MaxRank];
        sizes = sizes[..(sizeof(int) * rank)];
        ReadHeader(content, sizes, name);
        var dimensions = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            uint dimension = BinaryPrimitives.ReadUInt32BigEndian(sizes[(sizeof(int) * i)..]);
            if (dimension > int.MaxValue)
                throw new InvalidDataFileException(name, $"a dimension {i} below 2^31", $"{dimension}");
            dimensions[i] = (int)dimension;
        }
        int size = DataSize(dimensions, elementSize, name, maxBytes);

        long headerSize = magic.Length + sizes.Length;
        if (length is { } known && known != headerSize + size)
            throw WrongLength(name, dimensions, size, $"{known - headerSize}");
        byte[] data = length is not null ? ReadKnown(content, size, dimensions, name) : ReadArriving(content, size, dimensions, compressed, name, maxBytes);
        ElementBytes.Arrange(data, elementSize, isLittleEndian: false);
        return new IdxArray(type, dimensions, data);
    }

    private static void ReadHeader(Stream content, Span<byte> destination, string name)
    {
        int got = content.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        if (got < destination.Length)
            throw new InvalidDataFileException(name, "an IDX header: four bytes, then four for each dimension", $"{(got == 0 ? "no data" : "a file that ends")} inside it");
    }

    private static int? ElementSize(IdxElementType type) => type switch
    {
        IdxElementType.UInt8 or IdxElementType.Int8 => 1,
        IdxElementType.Int16 => 2,
        IdxElementType.Int32 or IdxElementType.Float32 => 4,
        IdxElementType.Float64 => 8,
        _ => null,
    };

    private static int DataSize(int[] dimensions, int elementSize, string name, long? maxBytes)
    {
        long limit = Math.Min(maxBytes ?? Array.MaxLength, Array.MaxLength);
        long size = dimensions.Contains(0) ? 0 : elementSize;
        foreach (int dimension in dimensions)
        {
            size *= dimension;    // at most 2^31 times 2^31
            if (size > limit)
                throw new InvalidDataFileException(name, $"at most {limit} bytes of elements", $"a header that promises [{string.Join(", ", dimensions)}] elements of {elementSize} bytes");
        }
        return (int)size;
    }

    private static byte[] ReadKnown(Stream content, int size, int[] dimensions, string name)
    {
        var data = new byte[size];
        int got = content.ReadAtLeast(data, size, throwOnEndOfStream: false);
        return got == size ? data : throw WrongLength(name, dimensions, size, $"{got}");    // it was cut while we read
    }

    /// <summary>Takes memory only for what has arrived: twice the data at the most, however much the header promises.</summary>
    private static byte[] ReadArriving(Stream content, int size, int[] dimensions, ChainedStream? compressed, string name, long? maxBytes)
    {
        var chunks = new List<byte[]>();
        for (int total = 0; total < size;)
        {
            var chunk = new byte[Math.Min(ChunkSize, size - total)];
            int got = content.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
            total += got;
            if (got < chunk.Length)
                throw WrongLength(name, dimensions, size, compressed is null ? $"{total}" : "an earlier end");
            if (maxBytes is null && compressed is not null && total > Allowance(compressed.BytesRead))
                throw new InvalidDataFileException(name, $"compressed data that grow to at most {TrustedExpansion} times their size (or a call with maxBytes)", "more");
            chunks.Add(chunk);
        }
        CheckEnd(content, size, dimensions, compressed is not null, name);

        var data = new byte[size];
        int position = 0;
        foreach (byte[] chunk in chunks)
        {
            chunk.CopyTo(data, position);
            position += chunk.Length;
        }
        return data;
    }

    private static void CheckEnd(Stream content, int size, int[] dimensions, bool isCompressed, string name)
    {
        Span<byte> rest = stackalloc byte[EndMark.Length + 1];
        rest = rest[..content.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false)];
        if (isCompressed)
        {
            if (rest.SequenceEqual(EndMark))
                return;
            if (EndMark.EndsWith(rest))    // the mark never came, or its beginning was taken for elements
                throw WrongLength(name, dimensions, size, "an earlier end, or a gzip file with something behind its end");
        }
        if (!rest.IsEmpty)
            throw WrongLength(name, dimensions, size, "more");
    }

    private static InvalidDataFileException WrongLength(string name, int[] dimensions, int size, string found) =>
        new(name, $"{size} bytes of elements, as the header's [{string.Join(", ", dimensions)}] promises", found);
}
