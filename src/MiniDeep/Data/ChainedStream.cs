namespace MiniDeep.Data;

/// <summary>Reads one stream after the other as if they were one, and counts what it has read. Leaves them open.</summary>
internal sealed class ChainedStream(params Stream[] parts) : ForwardStream
{
    private int _current;

    /// <summary>The bytes read so far.</summary>
    public long BytesRead { get; private set; }

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
}
