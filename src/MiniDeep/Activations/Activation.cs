using System.Collections.Concurrent;

namespace MiniDeep;

/// <summary>A function applied to each element of a layer's result (softmax: to each row). Immutable, without state: shared freely between models.</summary>
public sealed class Activation
{
    private static readonly ConcurrentDictionary<string, Activation> s_registered = new();

    private readonly Func<Tensor, Tensor> _function;
    private readonly bool _isOwn;

    private Activation(string name, Func<Tensor, Tensor> function, FusedActivation? fused = null, bool isOwn = false)
    {
        Name = name;
        _function = function;
        Fused = fused;
        _isOwn = isOwn;
    }

    /// <summary>No function: x itself.</summary>
    public static Activation Linear { get; } = new("linear", static x => x, FusedActivation.None);

    /// <summary>max(0, x).</summary>
    public static Activation ReLU { get; } = new("relu", static x => x.ReLU(), new FusedActivation(UnaryKind.Relu));

    /// <summary>x sigmoid(x) (Ramachandran, Zoph and Le 2017), also known as SiLU.</summary>
    public static Activation Swish { get; } = new("swish", static x => x.Swish(), new FusedActivation(UnaryKind.Swish));

    /// <summary>Another name of <see cref="Swish"/>.</summary>
    public static Activation SiLU => Swish;

    /// <summary>tanh(x).</summary>
    public static Activation Tanh { get; } = new("tanh", static x => x.Tanh(), new FusedActivation(UnaryKind.Tanh));

    // sigmoid and softmax stay operations of their own: their results remember the logits for a stable cross-entropy

    /// <summary>1 / (1 + e^-x).</summary>
    public static Activation Sigmoid { get; } = new("sigmoid", static x => x.Sigmoid());

    /// <summary>e^x / sum e^x over the last axis.</summary>
    public static Activation Softmax { get; } = new("softmax", static x => x.Softmax());

    /// <summary>The name in summaries and files.</summary>
    public string Name { get; }

    /// <summary>The numbers that make it what it is, in files.</summary>
    internal IReadOnlyList<KeyValuePair<string, double>> Numbers { get; private init; } = [];

    /// <summary>How a fused operation knows the function; null for one that it doesn't.</summary>
    internal FusedActivation? Fused { get; }

    /// <summary>x where it is positive, otherwise alpha x.</summary>
    /// <param name="alpha">The slope for negative x. Keras's layer has 0.3, PyTorch's 0.01.</param>
    public static Activation LeakyReLU(double alpha = 0.3) => new("leaky_relu", x => x.LeakyReLU(alpha), new FusedActivation(UnaryKind.LeakyRelu, alpha))
    {
        Numbers = [KeyValuePair.Create("alpha", alpha)],
    };

    /// <summary>A function of the user's own, made of tensor operations.</summary>
    /// <param name="name">Its name in summaries.</param>
    /// <param name="function">Gives a tensor of the same shape.</param>
    public static Activation Of(string name, Func<Tensor, Tensor> function)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(function);
        return new Activation(name, function, isOwn: true);
    }

    /// <summary>Makes an activation of the user's own known to model files, which hold its name alone: call it before a model with it is saved or loaded. A later one of the same name takes its place.</summary>
    /// <param name="activation">Made with <see cref="Of"/>.</param>
    /// <exception cref="ArgumentException">A built-in activation has the name.</exception>
    public static void Register(Activation activation)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (BuiltIn(activation.Name, static _ => 0) is not null)
            throw new ArgumentException($"There is a built-in activation '{activation.Name}': give your own another name.", nameof(activation));
        s_registered[activation.Name] = activation;
    }

    /// <summary>The activation that a file names; null if none is known by the name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="number">Gives its numbers.</param>
    internal static Activation? Named(string name, Func<string, double> number) => BuiltIn(name, number) ?? s_registered.GetValueOrDefault(name);

    /// <exception cref="ModelStateException">A file could not be read again, because the activation isn't known by its name.</exception>
    internal void CheckSaved()
    {
        if (_isOwn && !s_registered.ContainsKey(Name))
            throw new ModelStateException($"The activation '{Name}' can't be saved: a file holds its name alone. Call Activation.Register with it first, here and where the file is loaded.");
    }

    /// <summary>The function's value.</summary>
    public Tensor Apply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return _function(x) ?? throw new ModelStateException($"Activation {Name}: its function gave null.");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Activation? BuiltIn(string name, Func<string, double> number) => name switch
    {
        "linear" => Linear,
        "relu" => ReLU,
        "swish" => Swish,
        "tanh" => Tanh,
        "sigmoid" => Sigmoid,
        "softmax" => Softmax,
        "leaky_relu" => LeakyReLU(number("alpha")),
        _ => null,
    };
}
