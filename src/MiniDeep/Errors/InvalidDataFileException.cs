namespace MiniDeep;

/// <summary>A data file is broken, cut short, or not of the format it was read as. The message names the file, what was expected and what was found.</summary>
/// <remarks>A file that is missing, is a folder or cannot be read gives an <see cref="IOException"/> that isn't of this type.</remarks>
public sealed class InvalidDataFileException : IOException
{
    /// <summary>Makes the exception and its message, "file: expected …, found …".</summary>
    /// <param name="fileName">The file's path, or the name that the caller gave to a stream.</param>
    /// <param name="expected">What should have stood there.</param>
    /// <param name="found">What was there.</param>
    /// <param name="innerException">The error that brought this one about, if any.</param>
    public InvalidDataFileException(string fileName, string expected, string found, Exception? innerException = null)
        : base($"{fileName}: expected {expected}, found {found}.", innerException) => FileName = fileName;

    /// <summary>The file's path, or the name that the caller gave to a stream.</summary>
    public string FileName { get; }
}
