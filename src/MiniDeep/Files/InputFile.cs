namespace MiniDeep;

/// <summary>Opens files to read.</summary>
internal static class InputFile
{
    private const int DefaultBuffer = 4096;

    /// <summary>Opens a file that others may read, and replace, in the meantime.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferSize">The stream's own buffer in bytes; 0 for none, where what is read is large.</param>
    /// <exception cref="IOException">The file is missing, is a folder, or may not be read; the message names it.</exception>
    public static FileStream Open(string path, int bufferSize = DefaultBuffer)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize);
        }
        catch (UnauthorizedAccessException error)
        {
            // .NET says "access denied" of a folder, too
            throw new IOException(Directory.Exists(path) ? $"'{path}' is a folder, not a file." : $"'{path}' could not be read: {error.Message}", error);
        }
    }
}
