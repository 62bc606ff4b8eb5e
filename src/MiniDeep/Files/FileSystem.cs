using Microsoft.Win32.SafeHandles;

namespace MiniDeep;

/// <summary>What an atomic write asks of the disk, step by step: a seam at which tests let each step fail.</summary>
internal class FileSystem
{
    private static readonly FileSystem s_disk = new();
    [ThreadStatic] private static FileSystem? t_current;

    /// <summary>The disk, or what a test has put in its place on this thread.</summary>
    public static FileSystem Current => t_current ?? s_disk;

    /// <summary>Puts another one in the disk's place on this thread, until the result is disposed of.</summary>
    public static Scope Use(FileSystem instead) => new(instead);

    /// <summary>Opens a file that isn't there yet.</summary>
    public virtual SafeFileHandle Create(string path) => File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);

    public virtual void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public virtual void Flush(SafeFileHandle file, string path) => DiskFlush.File(file, path);

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public virtual void FlushFolder(string folder) => DiskFlush.Folder(folder);

    public virtual void Delete(string path) => File.Delete(path);

    internal readonly ref struct Scope
    {
        private readonly FileSystem? _outer;

        public Scope(FileSystem instead)
        {
            _outer = t_current;
            t_current = instead;
        }

        public void Dispose() => t_current = _outer;
    }
}
