namespace MiniDeep.Tests.Files;

/// <summary>What every reader owes a file that it refuses: little reading, little memory, the documented exception, and a message that names the file.</summary>
internal static class Hostile
{
    private const long MostRead = 1 << 20, MostAllocated = 16 << 20;

    /// <summary>Checks that a file is refused cheaply.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="message">What the message must say; alternatives are separated by '|'.</param>
    /// <param name="read">Reads it as "folder/file".</param>
    /// <param name="seekable">Whether the stream can seek.</param>
    public static void AssertRefused(byte[] file, string message, Func<Stream, string, object> read, bool seekable = true)
    {
        var stream = new CountingStream(file, seekable);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataFileException>(() => { read(stream, "folder/file"); });
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, MostAllocated);
        Assert.InRange(stream.Given, 0, MostRead);
        Assert.Equal("folder/file", error.FileName);
        Assert.StartsWith("folder/file: expected ", error.Message);
        Assert.True(message.Split('|').Any(error.Message.Contains), error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }
}

/// <summary>A stream over bytes that counts what it has given.</summary>
internal sealed class CountingStream(byte[] content, bool seekable) : Stream
{
    private readonly MemoryStream _inner = new(content);

    public long Given { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => seekable;

    public override bool CanWrite => false;

    public override long Length => seekable ? _inner.Length : throw new NotSupportedException();

    public override long Position
    {
        get => seekable ? _inner.Position : throw new NotSupportedException();
        set => _inner.Position = seekable ? value : throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int got = _inner.Read(buffer, offset, count);
        Given += got;
        return got;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => seekable ? _inner.Seek(offset, origin) : throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
