using System.Buffers.Binary;
using System.Text;

namespace MiniDeep.Tests.Serialization;

/// <summary>Builds safetensors files, sound or not.</summary>
internal static class SafeTensorsBytes
{
    /// <summary>A file of a header and as many bytes of data.</summary>
    public static byte[] Of(string json, int data = 0) => Of(Encoding.UTF8.GetBytes(json), data);

    public static byte[] Of(byte[] json, int data = 0) => [.. Length(json.Length), .. json, .. Enumerable.Range(0, data).Select(i => (byte)i)];

    /// <summary>The first eight bytes.</summary>
    public static byte[] Length(long length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    /// <summary>A tensor's line in a header.</summary>
    public static string Entry(string name, string dtype, string shape, long begin, long end) =>
        $$"""{{name}}:{"dtype":"{{dtype}}","shape":{{shape}},"data_offsets":[{{begin}},{{end}}]}""";

    /// <summary>A sound file: w, F32 [2, 3], and n, I64 [2], with metadata.</summary>
    public static byte[] Small() => Of(
        $$"""{"__metadata__":{"format":"pt"},{{Entry("\"w\"", "F32", "[2,3]", 0, 24)}},{{Entry("\"n\"", "I64", "[2]", 24, 40)}}}   """, 40);
}
