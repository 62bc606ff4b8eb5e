using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MiniDeep.Data;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Data;

public class HostileNpyTests
{
    private const string Sound = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";

    private static readonly (string What, byte[] File, string Message)[] _broken =
    [
        ("empty", [], "ends inside it"),
        ("half a magic", [0x93, (byte)'N'], "ends inside it"),
        ("a zip", "PK\u0003\u0004aaaaaaaaaa"u8.ToArray(), "starts with 93-4E"),
        ("a pickle", [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0], "starts with 93-4E"),
        ("version 0", [0x93, .. "NUMPY"u8, 0, 0, 0, 0], "found 0.0"),
        ("version 4", [0x93, .. "NUMPY"u8, 4, 0, 0, 0], "found 4.0"),
        ("version 1.1", [0x93, .. "NUMPY"u8, 1, 1, 0, 0], "found 1.1"),
        ("no length", [0x93, .. "NUMPY"u8, 1, 0, 9], "ends inside it"),
        ("a header of 65,535 bytes", [0x93, .. "NUMPY"u8, 1, 0, 0xFF, 0xFF], "at most 10000"),
        ("a header of 4 GB", [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF], "at most 10000"),
        ("cut in the header", Npy(Sound)[..30], "ends inside it"),
        ("no line end", Npy(Sound, end: " "), "something behind it"),
        ("an empty header", Npy(""), "no '{'"),
        ("an empty dictionary", Npy("{}"), "not all of the three"),
        ("a list", Npy("[1]"), "no '{'"),
        ("no descr", Npy("{'fortran_order': False, 'shape': (2,), }"), "not all of the three"),
        ("no order", Npy("{'descr': '<f4', 'shape': (2,), }"), "not all of the three"),
        ("no shape", Npy("{'descr': '<f4', 'fortran_order': False}"), "not all of the three"),
        ("descr twice", Npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"), "'descr'"),
        ("one key too many", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'run': 'me'}"), "'run'"),
        ("a call", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os').system('x')}"), "no '('"),
        ("a sum", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1+1,), }"), "no ','"),
        ("an escape", Npy("{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2,), }"), "escape"),
        ("an open quote", Npy("{'descr"), "no text"),
        ("two dictionaries", Npy(Sound + Sound), "something behind it"),
        ("objects", Npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"), "pickled"),
        ("records", Npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"), "records"),
        ("records in disguise", Npy("{'descr': '<f4,<f4', 'fortran_order': False, 'shape': (2,), }"), "'<f4,<f4'"),
        ("text", Npy("{'descr': '<U9', 'fortran_order': False, 'shape': (2,), }"), "'<U9'"),
        ("a control character", Npy("{'descr': '\u0007', 'fortran_order': False, 'shape': (2,), }"), "'\\u0007'"),
        ("order 1", Npy("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,), }"), "neither True nor False"),
        ("a number as shape", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': 2, }"), "no '('"),
        ("a number in brackets", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2), }"), "no tuple"),
        ("a negative size", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }"), "no whole number"),
        ("half a size", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,), }"), "no ','"),
        ("a size of 2^64", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551616,), }"), "no whole number of 64 bits"),
        ("a product of 2^64", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"), "at most 2147483647"),
        ("a product of 2^62", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2147483647, 2147483647), }"), "at most 2147483647"),
        ("2^40 beside 0", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 1099511627776), }"), "at most 2147483647"),
        ("33 axes", Npy($"{{'descr': '|u1', 'fortran_order': False, 'shape': ({string.Concat(Enumerable.Repeat("1, ", 33))}), }}"), "32 axes"),
        ("a promise of 16 GB", Npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647,), }"), "17179869176 bytes"),
        ("no data", Npy(Sound), "found 0"),
        ("a byte short", Npy(Sound, 7), "found 7"),
        ("a byte too many", Npy(Sound, 9), "found 9|found more"),
        ("two arrays", [.. Npy(Sound, 8), .. Npy(Sound, 8)], "found more|8 bytes"),
        ("truth values of 2", [.. Npy("{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }"), 0, 1, 2], "truth values"),
    ];

    private static readonly (string What, Func<byte[]> File, string Message)[] _archives =
    [
        ("empty", () => [], "a ZIP archive"),
        ("an NPY file", () => Npy(Sound, 8), "a ZIP archive"),
        ("an end alone, of 65,535 files", () => End(65_535, 0, 0), "ZIP64"),
        ("an end alone, of one file", () => End(1, 0, 0), "1 files in the archive's directory"),
        ("an end with a directory of 4 GB", () => End(1, uint.MaxValue - 1, 0), "before its end"),
        ("an end with a directory far away", () => End(0, 0, 1 << 30), "before its end"),
        ("cut at the end", () => Zip(("a.npy", Npy(Sound, 8)))[..^1], "a ZIP archive"),
        ("something behind the end", () => [.. Zip(("a.npy", Npy(Sound, 8))), 0], "a ZIP archive"),
        ("something before the start", () => [.. new byte[7], .. Zip(("a.npy", Npy(Sound, 8)))], "before its end"),
        ("no array", () => Zip(("a.txt", [1])), "arrays (.npy) alone"),
        ("a pickle", () => Zip(("a.pkl", [0x80])), "arrays (.npy) alone"),
        ("a path out of the folder", () => Zip(("../a.npy", Npy(Sound, 8))), "path out of a folder"),
        ("a path from the root", () => Zip(("/a.npy", Npy(Sound, 8))), "path out of a folder"),
        ("a path of Windows", () => Zip(("C:\\a.npy", Npy(Sound, 8))), "path out of a folder"),
        ("a control character", () => Zip(("a\u0007.npy", Npy(Sound, 8))), "'a\\u0007.npy'"),
        ("a name of 2,000 characters", () => Zip((new string('a', 2000) + ".npy", Npy(Sound, 8))), "1 to 1,024"),
        ("a name twice", () => Zip(("a.npy", Npy(Sound, 8)), ("a.npy", Npy(Sound, 8))), "'a.npy' twice"),
        ("an array that is none", () => Zip(("a.npy", [1, 2, 3])), "ends inside it"),
        ("objects", () => Zip(("a.npy", Npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"))), "pickled"),
        ("a short array", () => Zip(("a.npy", Npy(Sound, 7))), "found 7"),
        ("a long array", () => Zip(("a.npy", Npy(Sound, 9))), "found more"),
        ("a promise of 16 GB", () => Zip(("a.npy", Npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647,), }", 100))), "17179869176 bytes"),
        ("a bomb of 256 MB", () => Zip(("a.npy", [.. Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (268435456,), }"), .. new byte[256 << 20]])), "arrays of at most"),
        ("a bomb of many files", () => Zip([.. Enumerable.Range(0, 20).Select(i => ($"{i}.npy", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (8388608,), }", 8 << 20)))]), "arrays of at most"),
        ("another checksum", () => Patched(Directory(16)), "checksum"),
        ("a lower length", () => Patched(Directory(24), 50), "ends inside it|length"),
        ("a higher length", () => Patched(Directory(24), 300), "length"),
        ("a length of 4 GB", () => Patched(Directory(24), uint.MaxValue), "ZIP64"),
        ("a compressed length of 2 GB", () => Patched(Directory(20), 1u << 31), "inside the archive's"),
        ("a compressed length of 1", () => Patched(Directory(20), 1), "ends inside it|damaged"),
        ("a place of 2 GB", () => Patched(Directory(42), 1u << 31), "inside the file"),
        ("a place in the directory", () => Patched(Directory(42), 50), "where the archive's directory says"),
        ("encrypted", () => Patched(Directory(8), 1), "encrypted"),
        ("another method", () => Patched(Directory(10), 12), "method 12"),
        ("no mark of the directory", () => Patched(Directory(0), 0), "an entry of the archive's directory"),
        ("no mark of the file", () => Patched(_ => 0, 0), "where the archive's directory says"),
        ("another name in the file", () => Patched(_ => 30, 'b' | ('.' << 8) | ('n' << 16) | ('p' << 24)), "where the archive's directory says"),
        ("a longer name in the directory", () => Patched(Directory(28), 60_000), "inside the archive's directory"),
        ("two files in one place", Overlapping, "files that don't overlap"),
        ("damaged data", () => Patched(_ => 60, 0xFFFFFFFF), "damaged|checksum|NPY header"),
        ("a name that isn't UTF-8", () => Patched(Directory(46), 0xFFFFFFFF), "UTF-8"),
    ];

    public static TheoryData<string> Broken => [.. _broken.Select(b => b.What)];

    public static TheoryData<string> Archives => [.. _archives.Select(b => b.What)];

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_array_is_refused_cheaply_and_by_name(string what)
    {
        (_, byte[] file, string message) = _broken.Single(b => b.What == what);
        Hostile.AssertRefused(file, message, NpyFile.Read);
        Hostile.AssertRefused(file, what == "a promise of 16 GB" ? "found 0" : message, NpyFile.Read, seekable: false);
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public void A_broken_archive_is_refused_cheaply_and_by_name(string what)
    {
        (_, Func<byte[]> file, string message) = _archives.Single(b => b.What == what);
        Hostile.AssertRefused(file(), message, (stream, name) => NpzFile.Read(stream, name));
    }

    [Fact]
    public void The_callers_word_lets_a_sparse_array_grow()
    {
        byte[] sparse = Zip(("a.npy", Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (16777216,), }", 16 << 20, zeros: true)));
        Assert.Throws<InvalidDataFileException>(() => NpzFile.Read(new MemoryStream(sparse)));
        Assert.Equal(16 << 20, NpzFile.Read(new MemoryStream(sparse), maxBytes: 17 << 20)["a"].Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => NpzFile.Read(new MemoryStream(sparse), maxBytes: -1));
        Assert.Throws<ArgumentException>(() => NpzFile.Read(new CountingStream(sparse, seekable: false)));
    }

    [Fact]
    public void Names_are_checked_when_writing()
    {
        using var folder = new TemporaryFolder();
        Tensor one = Tensor.Scalar(1);
        Assert.Throws<ArgumentException>(() => NpzFile.Write(folder["a.npz"], [new("a", one), new("a", one)]));
        Assert.Throws<ArgumentException>(() => NpzFile.Write(folder["a.npz"], [new("../a", one)]));
        Assert.Throws<ArgumentException>(() => NpzFile.Write(folder["a.npz"], [new("", one)]));
        Assert.Empty(folder.Names);
    }

    private static byte[] Npy(string header, int data = 0, string end = "\n", bool zeros = false)
    {
        byte[] text = Encoding.Latin1.GetBytes(header + end);
        var file = new byte[10 + text.Length + data];
        ((byte[])[0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text]).CopyTo(file, 0);
        for (int i = 0; i < data && !zeros && data < 1000; i++) file[^(i + 1)] = (byte)(i * 7);
        return file;
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
                entry.Write(content);
            }
        }
        return bytes.ToArray();
    }

    private static byte[] End(ushort count, uint size, uint start)
    {
        byte[] end = [.. "PK\u0005\u0006"u8, .. new byte[18]];
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), count);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), size);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), start);
        return end;
    }

    /// <summary>A place in the entry of a directory.</summary>
    private static Func<byte[], int> Directory(int offset) => zip => zip.AsSpan().IndexOf("PK\u0001\u0002"u8) + offset;

    /// <summary>An archive of one array with four bytes, or the two of a short field, changed.</summary>
    private static byte[] Patched(Func<byte[], int> place, long? value = null)
    {
        byte[] zip = Zip(("a.npy", Npy(Sound, 8)));
        int at = place(zip);
        bool isShort = at - zip.AsSpan().IndexOf("PK\u0001\u0002"u8) is 8 or 10 or 28;
        if (isShort) BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(at), (ushort)value!);
        else BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(at), (uint)(value ?? ~BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(at))));
        return zip;
    }

    /// <summary>Two entries of the directory for the same bytes; the names differ in the directory and must be one in the file, so the second is refused for either.</summary>
    private static byte[] Overlapping()
    {
        byte[] zip = Zip(("a.npy", Npy(Sound, 8)), ("b.npy", Npy(Sound, 8)));
        int first = zip.AsSpan().IndexOf("PK\u0001\u0002"u8), second = first + 46 + 5;
        // the first file's data reach over the second's
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(second + 42));
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(first + 20), start);
        return zip;
    }
}
