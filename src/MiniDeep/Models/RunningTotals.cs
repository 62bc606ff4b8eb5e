namespace MiniDeep;

/// <summary>Running means of losses and metrics, weighted by samples, on the device: reading them is the only thing that waits.</summary>
internal sealed class RunningTotals
{
    private readonly Tensor _totals;
    private readonly Tensor[] _slots;
    private readonly double[] _weights;

    public RunningTotals(int count, Device device)
    {
        using (MemoryScope.Plain.Enter()) _totals = Tensor.Zeros([count], DType.Float64, device);
        _slots = new Tensor[count];
        for (int i = 0; i < count; i++) _slots[i] = _totals[i..(i + 1)];
        _weights = new double[count];
    }

    public void Clear()
    {
        _totals.Fill(0);
        _weights.AsSpan().Clear();
    }

    /// <summary>Adds the mean of a batch. A loss that is a sum adds up instead: its weight in the mean is 0.</summary>
    public void Add(int index, Tensor value, int samples, bool isSum = false)
    {
        AccumulateOp.Apply(_slots[index], value, isSum ? 1 : samples);
        if (!isSum) _weights[index] += samples;
    }

    /// <summary>The sums so far and the samples that they are divided by. Waits for the device.</summary>
    public (double[] Sums, double[] Weights) Save() => (_totals.ToArray<double>(), [.. _weights]);

    /// <summary>Goes on from sums that were saved.</summary>
    public void Restore((double[] Sums, double[] Weights) saved)
    {
        _totals.CopyFrom<double>(saved.Sums);
        saved.Weights.CopyTo(_weights, 0);
    }

    /// <summary>The means (or sums) so far. Waits for the device.</summary>
    public void Read(Span<double> values)
    {
        _totals.CopyTo(values);
        for (int i = 0; i < values.Length; i++)
        {
            if (_weights[i] > 0) values[i] /= _weights[i];
        }
    }
}
