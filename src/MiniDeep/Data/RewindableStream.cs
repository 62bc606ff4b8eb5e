namespace MiniDeep.Data;

/// <summary>A stream from its position on that can be read again: where it can't seek, from what this one keeps of it, in pieces that are never copied. Leaves it open.</summary>
internal sealed class RewindableStream(Stream content) : ForwardStream
{
    private const int PieceSize = 1 << 16;

    private readonly long? _start = content.CanSeek ? content.Position : null;
    private readonly List<byte[]> _pieces = [];
    private long _kept;
    private long _at;

    public override int Read(Span<byte> buffer)
    {
        if (_start is not null) return content.Read(buffer);
        (int piece, int begin) = ((int)(_at / PieceSize), (int)(_at % PieceSize));
        if (piece == _pieces.Count) _pieces.Add(new byte[PieceSize]);
        Span<byte> rest = _pieces[piece].AsSpan(begin, Math.Min(buffer.Length, PieceSize - begin));
        int got = _at < _kept ? (int)Math.Min(rest.Length, _kept - _at) : content.Read(rest);
        rest[..got].CopyTo(buffer);
        _at += got;
        _kept = Math.Max(_kept, _at);
        return got;
    }

    /// <summary>Goes back to where the reading began.</summary>
    public void Rewind()
    {
        if (_start is { } start) content.Position = start;
        _at = 0;
    }
}
