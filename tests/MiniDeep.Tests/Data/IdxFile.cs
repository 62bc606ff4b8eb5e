using System.Buffers.Binary;
using System.IO.Compression;

namespace MiniDeep.Tests.Data;

/// <summary>Builds IDX files, sound or not, byte by byte.</summary>
internal static class IdxFile
{
    /// <summary>A header, whatever it promises.</summary>
    public static byte[] Header(byte type, params uint[] dimensions)
    {
        var header = new byte[4 + 4 * dimensions.Length];
        header[2] = type;
        header[3] = (byte)dimensions.Length;
        for (int i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 + 4 * i), dimensions[i]);
        return header;
    }

    /// <summary>A sound file of bytes, [3, 2, 2].</summary>
    public static byte[] Small() => [.. Header(8, 3, 2, 2), .. Enumerable.Range(1, 12).Select(i => (byte)i)];

    /// <summary>One gzip member.</summary>
    public static byte[] GZip(byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        var file = new MemoryStream();
        using (var gzip = new GZipStream(file, level, leaveOpen: true))
            gzip.Write(content);
        return file.ToArray();
    }

    /// <summary>A gzip member with the given bytes and then <paramref name="zeros"/> zero bytes, made without holding them.</summary>
    public static byte[] GZipZeros(byte[] start, long zeros)
    {
        var file = new MemoryStream();
        var block = new byte[1 << 16];
        using (var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(start);
            for (; zeros > 0; zeros -= block.Length)
                gzip.Write(block.AsSpan(0, (int)Math.Min(block.Length, zeros)));
        }
        return file.ToArray();
    }
}

/// <summary>A stream that cannot seek, gives a few bytes at a time and counts them.</summary>
internal sealed class TrickleStream(byte[] content, int most = int.MaxValue) : Stream
{
    private readonly MemoryStream _inner = new(content);

    public long Given { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int got = _inner.Read(buffer, offset, Math.Min(count, most));
        Given += got;
        return got;
    }

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
