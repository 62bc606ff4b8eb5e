using Microsoft.Win32.SafeHandles;

namespace MiniDeep;

/// <summary>A new file to write to, once and in order.</summary>
internal sealed class AtomicFileStream : Stream
{
    private readonly FileSystem _disk;
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _buffered;
    private long _written;

    public AtomicFileStream(FileSystem disk, string path)
    {
        (_disk, _path) = (disk, path);
        _file = disk.Create(path);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written + _buffered;

    public override long Position { get => Length; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > _buffer.Length - _buffered) Flush();
        if (buffer.Length >= _buffer.Length)
        {
            Put(buffer);
            return;
        }
        buffer.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        if (_buffered > 0) Put(_buffer.AsSpan(0, _buffered));
        _buffered = 0;
    }

    /// <summary>Waits until the disk has what was flushed.</summary>
    public void FlushToDisk() => _disk.Flush(_file, _path);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Closes the file; what was not flushed is lost, because after an error nothing more is written.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _disk.Write(_file, bytes, _written);
        _written += bytes.Length;
    }
}
