namespace MiniDeep;

/// <summary>
/// Writes a file so that a kill, a power cut or a full disk leaves the whole old file or the whole new one: into a temporary file beside it, flushed to the disk, then renamed, then the folder
/// flushed.
/// </summary>
internal static class AtomicFile
{
    private const string TemporaryEnding = ".tmp";

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; its folder exists. Where it is a link, what it points to is replaced.</param>
    /// <param name="write">Writes the content, once, from its beginning.</param>
    /// <exception cref="IOException">The file couldn't be written; the message names it. What was there is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string target = Path.GetFullPath(path);
        bool renamed = false;
        try
        {
            if (new FileInfo(target) is { LinkTarget: not null } link) target = link.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? target;
            FileSystem disk = FileSystem.Current;
            string folder = Path.GetDirectoryName(target) ?? throw new IOException("it is no file");
            if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"there is no folder '{folder}'");
            string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}{TemporaryEnding}");
            try
            {
                using (var content = new AtomicFileStream(disk, temporary))
                {
                    write(content);
                    content.Flush();
                    content.FlushToDisk();
                }
                disk.Rename(temporary, target);
                renamed = true;
                disk.FlushFolder(folder);
            }
            catch when (!renamed)
            {
                Discard(disk, temporary);
                throw;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"'{path}' could not be written: {error.Message.TrimEnd('.')}. "
                + (renamed ? "The file is whole, but a power cut now might bring back the one before it." : "What was there before is as it was."), error);
        }
    }

    /// <summary>Removes what a killed process has left of a file that it was writing in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">What the names of the files match.</param>
    public static void DiscardLeftovers(string folder, string files)
    {
        foreach (string temporary in Directory.EnumerateFiles(folder, $".{files}.*{TemporaryEnding}")) Discard(FileSystem.Current, temporary);
    }

    private static void Discard(FileSystem disk, string temporary)
    {
        try
        {
            disk.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // what made the write fail may keep the rest from being removed, too: the first error is the one to tell
        }
    }
}
