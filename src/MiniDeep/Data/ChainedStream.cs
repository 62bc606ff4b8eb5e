namespace MiniDeep.Data;

/// <summary>Reads one stream after the other as if they were one, and counts what it has read. Leaves them open.</summary>
internal sealed class ChainedStream(params Stream[] parts) : Stream
{
    private int _current;

    /// <summary>The bytes read so far.</summary>
    public long BytesRead { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        for (; _current < parts.Length; _current++)
        {
            int count = parts[_current].Read(buffer);
            BytesRead += count;
            if (count > 0)
                return count;
        }
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
