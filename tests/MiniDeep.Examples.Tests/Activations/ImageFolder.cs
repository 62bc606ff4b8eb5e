using System.Buffers.Binary;

namespace MiniDeep.Tests.Activations;

/// <summary>A small image set in MNIST's form on disk: the class of an image is the band of rows that is bright.</summary>
internal sealed class ImageFolder : IDisposable
{
    public ImageFolder(int height, int width, int classes, int? testHeight = null, int trainCount = 300, int testCount = 60)
    {
        Write("train", trainCount, height, width, classes);
        Write("t10k", testCount, testHeight ?? height, width, classes);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("minideep-images").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private void Write(string part, int count, int height, int width, int classes)
    {
        var images = new byte[16 + (count * height * width)];
        var labels = new byte[8 + count];
        Header(images, [0x803, count, height, width]);
        Header(labels, [0x801, count]);
        for (int i = 0; i < count; i++)
        {
            int label = labels[8 + i] = (byte)(i % classes);
            for (int y = label * height / classes; y < (label + 1) * height / classes; y++)
            {
                for (int x = 0; x < width; x++) images[16 + (((i * height) + y) * width) + x] = (byte)(150 + ((i * 7) + x) % 100);
            }
        }
        File.WriteAllBytes(System.IO.Path.Combine(Path, $"{part}-images-idx3-ubyte"), images);
        File.WriteAllBytes(System.IO.Path.Combine(Path, $"{part}-labels-idx1-ubyte"), labels);
    }

    private static void Header(byte[] file, ReadOnlySpan<int> numbers)
    {
        for (int i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 * i), numbers[i]);
    }
}
