using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniDeep;

/// <summary>A checkpoint that was read and found to fit a model and its optimizer; nothing of them has changed yet.</summary>
internal sealed class Resumption
{
    private const int MaxDepth = 8;
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(36_500);

    private readonly string _path;
    private readonly bool _isOrderGiven;
    private readonly TrainingState _state;
    private readonly Action _apply;

    private Resumption(string path, bool isOrderGiven, TrainingState state, Action apply) => (_path, _isOrderGiven, _state, _apply) = (path, isOrderGiven, state, apply);

    /// <summary>The folder of the checkpoint.</summary>
    public string Folder => Path.GetDirectoryName(_path)!;

    /// <summary>Reads the newest checkpoint of a folder; null if there is none.</summary>
    /// <exception cref="InvalidDataFileException">It is broken, or doesn't fit the model; the message names it.</exception>
    public static Resumption? Find(string folder, Model model, Optimizer optimizer, bool isOrderGiven)
    {
        if (Checkpoint.Newest(folder) is not { } path) return null;
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        return Read(file, path, model, optimizer, isOrderGiven);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InvalidDataFileException">It is broken, or doesn't fit the model.</exception>
    public static Resumption Read(SafeTensorsFile file, string path, Model model, Optimizer optimizer, bool isOrderGiven)
    {
        return ReadTraining(file, config =>
        {
            WeightReader.Match weights = new WeightReader(file, model).Read(WeightLayout.MiniDeep, names: null, strict: true);
            Action optimizing = ReadOptimizer(file, config, model, optimizer), dropping = ReadDropouts(config, model);
            Action freezing = ModelArchitecture.ReadFrozen(model, config.Json["frozen"], file.Name);
            return new Resumption(path, isOrderGiven, ReadState(file, config), () =>
            {
                weights.Apply();
                optimizing();
                dropping();
                freezing();
            });
        });
    }

    /// <summary>How many steps another checkpoint of the same run is ahead of this one; null if it is of another run: other data, another order, or another history in the epochs that both have.</summary>
    /// <exception cref="InvalidDataFileException">It is broken.</exception>
    public long? StepsAhead(string path)
    {
        using SafeTensorsFile file = SafeTensorsFile.Open(path);
        TrainingState other = ReadTraining(file, config => ReadState(file, config));
        int epochs = Math.Min(other.Epoch, _state.Epoch);
        bool isSame = (other.Samples, other.BatchSize, other.OrderKey) == (_state.Samples, _state.BatchSize, _state.OrderKey) && other.Names.SequenceEqual(_state.Names)
            && other.History.Take(epochs).SelectMany(static row => row).SequenceEqual(_state.History.Take(epochs).SelectMany(static row => row));
        return isSame ? other.TotalSteps - _state.TotalSteps : null;
    }

    /// <summary>Reads from the state of the training in a file's metadata.</summary>
    private static T ReadTraining<T>(SafeTensorsFile file, Func<LayerConfig, T> read)
    {
        if (!file.Header.Metadata.TryGetValue(ModelFile.TrainingKey, out string? text))
            throw new InvalidDataFileException(file.Name, "a checkpoint, with the state of a training in its metadata", "none");
        try
        {
            JsonNode? root = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            var config = new LayerConfig(root as JsonObject ?? throw new InvalidDataFileException(file.Name, "the state of a training", "something else"), file.Name, "the training state");
            if (config.GetInt32("version") is not CheckpointFile.Version and var version)
                throw new InvalidDataFileException(file.Name, $"a training state of version {CheckpointFile.Version}", $"version {version}: a newer MiniDeep may read it");
            return read(config);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException or MiniDeepException)
        {
            throw new InvalidDataFileException(file.Name, "the state of a training", $"one that can't be read ({EntryName.Printable(error.Message)})", error);
        }
    }

    /// <summary>Checks that the run can go on from here.</summary>
    /// <exception cref="ArgumentException">Something about the run differs; the message says what.</exception>
    public TrainingState Check(int samples, int batchSize, RandomStream? order, string[] names)
    {
        Same("samples", _state.Samples, samples);
        Same("batchSize", _state.BatchSize, batchSize);
        Same("shuffle", _state.OrderKey is not null, order is not null);
        if (_isOrderGiven) Same("the order's seed, as a key", _state.OrderKey, order?.Key);
        Same("the history's values", string.Join(", ", _state.Names), string.Join(", ", names));
        return _state;
    }

    /// <summary>Gives weights, optimizer and random state back.</summary>
    public void Apply() => _apply();

    private void Same<T>(string what, T there, T here)
    {
        if (!Equals(there, here))
        {
            throw new ArgumentException(
                $"'{_path}' was written by a run with {what}: {there}; this one has {here}. A resumed run is as the one that it goes on with; for another run load the weights instead.", "resumeFrom");
        }
    }

    private static Action ReadOptimizer(SafeTensorsFile file, LayerConfig config, Model model, Optimizer optimizer)
    {
        string kind = optimizer.GetType().Name;
        if (config.GetString("optimizer") != kind) throw config.Missing("optimizer", $"the run's optimizer, {kind},");
        (long iterations, double learningRate) = (config.GetInt64("iterations"), config.GetDouble("learning_rate"));
        if (iterations < 0) throw config.Missing("iterations", "a number of steps");
        if (!(learningRate >= 0) || !double.IsFinite(learningRate)) throw config.Missing("learning_rate", "a finite number that isn't negative");
        Dictionary<string, SafeTensorEntry> entries = file.Header.Entries.ToDictionary(static entry => entry.Name);
        Dictionary<Parameter, Tensor[]> states = new(ReferenceEqualityComparer.Instance);
        foreach ((string name, Parameter parameter) in model.NamedParameters)
        {
            if (!entries.ContainsKey(CheckpointFile.Optimizer(0, name))) continue;
            var values = new Tensor[optimizer.StatesPerWeight];
            for (int i = 0; i < values.Length; i++) values[i] = ReadTensor(file, entries, CheckpointFile.Optimizer(i, name), parameter.DType, parameter.Shape);
            states[parameter] = values;
        }
        return () => optimizer.Restore(iterations, learningRate, states);
    }

    private static Action ReadDropouts(LayerConfig config, Model model)
    {
        Dropout[] dropouts = [.. LayerFields.LayersOf(model).OfType<Dropout>()];
        LayerConfig[] states = [.. Objects(config, "dropouts")];
        if (states.Length != dropouts.Length) throw config.Missing("dropouts", $"the state of {dropouts.Length} Dropout layers");
        (ulong Key, double Draws)[] read = [.. states.Select(state => (Key(state, "key") ?? throw state.Missing("key", "a random key"), state.GetDouble("draws")))];
        if (read.Any(static state => !(state.Draws >= 0 && state.Draws <= uint.MaxValue && state.Draws == Math.Floor(state.Draws))))
            throw config.Missing("dropouts", "numbers of masks that were drawn");
        return () =>
        {
            for (int i = 0; i < dropouts.Length; i++) (dropouts[i].Key, dropouts[i].Draws.Value) = read[i];
        };
    }

    private static TrainingState ReadState(SafeTensorsFile file, LayerConfig config)
    {
        Dictionary<string, SafeTensorEntry> entries = file.Header.Entries.ToDictionary(static entry => entry.Name);
        string[] names = Texts(config, "names");
        Tensor sums = ReadTensor(file, entries, CheckpointFile.Sums, DType.Float64, null), weights = ReadTensor(file, entries, CheckpointFile.Weights, DType.Float64, sums.Shape);
        Tensor times = ReadTensor(file, entries, CheckpointFile.Times, DType.Int64, null);
        if (times.Rank != 1 || sums.Rank != 1 || sums.Count is 0 || (names.Length != sums.Count && names.Length != 2 * sums.Count))
            throw new InvalidDataFileException(file.Name, "totals of each value of the history", $"{sums.Shape} for {names.Length} names");
        double[] history = ReadTensor(file, entries, CheckpointFile.History, DType.Float64, [times.Count, names.Length]).ToArray<double>();
        var state = new TrainingState
        {
            Epoch = config.GetInt32("epoch"),
            Step = config.GetInt32("step"),
            StepsPerEpoch = config.GetInt32("steps_per_epoch"),
            Samples = config.GetInt32("samples"),
            BatchSize = config.GetInt32("batch_size"),
            OrderKey = Key(config, "order_key"),
            Names = names,
            History = [.. history.Chunk(Math.Max(names.Length, 1))],
            EpochTimes = [.. times.ToArray<long>().Select(TimeSpan.FromTicks)],
            Elapsed = TimeSpan.FromTicks(config.GetInt64("elapsed")),
            Totals = (sums.ToArray<double>(), weights.ToArray<double>()),
            Callbacks = [.. Texts(config, "callbacks").Select((name, i) => KeyValuePair.Create(name, ReadText(file, entries, CheckpointFile.Callback(i))))],
        };
        if (state.EpochTimes.Append(state.Elapsed).Any(static time => time < TimeSpan.Zero || time > s_longest)) throw config.Missing("elapsed", "times that a training may take");
        return state is { Epoch: >= 0, Step: >= 0, Samples: > 0, BatchSize: > 0 } && state.Epoch == state.History.Count && state.Step <= state.StepsPerEpoch
            && state.StepsPerEpoch == ((state.Samples - 1) / state.BatchSize) + 1
            ? state
            : throw new InvalidDataFileException(file.Name, "a place in a training", $"epoch {state.Epoch} of {state.History.Count}, step {state.Step} of {state.StepsPerEpoch}");
    }

    private static IEnumerable<LayerConfig> Objects(LayerConfig config, string name) =>
        config.Json[name] is JsonArray all && all.All(static item => item is JsonObject)
            ? all.Select(item => new LayerConfig((JsonObject)item!, config.File, $"an item of {name}"))
            : throw config.Missing(name, "a list of objects");

    /// <summary>A key of 16 hexadecimal digits; null for "".</summary>
    private static ulong? Key(LayerConfig config, string name) => config.GetString(name) is var text && text.Length == 0 ? null
        : text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong key) ? key
        : throw config.Missing(name, "a key of 16 hexadecimal digits");

    private static string[] Texts(LayerConfig config, string name) => config.Json[name] is JsonArray all
        ? [.. all.Select(item => item is JsonValue value && value.TryGetValue(out string? text) ? text : throw config.Missing(name, "a list of texts"))]
        : throw config.Missing(name, "a list of texts");

    /// <summary>A text that is a tensor of UTF-8; null if there is none.</summary>
    private static string? ReadText(SafeTensorsFile file, Dictionary<string, SafeTensorEntry> entries, string name) => entries.ContainsKey(name)
        ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(ReadTensor(file, entries, name, DType.UInt8, shape: null).ToArray<byte>())
        : null;

    private static Tensor ReadTensor(SafeTensorsFile file, Dictionary<string, SafeTensorEntry> entries, string name, DType dtype, Shape? shape)
    {
        if (!entries.TryGetValue(name, out SafeTensorEntry? entry) || entry.Format.DType != dtype || (shape is { } expected && entry.Shape != expected))
        {
            throw new InvalidDataFileException(
                file.Name, $"{EntryName.Shown(name)}, {dtype}{(shape is { } wanted ? $" {wanted}" : "")}", entry is null ? "nothing of the name" : $"{entry.Format.Name} {entry.Shape}");
        }
        return file.Read(entry);
    }
}
