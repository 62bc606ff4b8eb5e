using System.Runtime.InteropServices;

namespace MiniDeep.Data;

/// <summary>Writes a tensor number by number, from its first to its last.</summary>
/// <param name="tensor">The tensor: new, on the CPU, of Float32, Float64 or Int32.</param>
internal sealed class NumberWriter(Tensor tensor)
{
    private const int BufferSize = 1 << 16;

    private readonly DType _dtype = tensor.DType;
    private readonly byte[] _buffer = new byte[(int)Math.Min(BufferSize, (long)tensor.Count * tensor.DType.Size())];
    private long _written;
    private int _buffered;

    public void Add(double value)
    {
        Span<byte> free = _buffer.AsSpan(_buffered);
        if (_dtype == DType.Float32) MemoryMarshal.Write(free, (float)value);
        else if (_dtype == DType.Float64) MemoryMarshal.Write(free, value);
        else MemoryMarshal.Write(free, (int)value);
        _buffered += _dtype.Size();
        if (_buffered == _buffer.Length) Flush();
    }

    /// <summary>Gives the tensor what it lacks still.</summary>
    public void Flush()
    {
        tensor.WriteBytes(_written, _buffer.AsSpan(0, _buffered));
        _written += _buffered;
        _buffered = 0;
    }
}
