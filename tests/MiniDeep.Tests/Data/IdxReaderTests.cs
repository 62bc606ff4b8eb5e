using System.IO.Compression;
using MiniDeep.Data;

namespace MiniDeep.Tests.Data;

public class IdxReaderTests
{
    [Theory]
    [InlineData("train", 60_000)]
    [InlineData("t10k", 10_000)]
    public void Mnist_reads_whole(string part, int count)
    {
        IdxArray images = IdxReader.Read(Repository.PathTo($"examples/data/mnist/{part}-images-idx3-ubyte.gz"));
        IdxArray labels = IdxReader.Read(Repository.PathTo($"examples/data/mnist/{part}-labels-idx1-ubyte.gz"));
        Assert.Equal([count, 28, 28], images.Dimensions);
        Assert.Equal([count], labels.Dimensions);
        Assert.Equal(IdxElementType.UInt8, images.ElementType);
        Assert.Equal(count * 784, images.Data.Length);
        // each digit's share, as the data set's authors give it
        int[] shares = part == "train"
            ? [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
            : [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
        Assert.Equal(shares, labels.Data.CountBy(l => l).OrderBy(p => p.Key).Select(p => p.Value));
        // the well-known mean intensity of the training pixels
        if (part == "train")
            Assert.Equal(0.1306604, images.Data.Average(b => (double)b) / 255, 1e-6);
    }

    [Fact]
    public void Every_element_type_arrives_in_host_order()
    {
        Check<byte>(0x08, [0x80, 0x7F], IdxElementType.UInt8, [128, 127]);
        Check<sbyte>(0x09, [0x80, 0x7F], IdxElementType.Int8, [-128, 127]);
        Check<short>(0x0B, [0x01, 0x02, 0xFF, 0xFE], IdxElementType.Int16, [258, -2]);
        Check<int>(0x0C, [0x01, 0x02, 0x03, 0x04, 0xFF, 0xFF, 0xFF, 0xFD], IdxElementType.Int32, [0x01020304, -3]);
        Check<float>(0x0D, [0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0], IdxElementType.Float32, [1f, -2.5f]);
        Check<double>(0x0E, [0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 0xC0, 0x04, 0, 0, 0, 0, 0, 0], IdxElementType.Float64, [1.0, -2.5]);

        static void Check<T>(byte code, byte[] stored, IdxElementType type, T[] values) where T : unmanaged
        {
            byte[] file = [.. IdxFile.Header(code, 2), .. stored];
            foreach (byte[] form in (byte[][])[file, IdxFile.GZip(file)])
            {
                IdxArray array = IdxReader.Read(new MemoryStream(form));
                Assert.Equal(type, array.ElementType);
                Assert.Equal(values, array.Elements<T>().ToArray());
            }
        }
    }

    [Fact]
    public void Elements_of_another_type_are_refused()
    {
        IdxArray array = IdxReader.Read(new MemoryStream(IdxFile.Small()));
        var error = Assert.Throws<InvalidOperationException>(() => array.Elements<float>().Length);
        Assert.Contains("UInt8", error.Message);
        Assert.Contains("Single", error.Message);
    }

    [Fact]
    public void An_array_without_elements_is_sound()
    {
        byte[] file = IdxFile.Header(8, 0, 28, 28);
        Assert.Equal([0, 28, 28], IdxReader.Read(new MemoryStream(file)).Dimensions);
        Assert.Empty(IdxReader.Read(new MemoryStream(IdxFile.GZip(file))).Data);
    }

    [Fact]
    public void Eight_dimensions_are_read()
    {
        byte[] file = [.. IdxFile.Header(8, 1, 2, 1, 2, 1, 1, 1, 1), 1, 2, 3, 4];
        Assert.Equal([1, 2, 1, 2, 1, 1, 1, 1], IdxReader.Read(new MemoryStream(file)).Dimensions);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void A_stream_that_cannot_seek_gives_the_same(int most)
    {
        byte[] large = [.. IdxFile.Header(8, 3, 1000, 1000), .. Noise(3_000_000)];
        foreach (byte[] file in (byte[][])[IdxFile.Small(), IdxFile.GZip(IdxFile.Small()), large, IdxFile.GZip(large)])
        {
            if (file.Length > 1000 && most < 1000)
                continue;
            Assert.Equal(IdxReader.Read(new MemoryStream(file)).Data, IdxReader.Read(new TrickleStream(file, most)).Data);
        }
    }

    [Fact]
    public void A_stream_is_read_from_its_position_and_left_open()
    {
        var stream = new MemoryStream([9, 9, 9, .. IdxFile.Small()]) { Position = 3 };
        Assert.Equal(12, IdxReader.Read(stream).Data.Length);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void A_file_in_several_gzip_members_is_read()
    {
        byte[] file = IdxFile.Small();
        for (int cut = 0; cut <= file.Length; cut++)
            Assert.Equal(file[16..], IdxReader.Read(new MemoryStream([.. IdxFile.GZip(file[..cut]), .. IdxFile.GZip(file[cut..])])).Data);
    }

    /// <summary>The end of the gzip data at every place relative to the reader's 8192-byte buffer.</summary>
    [Fact]
    public void The_end_of_a_gzip_file_is_found_wherever_it_falls()
    {
        byte[] noise = Noise(9000);
        var lengths = new HashSet<int>();
        for (int size = 8100; size <= 8250; size++)
        {
            byte[] file = IdxFile.GZip([.. IdxFile.Header(8, (uint)size), .. noise.AsSpan(0, size)], CompressionLevel.NoCompression);
            lengths.Add(file.Length);
            foreach (Func<byte[], Stream> open in (Func<byte[], Stream>[])[f => new MemoryStream(f), f => new TrickleStream(f), f => new TrickleStream(f, 1)])
            {
                Assert.Equal(size, IdxReader.Read(open(file)).Data.Length);
                Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(open([.. file, 0])));
                Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(open([.. file, 0x1F])));
                for (int cut = 1; cut <= 9; cut++)
                    Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(open(file[..^cut])));
            }
        }
        Assert.Superset(Enumerable.Range(8170, 50).ToHashSet(), lengths);
    }

    [Fact]
    public void A_missing_file_is_the_usual_error() =>
        Assert.Throws<FileNotFoundException>(() => IdxReader.Read(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));

    [Fact]
    public void MaxBytes_decides_where_it_is_given()
    {
        byte[] zeros = IdxFile.GZipZeros(IdxFile.Header(8, 8 << 20), 8 << 20);    // grows a thousandfold
        foreach (Func<byte[], Stream> open in (Func<byte[], Stream>[])[f => new MemoryStream(f), f => new TrickleStream(f)])
        {
            Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(open(zeros)));
            Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(open(zeros), maxBytes: (8 << 20) - 1));
            Assert.Equal(8 << 20, IdxReader.Read(open(zeros), maxBytes: 8 << 20).Data.Length);
        }
        Assert.Throws<InvalidDataFileException>(() => IdxReader.Read(new MemoryStream(IdxFile.Small()), maxBytes: 11));
        Assert.Equal(12, IdxReader.Read(new MemoryStream(IdxFile.Small()), maxBytes: 12).Data.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => IdxReader.Read(new MemoryStream(IdxFile.Small()), maxBytes: -1));
    }

    private static byte[] Noise(int count)
    {
        var bytes = new byte[count];
        new System.Random(1).NextBytes(bytes);
        return bytes;
    }
}
