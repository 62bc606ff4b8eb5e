using System.Text;
using MiniDeep.Data;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Data;

/// <summary>Files that no CSV reader should take in, or not for long. (Bad cells: <see cref="CsvReaderTests"/>.)</summary>
public class HostileCsvTests
{
    private const int Megabytes = 8 << 20;

    public static TheoryData<string, byte[], string> Files
    {
        get
        {
            const string TooLong = "at most 65536 characters", TooWide = "at most 10000 columns", NotUtf8 = "text in UTF-8";
            TheoryData<string, byte[], string> files = new()
            {
                // without an end
                { "a header without an end", Many("x"), TooLong },
                { "a header of delimiters", Many(","), TooWide },
                { "a header of empty quoted cells", Many("\"\","), TooWide },
                { "a header of short names", Many("ab,"), TooWide },
                { "a cell without an end", [.. "a,b\n1,"u8, .. Many("1")], TooLong },
                { "a cell of spaces without an end", [.. "a,b\n1,"u8, .. Many(" ")], TooLong },
                { "a row of delimiters", [.. "a,b\n"u8, .. Many(",")], "a number in line 2, column 1" },
                { "a row of quoted cells", [.. "a,b\n"u8, .. Many("\"1\",")], "2 cells in line 2" },
                { "a quote that never closes", [.. "a,b\n\""u8, .. Many("x")], TooLong + " in line 2, column 1" },
                { "a quote that never closes, over lines", [.. "a,b\n1,\""u8, .. Many("1,2\n")], TooLong + " in line 2, column 2" },
                { "doubled quotes without an end", [.. "a,b\n\""u8, .. Many("\"\"")], TooLong },
                { "quotes without an end", [.. "a,b\n"u8, .. Many("\"")], TooLong },
                { "a cell of characters of four bytes", [.. "a,b\n1,"u8, .. Many("\U0001F600")], TooLong },
                { "a number of a million digits", [.. "a,b\n"u8, .. Many("9")], TooLong },
                { "a number of a million zeros", [.. "a,b\n0."u8, .. Many("0")], TooLong },
                // not text
                { "zeros", new byte[Megabytes], TooLong },
                { "zeros in a cell", [.. "a,b\n"u8, 0, 0, 0, .. ",x\n"u8], "found '\\u0000" },
                { "a byte that no UTF-8 has", [.. "a,b\n1,"u8, 0xFF, (byte)'\n'], NotUtf8 },
                { "a byte that no UTF-8 has, in the header", [0xC0, (byte)','], NotUtf8 },
                { "half a surrogate pair", [.. "a,b\n1,"u8, 0xED, 0xA0, 0x80, (byte)'\n'], NotUtf8 },
                { "an overlong form of the delimiter", [.. "a,b\n1"u8, 0xC0, 0xAC, .. "2\n"u8], NotUtf8 },
                { "an overlong form of zero", [.. "a,b\n"u8, 0xC0, 0x80, .. ",x\n"u8], NotUtf8 },
                { "a code point beyond the last", [.. "a,b\n1,"u8, 0xF4, 0x90, 0x80, 0x80], NotUtf8 },
                { "a character cut off at the end", [.. "a,b\n1,"u8, 0xE2, 0x82], NotUtf8 },
                { "UTF-16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("a,b\n1,2")], NotUtf8 },
                { "UTF-16, the other end first", [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes("a,b\n1,2")], NotUtf8 },
                { "UTF-32", [.. Encoding.UTF32.GetPreamble(), .. Encoding.UTF32.GetBytes("a,b\n1,2")], NotUtf8 },
                { "gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, .. new byte[64]], NotUtf8 },
                { "a ZIP archive", [.. "PK\u0003\u0004"u8, 20, 0, 0, 0, 8, 0, 0xFF, 0xFE, .. new byte[64]], NotUtf8 },
                { "a picture", [0x89, .. "PNG\r\n\u001a\n"u8, .. new byte[64]], NotUtf8 },
                { "a mark and nothing else", [0xEF, 0xBB, 0xBF], "an empty file" },
                // names and cells that would be printed
                { "a control character in a number", "a,b\n1\u001b[2J,x\n"u8.ToArray(), "found '1\\u001b[2J'" },
                { "a number written backwards", "a,b\n\u202E1,x\n"u8.ToArray(), "found '\\u202e1'" },
                { "the same name twice", "a,a,b\n1,2,x\n"u8.ToArray(), "found 'a' twice" },
                { "the same name twice, as control characters", "\u0007,\u0007,b\n1,2,x\n"u8.ToArray(), "found '\\u0007' twice" },
                { "a long cell that is no number", [.. "a,b\n"u8, .. Encoding.UTF8.GetBytes(new string('z', 60_000)), .. ",x\n"u8], "a finite number in line 2, column 1 ('a')" },
                // numbers that are none
                { "an exponent without an end", [.. "a,b\n1e"u8, .. Encoding.UTF8.GetBytes(new string('9', 60_000)), .. ",x\n"u8], "a finite number" },
                { "infinity", "a,b\n-Infinity,x\n"u8.ToArray(), "a finite number in line 2, column 1" },
                { "hexadecimal", "a,b\n0x10,x\n"u8.ToArray(), "found '0x10'" },
                { "a thousand with a separator", "a;b\n1,000;x\n"u8.ToArray(), "a column beside the label" },
                { "a formula", "a,b\n=1+1,x\n"u8.ToArray(), "found '=1+1'" },
                { "digits of another script", "a,b\n\u0661\u0662,x\n"u8.ToArray(), "a finite number" },
                // rows that don't fit
                { "a short row at the end", "a,b,c\n1,2,x\n1,2\n"u8.ToArray(), "3 cells in line 3, as in the first, found 2" },
                { "empty lines, then a short row", [.. "a,b\n"u8, .. Encoding.UTF8.GetBytes(new string('\n', 100_000)), .. "1\n"u8], "in line 100002" },
            };
            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files), DisableDiscoveryEnumeration = true)]
    public void A_bomb_is_refused_early(string what, byte[] file, string message)
    {
        Assert.NotEmpty(what);
        foreach (bool seekable in new[] { true, false }) Hostile.AssertRefused(file, message, (stream, name) => CsvReader.Read(stream, name), seekable);
    }

    /// <summary>Each word is an object: a table of nothing but different words would take many times its size.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(40, true)]
    [InlineData(1, false)]
    [InlineData(40, false)]
    public void Words_that_never_repeat_take_no_more_than_twice_the_file(int columns, bool seekable)
    {
        // long words: the characters themselves are most of what is kept
        string padding = new('x', columns == 1 ? 100 : 0);
        string[] names = [.. Enumerable.Range(0, columns).Select(static i => $"c{i}")];
        var text = new StringBuilder(string.Join(',', names)).Append(",y\n");
        for (int row = 0; row < 400_000 / columns; row++)
        {
            for (int column = 0; column < columns; column++) text.Append(row).Append(padding).Append(',');
            text.Append("0\n");
        }
        byte[] file = Encoding.UTF8.GetBytes(text.ToString());
        var format = new CsvFormat { Categorical = names };
        foreach (int length in new[] { file.Length, file.Length / 9 })
        {
            byte[] part = file[..(Array.LastIndexOf(file, (byte)'\n', length - 1) + 1)];
            Device.Cpu.Trim();
            long before = GC.GetAllocatedBytesForCurrentThread();
            if (length == file.Length) Assert.Contains("columns of words that mostly repeat", Assert.Throws<InvalidDataFileException>(() => { CsvReader.Read(new CountingStream(part, seekable), "words.csv", format); }).Message);
            else Assert.Equal(part.Count(static b => b == '\n') - 1, CsvReader.Read(new CountingStream(part, seekable), "words.csv", format).Categories["c0"].Count);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2L * part.Length) + (16 << 20));
        }
    }

    private static byte[] Many(string text)
    {
        byte[] piece = Encoding.UTF8.GetBytes(text), all = new byte[Megabytes / piece.Length * piece.Length];
        for (int i = 0; i < all.Length; i++) all[i] = piece[i % piece.Length];
        return all;
    }
}
