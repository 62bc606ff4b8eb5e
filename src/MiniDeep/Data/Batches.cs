using System.Collections;

namespace MiniDeep.Data;

/// <summary>Some samples and their targets.</summary>
/// <param name="Features">The samples, [batch, …], floats.</param>
/// <param name="Labels">Their targets, [batch, …].</param>
public readonly record struct Batch(Tensor Features, Tensor Labels);

/// <summary>A data set in groups. Each enumeration is one pass over the data.</summary>
public sealed class Batches : IEnumerable<Batch>
{
    private readonly Dataset _data;
    private readonly int _size;

    internal Batches(Dataset data, int size) => (_data, _size) = (data, size);

    /// <summary>The number of groups in a pass.</summary>
    public int Count => (int)(((long)_data.Count + _size - 1) / _size);

    /// <inheritdoc/>
    public IEnumerator<Batch> GetEnumerator()
    {
        Tensor? order = _data.Upload(_data.NextPass());
        DType dtype = _data.FloatDType;
        for (int start = 0, count; start < _data.Count; start += count)
        {
            count = Math.Min(_size, _data.Count - start);
            yield return _data.Read(order, start, count, dtype);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
