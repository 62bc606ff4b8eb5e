using System.IO.Compression;

namespace MiniDeep.Data;

/// <summary>Reads and writes NumPy's NPZ files: named arrays, each an NPY file, in a ZIP archive.</summary>
/// <remarks>Files may come from anywhere: a file that breaks a rule, overlaps another, or grows to more than it may is refused before memory is taken for what it promises.</remarks>
public static class NpzFile
{
    private const string Ending = ".npy";

    // what compressed arrays may grow to without the caller's word
    private const int TrustedExpansion = 200;
    private const int AlwaysAllowed = 4 << 20;

    /// <summary>Reads all arrays of a file, as <c>np.load</c> does, in the archive's order.</summary>
    /// <param name="path">The file, up to 4 GB.</param>
    /// <param name="maxBytes">The most bytes that all arrays may take. By default 200 times the size of the file plus 4 MiB.</param>
    /// <exception cref="InvalidDataFileException">The file is no whole, sound NPZ file, or holds more than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="IOException">The file is missing, is a folder or cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is negative.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path, long? maxBytes = null)
    {
        using FileStream file = InputFile.Open(path);
        return Read(file, path, maxBytes);
    }

    /// <summary>Reads a stream from its position to its end and leaves it open.</summary>
    /// <param name="stream">The stream; it must be able to seek.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <param name="maxBytes">As for a file.</param>
    /// <exception cref="InvalidDataFileException">The stream holds no whole, sound NPZ file, or more than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is negative.</exception>
    /// <exception cref="ArgumentException">The stream can't seek.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(Stream stream, string name = "NPZ stream", long? maxBytes = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        if (!stream.CanSeek) throw new ArgumentException("An NPZ file is read from a stream that can seek.", nameof(stream));
        if (maxBytes is { } limit) ArgumentOutOfRangeException.ThrowIfNegative(limit, nameof(maxBytes));
        long allowed = maxBytes ?? (AlwaysAllowed + (TrustedExpansion * (stream.Length - stream.Position)));
        ZipEntries zip = ZipEntries.Read(stream, name);
        long total = 0;
        foreach (ZipEntry entry in zip.Entries)
        {
            if (!entry.Name.EndsWith(Ending, StringComparison.Ordinal))
                throw new InvalidDataFileException(name, "arrays (.npy) alone in the archive", EntryName.Shown(entry.Name));
            total += entry.Size;
            if (total > allowed) throw new InvalidDataFileException(name, $"arrays of at most {allowed} bytes (or a call with maxBytes)", $"a promise of {total} or more");
        }
        var arrays = new OrderedDictionary<string, Tensor>();
        foreach (ZipEntry entry in zip.Entries)
            arrays.Add(entry.Name[..^Ending.Length], zip.Open(entry, content => NpyFile.Read(content, length: null, name)));
        return arrays;
    }

    /// <summary>Writes tensors to a file, which appears whole or not at all; <c>np.load</c> reads it.</summary>
    /// <param name="path">The file, in a folder that exists.</param>
    /// <param name="tensors">The tensors with their names.</param>
    /// <param name="compress">Whether to compress them, as <c>np.savez_compressed</c> does.</param>
    /// <exception cref="ArgumentException">A name is empty, too long, has control characters, is there twice or leads out of a folder.</exception>
    /// <exception cref="IOException">The file couldn't be written; the message names it, and what was there is as it was.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, bool compress = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        KeyValuePair<string, Tensor>[] all = [.. tensors];
        var names = new HashSet<string>();
        foreach ((string name, Tensor tensor) in all)
        {
            if (tensor is null) throw new ArgumentException($"Tensor '{name}' is null.", nameof(tensors));
            if (!EntryName.IsHarmless(name) || !EntryName.IsHarmless(name + Ending))
                throw new ArgumentException($"An array in a file can't be called {EntryName.Shown(name)}: 1 to 1,024 printable characters, and no path out of a folder.", nameof(tensors));
            if (!names.Add(name)) throw new ArgumentException($"There are two tensors called '{name}'.", nameof(tensors));
        }
        AtomicFile.Write(path, file =>
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
            foreach ((string name, Tensor tensor) in all)
            {
                ZipArchiveEntry entry = zip.CreateEntry(name + Ending, compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);    // the same tensors give the same file
                using Stream content = entry.Open();
                NpyFile.Write(content, tensor, fortranOrder: false);
            }
        });
    }
}
