using System.Text;
using MiniDeep.Tests.Files;

namespace MiniDeep.Tests.Serialization;

public class HostileSafeTensorsTests
{
    /// <summary>Each file with what its message must say.</summary>
    private static readonly (string What, byte[] File, string Message)[] _broken =
    [
        ("empty", [], "0 bytes"),
        ("seven bytes", new byte[7], "7 bytes"),
        ("length only", SafeTensorsBytes.Length(2), "a file of 8 bytes"),
        ("no header", SafeTensorsBytes.Length(0), "sound JSON"),
        ("a header of 2^63", [.. SafeTensorsBytes.Length(long.MinValue), .. "{}"u8], "a length of 9223372036854775808"),
        ("a header of 2^64 - 1", [.. SafeTensorsBytes.Length(-1), .. "{}"u8], "a length of 18446744073709551615"),
        ("a header above the bound", [.. SafeTensorsBytes.Length(100_000_001), .. "{}"u8], "at most 100000000"),
        ("a header longer than the file", [.. SafeTensorsBytes.Length(99_999_999), .. "{}"u8], "a file of 10 bytes"),
        ("a pickle", [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20], "a length of"),
        ("a zip", [.. "PK\u0003\u0004"u8, .. new byte[40]], "a header of 67324752 bytes|found a file of"),
        ("a space before the brace", SafeTensorsBytes.Of(" {}"), "begins with '{'"),
        ("a mark before the brace", SafeTensorsBytes.Of("\uFEFF{}"), "JSON"),
        ("an array", SafeTensorsBytes.Of("[]"), "a JSON object"),
        ("a number", SafeTensorsBytes.Of("17"), "a JSON object"),
        ("half an object", SafeTensorsBytes.Of("{\"a\":"), "sound JSON"),
        ("two objects", SafeTensorsBytes.Of("{}{}"), "sound JSON"),
        ("a comment", SafeTensorsBytes.Of("{/* */}"), "sound JSON"),
        ("a trailing comma", SafeTensorsBytes.Of("{" + Bytes(0, 1) + ",}", 1), "sound JSON"),
        ("nested 100,000 deep", SafeTensorsBytes.Of("{\"a\":" + new string('[', 100_000)), "JSON"),
        ("8 MB of nesting", SafeTensorsBytes.Of("{\"a\":" + string.Concat(Enumerable.Repeat("{\"a\":", 1_600_000))), "dtype, shape and data_offsets"),
        ("a name of 8 MB", SafeTensorsBytes.Of("{\"" + new string('a', 8 << 20)), "at most"),
        ("a text of 8 MB", SafeTensorsBytes.Of("{\"__metadata__\":{\"a\":\"" + new string('a', 8 << 20)), "at most"),
        ("a name that isn't UTF-8", SafeTensorsBytes.Of([.. "{\""u8, 0xFF, 0xFE, .. "\":{}}"u8]), "UTF-8"),
        ("an overlong zero in a name", SafeTensorsBytes.Of([.. "{\""u8, 0xC0, 0x80, .. "\":{}}"u8]), "UTF-8"),
        ("a surrogate in UTF-8", SafeTensorsBytes.Of([.. "{\""u8, 0xED, 0xA0, 0x80, .. "\":{}}"u8]), "UTF-8"),
        ("an escaped half of a pair", SafeTensorsBytes.Of("{\"\\uD800\":{}}"), "sound JSON"),
        ("UTF-16", SafeTensorsBytes.Of(Encoding.Unicode.GetBytes("{}")), "sound JSON"),
        ("a name twice", SafeTensorsBytes.Of("{" + Bytes(0, 1) + "," + Bytes(0, 1) + "}", 1), "'x' twice"),
        ("a name twice, once escaped", SafeTensorsBytes.Of("{" + Bytes(0, 1) + "," + Bytes(1, 2, "\"\\u0078\"") + "}", 2), "'x' twice"),
        ("an empty name", SafeTensorsBytes.Of("{" + Bytes(0, 1, "\"\"") + "}", 1), "printable"),
        ("a name with a bell", SafeTensorsBytes.Of("{" + Bytes(0, 1, "\"a\\u0007\"") + "}", 1), "'a\\u0007'"),
        ("a name with an escape sequence", SafeTensorsBytes.Of("{" + Bytes(0, 1, "\"\\u001b[2J\"") + "}", 1), "'\\u001b[2J'"),
        ("a path out of the folder", SafeTensorsBytes.Of("{" + Bytes(0, 1, "\"../../etc/passwd\"") + "}", 1), "path out of a folder"),
        ("a path from the root", SafeTensorsBytes.Of("{" + Bytes(0, 1, "\"/etc/passwd\"") + "}", 1), "path out of a folder"),
        ("metadata twice", SafeTensorsBytes.Of("{\"__metadata__\":{},\"__metadata__\":{}}"), "'__metadata__' twice"),
        ("metadata that are no object", SafeTensorsBytes.Of("{\"__metadata__\":[]}"), "object of strings"),
        ("metadata that are no strings", SafeTensorsBytes.Of("{\"__metadata__\":{\"a\":1}}"), "object of strings"),
        ("nested metadata", SafeTensorsBytes.Of("{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}"), "object of strings"),
        ("a key of the metadata twice", SafeTensorsBytes.Of("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}"), "'a' twice"),
        ("a tensor that is no object", SafeTensorsBytes.Of("{\"x\":3}"), "described by a JSON object"),
        ("no dtype", SafeTensorsBytes.Of("{\"x\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1), "not all of them"),
        ("no shape", SafeTensorsBytes.Of("{\"x\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1), "not all of them"),
        ("no offsets", SafeTensorsBytes.Of("{\"x\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1), "not all of them"),
        ("one offset", SafeTensorsBytes.Of("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1), "not all of them"),
        ("three offsets", SafeTensorsBytes.Of("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1), "not all of them"),
        ("a million offsets", SafeTensorsBytes.Of("{\"x\":{\"data_offsets\":[" + string.Concat(Enumerable.Repeat("0,", 1_000_000))), "two offsets"),
        ("dtype twice", SafeTensorsBytes.Of("{\"x\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1), "each once"),
        ("one key too many", SafeTensorsBytes.Of("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"run\":\"me\"}}", 1), "'run'"),
        ("a dtype that is a number", SafeTensorsBytes.Of("{\"x\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", 1), "with a dtype"),
        ("an unknown dtype", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "F128", "[1]", 0, 16) + "}", 16), "'F128'"),
        ("a dtype in lower case", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "f32", "[1]", 0, 4) + "}", 4), "'f32'"),
        ("a type that tensors can't hold", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U64", "[1]", 0, 8) + "}", 8), "found U64"),
        ("a negative size", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[-1]", 0, 1) + "}", 1), "whole numbers"),
        ("half a size", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[1.5]", 0, 1) + "}", 1), "whole numbers"),
        ("a size with an exponent", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[1e0]", 0, 1) + "}", 1), "whole numbers"),
        ("a size of 2^64", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[18446744073709551616]", 0, 1) + "}", 1), "whole numbers"),
        ("a size in a string", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[\"1\"]", 0, 1) + "}", 1), "whole numbers"),
        ("a shape that overflows to 1", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[4294967296,4294967296]", 0, 1) + "}", 1), "at most 2147483647 elements"),
        ("a shape that overflows to 0", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "F64", "[2147483647,2147483647,2147483647]", 0, 0) + "}"), "at most 2147483647 elements"),
        ("a size of 2^62 beside 0", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "F64", "[0,4611686018427387904]", 0, 0) + "}"), "at most 2147483647 elements"),
        ("33 axes", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[" + string.Join(',', Enumerable.Repeat(1, 33)) + "]", 0, 1) + "}", 1), "32 axes"),
        ("a shape larger than its bytes", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "F32", "[2]", 0, 4) + "}", 4), "in 8 bytes"),
        ("a shape smaller than its bytes", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "F32", "[1]", 0, 8) + "}", 8), "in 4 bytes"),
        ("offsets of 2^63 - 1", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[1]", long.MaxValue - 1, long.MaxValue) + "}", 1), "inside the file's 1 bytes"),
        ("offsets of 2^63", SafeTensorsBytes.Of("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9223372036854775807,9223372036854775808]}}", 1), "two offsets"),
        ("offsets of a bomb", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "F64", "[2000000000]", 0, 16_000_000_000) + "}", 1), "inside the file's 1 bytes"),
        ("offsets the wrong way round", SafeTensorsBytes.Of("{" + Bytes(1, 0) + "}", 1), "from 1 to 0"),
        ("a gap at the start", SafeTensorsBytes.Of("{" + Bytes(1, 2) + "}", 2), "at byte 0"),
        ("a gap in the middle", SafeTensorsBytes.Of("{" + Bytes(0, 1) + "," + Bytes(2, 3, "\"y\"") + "}", 3), "at byte 1"),
        ("overlapping tensors", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "U8", "[2]", 0, 2) + "," + SafeTensorsBytes.Entry("\"y\"", "U8", "[2]", 1, 3) + "}", 3), "at byte 2"),
        ("two tensors in one place", SafeTensorsBytes.Of("{" + Bytes(0, 1) + "," + Bytes(0, 1, "\"y\"") + "}", 1), "at byte 1"),
        ("data behind the last tensor", SafeTensorsBytes.Of("{" + Bytes(0, 1) + "}", 2), "1 bytes of data"),
        ("data without a tensor", SafeTensorsBytes.Of("{}", 1), "0 bytes of data"),
        ("cut in the data", SafeTensorsBytes.Small()[..^1], "inside the file's 39 bytes"),
        ("cut in the header", SafeTensorsBytes.Small()[..60], "a file of 60 bytes"),
        ("a truth value of 2", SafeTensorsBytes.Of("{" + SafeTensorsBytes.Entry("\"x\"", "BOOL", "[3]", 0, 3) + "}", 3), "truth values"),
    ];

    public static TheoryData<string> Broken => [.. _broken.Select(b => b.What)];

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_refused_cheaply_and_by_name(string what)
    {
        (_, byte[] file, string message) = _broken.Single(b => b.What == what);
        Hostile.AssertRefused(file, message, SafeTensors.Read);
    }

    [Fact]
    public void A_broken_file_on_disk_is_named_and_not_kept_open()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.safetensors"], SafeTensorsBytes.Small()[..^3]);
        Assert.Equal(folder["x.safetensors"], Assert.Throws<InvalidDataFileException>(() => SafeTensors.Read(folder["x.safetensors"])).FileName);
        using (File.Open(folder["x.safetensors"], FileMode.Open, FileAccess.Write, FileShare.None))
        {
        }
    }

    /// <summary>Every character, whatever its length in UTF-8, at every place around the end of a buffer.</summary>
    [Fact]
    public void Names_over_the_edge_of_a_buffer_are_read()
    {
        foreach (string character in new[] { "a", "é", "€", "🙂" })
        {
            for (int before = 16 * 1024 - 30; before < 16 * 1024; before++)
            {
                string json = "{\"__metadata__\":{\"k\":\"" + new string('x', before - 22) + character + character + "\"}}";
                using SafeTensorsFile file = SafeTensorsFile.Open(new MemoryStream(SafeTensorsBytes.Of(json)), "x");
                Assert.EndsWith(character + character, file.Header.Metadata["k"]);
            }
        }
    }

    private static string Bytes(long begin, long end, string name = "\"x\"") => SafeTensorsBytes.Entry(name, "U8", "[1]", begin, end);
}
