namespace MiniDeep;

/// <summary>The base of the errors that MiniDeep reports about a model, a tensor or a training run.</summary>
public class MiniDeepException : Exception
{
    /// <summary>An error with a message.</summary>
    public MiniDeepException(string message) : base(message)
    {
    }

    /// <summary>An error with a message and what caused it.</summary>
    public MiniDeepException(string message, Exception? inner) : base(message, inner)
    {
    }
}

/// <summary>Shapes that don't fit together, or don't fit a layer.</summary>
public sealed class ShapeException(string message, Exception? inner = null) : MiniDeepException(message, inner);

/// <summary>An element type that an operation can't take.</summary>
public sealed class DTypeException(string message) : MiniDeepException(message);

/// <summary>Tensors on different devices in one operation, a device that isn't there, or one that was lost: then <see cref="Exception.InnerException"/> is the driver's error.</summary>
public sealed class DeviceException(string message, Exception? inner = null) : MiniDeepException(message, inner);

/// <summary>A class label outside the classes of the model.</summary>
public sealed class LabelException(string message) : MiniDeepException(message);

/// <summary>A gradient that can't be computed: a graph already used, a tensor changed in between, a result that isn't a scalar.</summary>
public sealed class GradientException(string message) : MiniDeepException(message);

/// <summary>A tensor touched after its memory went back to the training step it belonged to.</summary>
public sealed class StaleTensorException(string message) : MiniDeepException(message);

/// <summary>NaN or infinity, where the model was asked to watch for it.</summary>
public sealed class NonFiniteException(string message) : MiniDeepException(message);

/// <summary>A model used in a state that doesn't allow it: trained before it is compiled, or twice at once.</summary>
public sealed class ModelStateException(string message) : MiniDeepException(message);
