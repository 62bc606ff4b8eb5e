using System.Buffers;

namespace MiniDeep;

/// <summary>Tensors as files hold them: row-major and little-endian.</summary>
internal static class TensorBytes
{
    private const int ChunkSize = 1 << 20;

    /// <summary>Writes the elements. Waits for the device.</summary>
    public static void Write(Stream file, Tensor tensor)
    {
        Tensor elements;
        using (Tensor.NoGrad()) elements = tensor.Detach().Contiguous();
        int size = tensor.DType.Size();
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            long total = (long)tensor.Count * size;
            for (long at = 0; at < total;)
            {
                Span<byte> part = chunk.AsSpan(0, (int)Math.Min(total - at, ChunkSize));
                elements.ReadBytes(at, part);
                ElementBytes.Arrange(part, size, isLittleEndian: true);
                file.Write(part);
                at += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
