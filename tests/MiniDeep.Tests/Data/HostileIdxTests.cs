using System.Buffers.Binary;
using CsCheck;
using MiniDeep.Data;

namespace MiniDeep.Tests.Data;

public class HostileIdxTests
{
    private const long Allowed = 16 << 20;

    /// <summary>Each file with what its message must say. None may cost more than 1 MB of reading or 16 MB of memory.</summary>
    private static readonly (string What, byte[] File, string Message)[] _broken =
    [
        ("empty", [], "header"),
        ("one byte", [0], "header"),
        ("a gzip magic cut in two", [0x1F], "header"),
        ("magic only", [0, 0, 8, 1], "header"),
        ("cut inside a dimension", IdxFile.Small()[..9], "header"),
        ("cut after the header", IdxFile.Small()[..16], "found 0"),
        ("cut in the data", IdxFile.Small()[..20], "found 4"),
        ("one byte short", IdxFile.Small()[..^1], "found 11"),
        ("one byte too many", [.. IdxFile.Small(), 0], "found 13|found more"),
        ("another first byte", Changed(0, 1), "01-00"),
        ("another second byte", Changed(1, 255), "00-FF"),
        ("a PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "89-50"),
        ("a web page", "<html>not found</html>"u8.ToArray(), "3C-68"),
        ("type 0", Changed(2, 0), "element type"),
        ("type 0A", Changed(2, 0x0A), "0A"),
        ("type FF", Changed(2, 0xFF), "FF"),
        ("a wider type than stored", Changed(2, 0x0C), "48 bytes"),
        ("rank 0", [0, 0, 8, 0, 5], "dimensions, found 0"),
        ("rank 9", IdxFile.Header(8, 1, 1, 1, 1, 1, 1, 1, 1, 1), "dimensions, found 9"),
        ("rank 255", [0, 0, 8, 255, .. new byte[2000]], "dimensions, found 255"),
        ("a negative dimension", IdxFile.Header(8, 0xFFFFFFFF), "4294967295"),
        ("2^31 bytes", IdxFile.Header(8, 0x7FFFFFFF), "2147483647"),
        ("just what an array holds", IdxFile.Header(8, 0x7FFFFFC7), "2147483591 bytes"),
        ("2^31 doubles", IdxFile.Header(14, 0x10000000), "268435456"),
        ("a product of 2^64", IdxFile.Header(8, 0x10000, 0x10000, 0x10000, 0x10000), "65536, 65536"),
        ("a product of 2^64 + 12", IdxFile.Header(8, 0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF), "2147483647"),
        ("eight huge dimensions", IdxFile.Header(14, [.. Enumerable.Repeat(0x7FFFFFFFu, 8)]), "2147483647"),
        ("no elements, then some", [.. IdxFile.Header(8, 0, 28), 1], "found 1.|found more"),
        ("gzip: magic only", [0x1F, 0x8B], "gzip|header"),
        ("gzip: header only", IdxFile.GZip(IdxFile.Small())[..10], "gzip|header"),
        ("gzip: cut in the data", IdxFile.GZip(IdxFile.Small())[..25], "gzip|earlier end"),
        ("gzip: cut before the checksum", IdxFile.GZip(IdxFile.Small())[..^8], "gzip"),
        ("gzip: cut in the checksum", IdxFile.GZip(IdxFile.Small())[..^6], "gzip"),
        ("gzip: cut in the length", IdxFile.GZip(IdxFile.Small())[..^1], "gzip"),
        ("gzip: wrong checksum", ChangedGZip(^6), "gzip"),
        ("gzip: wrong length", ChangedGZip(^2), "gzip"),
        ("gzip: another method", ChangedGZip(2), "gzip"),
        ("gzip: a zero behind", [.. IdxFile.GZip(IdxFile.Small()), 0], "gzip"),
        ("gzip: half a magic behind", [.. IdxFile.GZip(IdxFile.Small()), 0x1F], "gzip"),
        ("gzip: a second file behind", [.. IdxFile.GZip(IdxFile.Small()), .. IdxFile.GZip(IdxFile.Small())], "found more"),
        ("gzip: content cut", IdxFile.GZip(IdxFile.Small()[..^1]), "earlier end"),
        ("gzip: content shorter by as much as the mark", IdxFile.GZip(IdxFile.Small()[..^8]), "earlier end"),
        ("gzip: content shorter by more than the mark", IdxFile.GZip(IdxFile.Small()[..^11]), "earlier end"),
        ("gzip: content too long", IdxFile.GZip([.. IdxFile.Small(), 7]), "found more"),
        ("gzip: content with the mark", IdxFile.GZip([.. IdxFile.Small(), .. "MiniDeep"u8]), "found more"),
        ("gzip: in gzip", IdxFile.GZip(IdxFile.GZip(IdxFile.Small())), "1F-8B"),
        ("gzip: empty content", IdxFile.GZip([]), "header|two zero bytes"),
        ("gzip: a promise of 2 GB", IdxFile.GZip(IdxFile.Header(8, 0x7FFFFFC7)), "at most|earlier end"),
        ("gzip: a promise it could keep", IdxFile.GZip(IdxFile.Header(8, 4_000_000)), "earlier end"),
        ("gzip: a bomb that keeps its promise", IdxFile.GZipZeros(IdxFile.Header(8, 256 << 20), 256 << 20), "at most"),
        ("gzip: a bomb behind a small array", IdxFile.GZipZeros(IdxFile.Small(), 64 << 20), "found more"),
    ];

    public static TheoryData<string> Broken => [.. _broken.Select(b => b.What)];

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_file_is_refused_cheaply_and_by_name(string what)
    {
        (_, byte[] file, string message) = _broken.Single(b => b.What == what);
        foreach (bool seekable in (bool[])[true, false])
        {
            var trickle = new TrickleStream(file);
            Stream stream = seekable ? new MemoryStream(file) : trickle;
            long before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(stream, "folder/some.idx"));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.InRange(allocated, 0, Allowed);
            Assert.InRange(seekable ? stream.Position : trickle.Given, 0, 1 << 20);
            Assert.Equal("folder/some.idx", error.FileName);
            Assert.StartsWith("folder/some.idx: expected ", error.Message);
            Assert.True(message.Split('|').Any(error.Message.Contains), error.Message);
        }
    }

    [Fact]
    public void A_broken_file_on_disk_is_named_by_its_path()
    {
        string path = Path.Combine(Path.GetTempPath(), $"minideep-{Guid.NewGuid():N}.idx");
        File.WriteAllBytes(path, IdxFile.Small()[..^3]);
        try
        {
            var error = Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(path));
            Assert.Equal(path, error.FileName);
            Assert.Equal($"{path}: expected 12 bytes of elements, as the header's [3, 2, 2] promises, found 9.", error.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static TheoryData<string> Forms => ["plain", "gzip", "wide", "stored"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_mutated_file_gives_an_array_or_the_documented_error(string form)
    {
        byte[] wide = [.. IdxFile.Header(13, 5, 1, 3), .. Enumerable.Range(0, 60).Select(i => (byte)(i * 7))];
        byte[] good = form switch
        {
            "plain" => IdxFile.Small(),
            "gzip" => IdxFile.GZip(IdxFile.Small()),
            "wide" => wide,
            _ => IdxFile.GZip(wide, System.IO.Compression.CompressionLevel.NoCompression),
        };
        int refused = 0, read = 0;
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, good.Length - 1], Gen.Byte, Gen.UInt).Array[1, 4].Select(Gen.Bool).Sample((edits, seekable) =>
        {
            byte[] file = edits.Aggregate(good, (f, e) => Mutate(f, e.Item1, e.Item2, e.Item3, e.Item4));
            Stream stream = seekable ? new MemoryStream(file) : new TrickleStream(file);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                IdxArray array = IdxReader.Read(stream);
                Assert.Equal(array.Data.Length, array.Dimensions.Aggregate((long)ElementSize(array), (product, d) => product * d));
                Interlocked.Increment(ref read);
            }
            catch (InvalidDataFileException)
            {
                Interlocked.Increment(ref refused);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Allowed + 2 * file.Length);
        }, iter: 20_000, threads: 1);
        Assert.True(refused > 5_000 && read > 100, $"{refused} refused, {read} read");
    }

    private static int ElementSize(IdxArray array) => array.ElementType switch
    {
        IdxElementType.UInt8 or IdxElementType.Int8 => 1,
        IdxElementType.Int16 => 2,
        IdxElementType.Float64 => 8,
        _ => 4,
    };

    private static byte[] Mutate(byte[] file, int kind, int at, byte value, uint word)
    {
        if (file.Length == 0)
            return [value];
        at %= file.Length;
        switch (kind)
        {
            case 0:
                return [.. file[..at], value, .. file[at..]];
            case 1:
                return [.. file[..at], .. file[(at + 1)..]];
            case 2:
                return file[..at];
            case 3 when file.Length >= 4:
                byte[] changed = [.. file];
                BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(Math.Min(at, file.Length - 4)), word);
                return changed;
            case 4:
                byte[] flipped = [.. file];
                flipped[at] ^= (byte)(1 << (value & 7));
                return flipped;
            default:
                byte[] replaced = [.. file];
                replaced[at] = value;
                return replaced;
        }
    }

    private static byte[] Changed(int at, byte value)
    {
        byte[] file = IdxFile.Small();
        file[at] = value;
        return file;
    }

    private static byte[] ChangedGZip(Index at)
    {
        byte[] file = IdxFile.GZip(IdxFile.Small());
        file[at] ^= 0x10;
        return file;
    }
}
