namespace MiniDeep.PublicApi.Tests;

/// <summary>A layer and a callback of a user's own go through files with what the package shows.</summary>
public sealed class OwnLayerFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minideep-own-").FullName;

    [Fact]
    public void A_registered_layer_is_saved_loaded_and_resumed()
    {
        LayerRegistry.Register("own.gated_unit", static config => new GatedUnit(config.GetInt32("units")));
        Sequential model = Network();
        var counter = new StepCounter();
        Train(model, counter, epochs: 2);
        string path = Path.Combine(_folder, "model.safetensors");
        model.Save(path);
        Tensor x = Tensor.Ones([1, 3]);
        Assert.Equal(model.Predict(x).ToArray<float>(), Sequential.Load(path).Predict(x).ToArray<float>());
        Assert.Equal(model.Predict(x).ToArray<float>(), Model.Load(Checkpoint.Newest(Path.Combine(_folder, "run"))!).Predict(x).ToArray<float>());

        Sequential resumed = Network();
        var later = new StepCounter();
        Train(resumed, later, epochs: 3);
        Assert.Equal(8, counter.Steps);
        Assert.Equal(12, later.Steps);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Sequential Network()
    {
        Sequential model = new Sequential([3], seed: 1).Add(new GatedUnit(4)).Dense(1);
        model.Compile(new Adam(), Loss.MeanSquaredError);
        return model;
    }

    private void Train(Sequential model, Callback callback, int epochs)
    {
        string run = Path.Combine(_folder, "run");
        model.Fit(Tensor.Ones([16, 3]), Tensor.Zeros([16, 1]), epochs, batchSize: 4, verbosity: Verbosity.Silent, callbacks: [callback, new Checkpoint(run)], resumeFrom: run);
    }

    private sealed class GatedUnit(int units) : Layer
    {
        private Parameter _value = null!, _gate = null!;

        protected override void Describe(LayerConfig config) => config.Set("units", units);

        protected override Shape Build(Shape input)
        {
            _value = AddWeight("value", [input[^1], units], Initializer.GlorotUniform);
            _gate = AddWeight("gate", [input[^1], units], Initializer.GlorotUniform);
            return input.WithLast(units);
        }

        protected override Tensor Forward(Tensor x, bool training) => x.MatMul(_value) * x.MatMul(_gate).Sigmoid();
    }

    private sealed class StepCounter : Callback
    {
        public int Steps { get; private set; }

        public override string? State
        {
            get => $"{Steps}";
            set => Steps = int.Parse(value!, System.Globalization.CultureInfo.InvariantCulture);
        }

        public override void OnStepEnd(TrainingProgress progress) => Steps++;
    }
}
