using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Changes parameters along their gradients. What it remembers of a parameter belongs to the pair of the two: parameters may be shared, frozen, loaded or moved between steps.
/// An algorithm overrides <see cref="Update"/>.
/// </summary>
public abstract class Optimizer
{
    private readonly ConditionalWeakTable<Parameter, Slots> _slots = [];
    private readonly Cell _learningRate;
    private readonly Cell _step = new();
    private readonly List<(Parameter Parameter, TensorView Gradient)> _batch = [];
    private UpdateTarget[] _targets = [];

    /// <summary>An optimizer with a learning rate.</summary>
    protected Optimizer(double learningRate)
    {
        if (!(learningRate >= 0) || !double.IsFinite(learningRate))
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "A learning rate is a finite number and not negative.");
        _learningRate = new Cell(learningRate);
    }

    /// <summary>The step's length; may be changed between steps.</summary>
    public double LearningRate
    {
        get => _learningRate.Value;
        set => _learningRate.Value = value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A learning rate is a finite number and not negative.");
    }

    /// <summary>How many steps have been taken.</summary>
    public long Iterations => (long)_step.Value;

    /// <summary>How many numbers the algorithm remembers for each weight: 0, 1 or 2. They start at 0.</summary>
    protected virtual int StateCount => 0;

    /// <summary>The learning rate as kernels read it.</summary>
    private protected Cell LearningRateCell => _learningRate;

    /// <summary>The step count as kernels read it.</summary>
    private protected Cell StepCell => _step;

    /// <summary>Takes one step along the gathered gradients and clears them. Parameters without a gradient stay as they are.</summary>
    /// <exception cref="GradientException">No parameter has a gradient.</exception>
    public void Step(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _batch.Clear();
        Device? device = null;
        for (int i = 0; i < parameters.Count; i++)
        {
            if (!parameters[i].TryGetGradient(out TensorView gradient)) continue;
            device ??= parameters[i].Device;
            if (device != parameters[i].Device)
                throw new DeviceException($"{parameters[i].Description} is on {parameters[i].Device.Name}, another parameter on {device.Name}: move the whole model with To(device).");
            _batch.Add((parameters[i], gradient));
        }
        if (device is null)
        {
            throw new GradientException(parameters.Count == 0
                ? "There are no parameters to train: the model has no weights, or isn't built yet."
                : "No parameter has a gradient: call Backward() on a loss before Step(), and check that some parameter is Trainable.");
        }
        if (_targets.Length < _batch.Count) _targets = new UpdateTarget[_batch.Count];
        for (int i = 0; i < _batch.Count; i++) _targets[i] = Target(_batch[i].Parameter, _batch[i].Gradient);
        _step.Value++;
        Update(device.Backend, _targets.AsSpan(0, _batch.Count));
        foreach ((Parameter parameter, _) in _batch)
        {
            parameter.NoteChange();
            parameter.ForgetGradient();
        }
    }

    /// <summary>Applies the algorithm to every target: its weights, gradient and states are contiguous and of one size.</summary>
    [System.Diagnostics.CodeAnalysis.Experimental(Experiments.Backends)]
    protected abstract void Update(IBackend backend, ReadOnlySpan<UpdateTarget> targets);

    private UpdateTarget Target(Parameter parameter, in TensorView gradient)
    {
        TensorView weights = parameter.View;
        if (StateCount == 0) return new UpdateTarget(weights, gradient);
        if (!_slots.TryGetValue(parameter, out Slots? slots))
        {
            slots = new Slots(parameter, StateCount);
            _slots.Add(parameter, slots);
        }
        slots.Follow(parameter);
        return new UpdateTarget(weights, gradient, slots.State0.View, slots.State1?.View ?? default);
    }

    /// <summary>What is remembered of one parameter.</summary>
    private sealed class Slots(Parameter parameter, int count)
    {
        public Parameter State0 { get; } = Make(parameter, "state_0");

        public Parameter? State1 { get; } = count > 1 ? Make(parameter, "state_1") : null;

        public void Follow(Parameter owner)
        {
            State0.MoveTo(owner.Device);
            State1?.MoveTo(owner.Device);
        }

        private static Parameter Make(Parameter owner, string name)
        {
            using (Tensor.NoGrad()) return new Parameter(name, Tensor.Zeros(owner.Shape, owner.DType, owner.Device), trainable: false);
        }
    }
}
