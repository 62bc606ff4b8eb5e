namespace MiniDeep.Data;

/// <summary>A stream that is only read, from front to back.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Some bytes of an archive.</summary>
/// <param name="archive">The archive; its position is moved.</param>
/// <param name="start">The first byte.</param>
/// <param name="length">How many.</param>
internal sealed class ZipPart(Stream archive, long start, long length) : ForwardStream
{
    private long _at;

    public override int Read(Span<byte> buffer)
    {
        archive.Position = start + _at;
        int got = archive.Read(buffer[..(int)Math.Min(buffer.Length, length - _at)]);
        _at += got;
        return got;
    }
}

/// <summary>Content of a promised length; sums up its checksum.</summary>
/// <param name="content">The content.</param>
/// <param name="length">Its length.</param>
internal sealed class CheckedContent(Stream content, long length) : ForwardStream
{
    /// <summary>The bytes that are still to come.</summary>
    public long Left { get; private set; } = length;

    /// <summary>The CRC-32 of those that came.</summary>
    public uint Checksum { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int got = content.Read(buffer[..(int)Math.Min(buffer.Length, Left)]);
        Checksum = Crc32.Append(Checksum, buffer[..got]);
        Left -= got;
        return got;
    }
}
