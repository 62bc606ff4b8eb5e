namespace MiniDeep;

/// <summary>What layers need to know while they are built: dtype and device of their weights, and the random streams of the model.</summary>
internal sealed class BuildContext(DType dtype, Device device, long seed)
{
    [ThreadStatic] private static BuildContext? t_current;

    public DType DType => dtype;

    public Device Device { get; set; } = device;

    /// <summary>How many streams have been given out.</summary>
    public int Streams { get; set; }

    /// <summary>The next stream of the model: streams follow the order in which the weights are made.</summary>
    public RandomStream NextStream(RandomPurpose purpose = RandomPurpose.Weights) => RandomStream.Of(seed, purpose, Streams++);

    /// <summary>Makes this the context of the thread until the result is disposed of.</summary>
    public Scope Enter() => new(this);

    /// <summary>Stays in the context that is there, or makes one for a layer that is built by itself.</summary>
    public static Scope EnterFor(DType dtype, Device device) =>
        new(t_current ?? new BuildContext(dtype, device == Device.Shapes ? Device.Cpu : device, MiniDeepRandom.NextModelSeed()));

    internal readonly ref struct Scope
    {
        private readonly BuildContext? _outer;

        public Scope(BuildContext context)
        {
            Context = context;
            _outer = t_current;
            t_current = context;
        }

        public BuildContext Context { get; }

        public void Dispose() => t_current = _outer;
    }
}
