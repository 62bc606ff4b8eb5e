using Microsoft.Win32.SafeHandles;

namespace MiniDeep.Tests.Files;

/// <summary>A disk on which one operation fails: the one with a number, counted from 0, or the first of a kind.</summary>
/// <param name="fault">The error.</param>
/// <param name="at">The number of the operation; -1 for none.</param>
/// <param name="kind">The operation's name; null for any.</param>
internal sealed class FaultyDisk(Exception fault, int at = 0, string? kind = null) : FileSystem
{
    private int _count;

    /// <summary>What was asked of it, in order.</summary>
    public List<string> Operations { get; } = [];

    public override SafeFileHandle Create(string path)
    {
        Note("create");
        return base.Create(path);
    }

    public override void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            Note("write");
        }
        catch
        {
            base.Write(file, bytes[..(bytes.Length / 2)], offset);    // a full disk takes what fits
            throw;
        }
        base.Write(file, bytes, offset);
    }

    public override void Flush(SafeFileHandle file, string path)
    {
        Note("flush");
        base.Flush(file, path);
    }

    public override void Rename(string from, string to)
    {
        Note("rename");
        base.Rename(from, to);
    }

    public override void FlushFolder(string folder)
    {
        Note("flush folder");
        base.FlushFolder(folder);
    }

    public override void Delete(string path)
    {
        Note("delete");
        base.Delete(path);
    }

    private void Note(string operation)
    {
        Operations.Add(operation);
        if ((kind is null || kind == operation) && _count++ == at) throw fault;
    }
}

/// <summary>A folder of a test's own, removed at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("minideep-").FullName;

    /// <summary>A path in the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string[] Names => [.. Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
