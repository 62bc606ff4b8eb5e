namespace MiniDeep;

/// <summary>Sees every layer that its thread runs, one by one: under a watch neighbouring layers don't run as one operation.</summary>
internal abstract class LayerWatch
{
    [ThreadStatic] private static LayerWatch? t_current;

    /// <summary>The watch of this thread, if any.</summary>
    public static LayerWatch? Current => t_current;

    /// <summary>Watches until the result is disposed of, in place of an outer watch.</summary>
    public Scope Enter() => new(this);

    /// <summary>A layer's Forward is about to run.</summary>
    public virtual void Starts(Layer layer)
    {
    }

    /// <summary>A layer's Forward has given its result.</summary>
    public abstract void Ends(Layer layer, Tensor output);

    internal readonly ref struct Scope
    {
        private readonly bool _entered;
        private readonly LayerWatch? _outer;

        public Scope(LayerWatch watch)
        {
            _entered = true;
            _outer = t_current;
            t_current = watch;
        }

        public void Dispose()
        {
            if (_entered) t_current = _outer;
        }
    }
}
