namespace MiniDeep;

/// <summary>What a training run went through: one value an epoch of the loss ("loss"), of each metric, and of the same on the validation data ("val_loss", …).</summary>
public sealed class History
{
    private readonly List<string> _names = [];
    private readonly List<List<double>> _values = [];
    private readonly List<TimeSpan> _times = [];

    internal History()
    {
    }

    /// <summary>The names in the order of the log.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The number of epochs that were completed.</summary>
    public int Epochs => _times.Count;

    /// <summary>The training loss of each epoch.</summary>
    public IReadOnlyList<double> Loss => this["loss"];

    /// <summary>How long each epoch took, validation included.</summary>
    public IReadOnlyList<TimeSpan> EpochTimes => _times;

    /// <summary>The values of one name, an epoch each.</summary>
    /// <exception cref="KeyNotFoundException">There is no such name; the message lists those there are.</exception>
    public IReadOnlyList<double> this[string name] => _names.IndexOf(name) is >= 0 and var index
        ? _values[index]
        : throw new KeyNotFoundException($"The history has no '{name}'; it has {(_names.Count == 0 ? "nothing yet" : string.Join(", ", _names))}.");

    /// <summary>Whether the history has a name.</summary>
    public bool Contains(string name) => _names.Contains(name);

    /// <summary>The values of each epoch, in the order of the names.</summary>
    internal IReadOnlyList<double[]> Rows() => [.. Enumerable.Range(0, Epochs).Select(epoch => _values.Select(values => values[epoch]).ToArray())];

    /// <summary>Adds an epoch; all epochs have the same names.</summary>
    internal void Add(string[] names, double[] values, TimeSpan time)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if (i == _names.Count)
            {
                _names.Add(names[i]);
                _values.Add([]);
            }
            _values[i].Add(values[i]);
        }
        _times.Add(time);
    }
}

/// <summary>What a model scored on a data set: the loss ("loss") and each metric by name.</summary>
public sealed class Evaluation
{
    private readonly IReadOnlyList<KeyValuePair<string, double>> _values;

    internal Evaluation(IReadOnlyList<KeyValuePair<string, double>> values) => _values = values;

    /// <summary>The loss.</summary>
    public double Loss => this["loss"];

    /// <summary>Names and values in the order of the log.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Values => _values;

    /// <summary>One value.</summary>
    /// <exception cref="KeyNotFoundException">There is no such name; the message lists those there are.</exception>
    public double this[string name]
    {
        get
        {
            foreach ((string key, double value) in _values)
            {
                if (key == name) return value;
            }
            throw new KeyNotFoundException($"The evaluation has no '{name}'; it has {string.Join(", ", _values.Select(static v => v.Key))}.");
        }
    }

    /// <summary>"loss: 0.0412 - accuracy: 0.9873".</summary>
    public override string ToString() => TrainingText.Logs(_values);
}
