using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;

namespace MiniDeep.Data;

/// <summary>A file in a ZIP archive.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDeflated">Whether it is compressed.</param>
/// <param name="Start">Where its header begins.</param>
/// <param name="CompressedSize">Its bytes in the archive.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Checksum">Their CRC-32.</param>
internal sealed record ZipEntry(string Name, bool IsDeflated, long Start, long CompressedSize, long Size, uint Checksum);

/// <summary>
/// The files of a ZIP archive of unknown origin (PKWARE's APPNOTE). .NET's own reader believes the directory, takes overlapping files and doesn't look at the checksums; this one doesn't, and
/// does. Archives up to 4 GB, stored and deflated files.
/// </summary>
internal sealed class ZipEntries
{
    private const int EndLength = 22, DirectoryLength = 46, LocalLength = 30, MaxComment = ushort.MaxValue;
    private const uint EndMark = 0x06054B50, DirectoryMark = 0x02014B50, LocalMark = 0x04034B50;
    private const int MaxEntries = 10_000;

    private readonly Stream _stream;
    private readonly string _file;
    private readonly long _origin, _length;
    private readonly List<ZipEntry> _entries = [];

    private ZipEntries(Stream stream, string file)
    {
        (_stream, _file) = (stream, file);
        (_origin, _length) = (stream.Position, stream.Length - stream.Position);
    }

    /// <summary>The files in the order of the directory.</summary>
    public IReadOnlyList<ZipEntry> Entries => _entries;

    /// <summary>Reads the directory.</summary>
    /// <exception cref="InvalidDataFileException">It is no sound archive.</exception>
    public static ZipEntries Read(Stream stream, string file)
    {
        var zip = new ZipEntries(stream, file);
        (int count, long start, long end) = zip.FindDirectory();
        zip.ReadDirectory(count, start, end);
        zip.CheckPlaces(start);
        return zip;
    }

    /// <summary>A file's content, whose length and checksum are looked at when it has been read to its end.</summary>
    /// <exception cref="InvalidDataFileException">The content isn't what the directory says.</exception>
    public T Open<T>(ZipEntry entry, Func<Stream, T> read)
    {
        long start = DataStart(entry);
        var part = new ZipPart(_stream, _origin + start, entry.CompressedSize);
        using Stream content = entry.IsDeflated ? new DeflateStream(part, CompressionMode.Decompress) : part;
        var checkedContent = new CheckedContent(content, entry.Size);
        try
        {
            T result = read(checkedContent);
            if (checkedContent.Left != 0 || checkedContent.Checksum != entry.Checksum || content.ReadByte() >= 0)
                throw new InvalidDataFileException(_file, $"{EntryName.Shown(entry.Name)} with the length and the checksum that the archive promises", "others");
            return result;
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataFileException(_file, $"{EntryName.Shown(entry.Name)} in sound compressed data", "damaged data", error);
        }
    }

    private (int Count, long Start, long End) FindDirectory()
    {
        var tail = new byte[(int)Math.Min(_length, EndLength + MaxComment)];
        ReadAt(_length - tail.Length, tail);
        for (int at = tail.Length - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(at);
            if (UInt32(end, 0) != EndMark || UInt16(end, 20) != end.Length - EndLength) continue;
            (int count, long size, long start) = (UInt16(end, 10), UInt32(end, 12), UInt32(end, 16));
            if (count == ushort.MaxValue || size == uint.MaxValue || start == uint.MaxValue) throw Wrong("an archive of at most 4 GB", "a larger one (ZIP64)");
            if (UInt32(end, 4) != 0 || UInt16(end, 8) != count) throw Wrong("an archive in one piece", "one of several disks");
            if (count > MaxEntries) throw Wrong($"at most {MaxEntries} files in the archive", $"{count}");
            long place = _length - tail.Length + at;
            if (start + size != place) throw Wrong("the archive's directory before its end", $"one of {size} bytes at {start}");
            return (count, start, place);
        }
        throw Wrong("a ZIP archive to the end of the file", "none, or one that is cut short");
    }

    private void ReadDirectory(int count, long start, long end)
    {
        var names = new HashSet<string>();
        Span<byte> head = stackalloc byte[DirectoryLength];
        long at = start, total = 0;
        for (int i = 0; i < count; i++)
        {
            if (at + DirectoryLength > end) throw Wrong($"{count} files in the archive's directory", $"{i}");
            ReadAt(at, head);
            if (UInt32(head, 0) != DirectoryMark) throw Wrong("an entry of the archive's directory", "something else");
            (int nameLength, int extraLength, int commentLength) = (UInt16(head, 28), UInt16(head, 30), UInt16(head, 32));
            if (at + DirectoryLength + nameLength + extraLength + commentLength > end) throw Wrong("entries inside the archive's directory", "one that ends behind it");
            string name = NameAt(at + DirectoryLength, nameLength);
            if (!names.Add(name)) throw Wrong("each name once", $"{EntryName.Shown(name)} twice");
            if ((UInt16(head, 8) & 1) != 0) throw Wrong("files that aren't encrypted", EntryName.Shown(name));
            if (UInt16(head, 10) is not (0 or 8) and var method) throw Wrong($"{EntryName.Shown(name)} stored or deflated", $"compressed by method {method}");
            var entry = new ZipEntry(name, UInt16(head, 10) == 8, UInt32(head, 42), UInt32(head, 20), UInt32(head, 24), UInt32(head, 16));
            if (entry.CompressedSize == uint.MaxValue || entry.Size == uint.MaxValue) throw Wrong("an archive of at most 4 GB", "a larger one (ZIP64)");
            if (!entry.IsDeflated && entry.CompressedSize != entry.Size) throw Wrong($"{EntryName.Shown(name)} of one size, as it is stored", "two");
            _entries.Add(entry);
            total += entry.CompressedSize;
            if (total > _length) throw Wrong($"files inside the archive's {_length} bytes", "more");
            at += DirectoryLength + nameLength + extraLength + commentLength;
        }
        if (at != end) throw Wrong($"{count} files in the archive's directory", "more");
    }

    /// <summary>Each byte belongs to one file: overlapping ones make a small archive a bomb.</summary>
    private void CheckPlaces(long directory)
    {
        long end = 0;
        foreach (ZipEntry entry in _entries.OrderBy(static entry => entry.Start))
        {
            if (entry.Start < end) throw Wrong("files that don't overlap", EntryName.Shown(entry.Name));
            end = DataStart(entry) + entry.CompressedSize;
            if (end > directory) throw Wrong("files before the archive's directory", $"{EntryName.Shown(entry.Name)} up to byte {end}");
        }
    }

    /// <summary>Where a file's data begin, behind the header that repeats what the directory says.</summary>
    private long DataStart(ZipEntry entry)
    {
        Span<byte> head = stackalloc byte[LocalLength];
        if (entry.Start + LocalLength > _length) throw Wrong($"{EntryName.Shown(entry.Name)} inside the file", $"one at byte {entry.Start}");
        ReadAt(entry.Start, head);
        if (UInt32(head, 0) != LocalMark || UInt16(head, 8) != (entry.IsDeflated ? 8 : 0) || NameAt(entry.Start + LocalLength, UInt16(head, 26)) != entry.Name)
            throw Wrong($"{EntryName.Shown(entry.Name)} where the archive's directory says", "something else there");
        return entry.Start + LocalLength + UInt16(head, 26) + UInt16(head, 28);
    }

    private string NameAt(long at, int length)
    {
        const int MaxName = 4096;
        if (length > MaxName || at + length > _length) throw Wrong($"names of at most {MaxName} bytes", $"{length}");
        Span<byte> bytes = stackalloc byte[length];
        ReadAt(at, bytes);
        if (!Utf8.IsValid(bytes)) throw Wrong("names in UTF-8", "bytes that aren't");
        string name = Encoding.UTF8.GetString(bytes);
        return EntryName.IsHarmless(name) ? name : throw Wrong("names of 1 to 1,024 printable characters that aren't a path out of a folder", EntryName.Shown(name));
    }

    private void ReadAt(long at, Span<byte> bytes)
    {
        _stream.Position = _origin + at;
        if (_stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw Wrong($"{_length} bytes", "a file that was cut while it was read");
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private InvalidDataFileException Wrong(string expected, string found) => new(_file, expected, found);
}
