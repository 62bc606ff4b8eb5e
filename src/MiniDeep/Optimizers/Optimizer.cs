using System.Runtime.CompilerServices;

namespace MiniDeep;

/// <summary>
/// Changes parameters along their gradients. What it remembers of a parameter belongs to the pair of the two: parameters may be shared, frozen, loaded or moved between steps.
/// An algorithm of one's own overrides <see cref="Update"/>, with <see cref="StateCount"/> if it remembers something.
/// </summary>
/// <example>
/// RMSprop: a mean of squared gradients for each weight.
/// <code>
/// sealed class RmsProp(double learningRate = 0.001, double rho = 0.9) : Optimizer(learningRate)
/// {
///     protected override int StateCount => 1;
///
///     protected override void Update(Parameter parameter, Tensor gradient, IReadOnlyList&lt;Tensor&gt; state)
///     {
///         state[0].CopyFrom(rho * state[0] + (1 - rho) * gradient.Square());
///         parameter.CopyFrom(parameter - LearningRate * gradient / (state[0].Sqrt() + 1e-7));
///     }
/// }
/// </code>
/// </example>
public abstract class Optimizer
{
    private static long s_steps;

    private readonly ConditionalWeakTable<Parameter, Slots> _slots = [];
    private readonly Cell _learningRate;
    private readonly Cell _step = new();
    private Parameter[] _parameters = [];
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

    /// <summary>How many steps have been taken; in <see cref="Update"/> the one under way counts.</summary>
    public long Iterations => (long)_step.Value;

    /// <summary>How many numbers the algorithm remembers for each weight. They start at 0.</summary>
    protected virtual int StateCount => 0;

    /// <summary>The rule that backends know for the algorithm, which then runs over all parameters at once; null for one that is written in <see cref="Update"/>.</summary>
    private protected virtual UpdateRule? Rule => null;

    /// <summary>The learning rate as kernels read it.</summary>
    private protected Cell LearningRateCell => _learningRate;

    /// <summary>The step count as kernels read it.</summary>
    private protected Cell StepCell => _step;

    /// <summary>Takes one step along the gathered gradients and clears them. Parameters without a gradient stay as they are.</summary>
    /// <exception cref="GradientException">No parameter has a gradient.</exception>
    public void Step(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ReadOnlySpan<Parameter> all = parameters is Parameter[] array ? array : [.. parameters];
        if (_targets.Length < all.Length) (_parameters, _targets) = (new Parameter[all.Length], new UpdateTarget[all.Length]);
        int count = 0;
        try
        {
            Device device = Gather(all, ref count);
            _step.Value++;
            Take(device, count);
        }
        finally
        {
            // an optimizer keeps no model alive
            _parameters.AsSpan(0, count).Clear();
            _targets.AsSpan(0, count).Clear();
        }
    }

    /// <summary>How many numbers are remembered for each weight.</summary>
    internal int StatesPerWeight => StateCount;

    /// <summary>What is remembered of a parameter; empty where nothing has been yet.</summary>
    internal IReadOnlyList<Tensor> Remembered(Parameter parameter) => _slots.TryGetValue(parameter, out Slots? slots) ? slots.On(parameter.Device) : [];

    /// <summary>Goes on from what another optimizer of the kind had remembered.</summary>
    /// <param name="iterations">Its step count.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <param name="states">What it remembered of parameters; nothing of those that aren't there.</param>
    internal void Restore(long iterations, double learningRate, IReadOnlyDictionary<Parameter, Tensor[]> states)
    {
        _slots.Clear();
        foreach ((Parameter parameter, Tensor[] values) in states)
        {
            IReadOnlyList<Parameter> state = StateOf(parameter);
            for (int i = 0; i < values.Length; i++) state[i].CopyFrom(values[i]);
        }
        _step.Value = iterations;
        LearningRate = learningRate;
    }

    /// <summary>Takes a parameter's step: changes it in place along its gradient. Runs without gradients of its own.</summary>
    /// <param name="parameter">The weights; change them with <see cref="Tensor.CopyFrom(Tensor)"/>.</param>
    /// <param name="gradient">The gradient of the loss, of the same shape; valid during this call.</param>
    /// <param name="state">What is remembered of this parameter from step to step: <see cref="StateCount"/> tensors of the same shape; change them with <see cref="Tensor.CopyFrom(Tensor)"/>.</param>
    protected virtual void Update(Parameter parameter, Tensor gradient, IReadOnlyList<Tensor> state) =>
        throw new NotSupportedException($"{GetType().Name} doesn't say how a step changes a parameter: override Update.");

    /// <summary>The parameters of a step with their gradients and states, each once, and their common device.</summary>
    private Device Gather(ReadOnlySpan<Parameter> parameters, ref int count)
    {
        long step = Interlocked.Increment(ref s_steps);
        Device? device = null;
        foreach (Parameter parameter in parameters)
        {
            if (parameter is null) throw new ArgumentException("A parameter is null.", nameof(parameters));
            if (!parameter.TryGetGradient(out TensorView gradient) || !parameter.ComesFirst(step)) continue;
            device ??= parameter.Device;
            if (device != parameter.Device)
                throw new DeviceException($"{parameter.Description} is on {parameter.Device.Name}, another parameter on {device.Name}: move the whole model with To(device).");
            IReadOnlyList<Parameter> state = StateOf(parameter);
            _parameters[count] = parameter;
            _targets[count++] = new UpdateTarget(
                parameter.View, gradient, state.Count > 0 ? state[0].View : default, state.Count > 1 ? state[1].View : default);
        }
        return device ?? throw new GradientException(parameters.Length == 0
            ? "There are no parameters to train: the model has no weights, or isn't built yet."
            : "No parameter has a gradient: call Backward() on a loss before Step(), and check that some parameter is Trainable.");
    }

    private void Take(Device device, int count)
    {
        try
        {
            foreach (Parameter parameter in _parameters.AsSpan(0, count)) parameter.NoteChange();
            if (Rule is { } rule) device.Backend.Update(rule, _targets.AsSpan(0, count));
            else UpdateEach(count);
        }
        catch
        {
            _step.Value--;
            throw;
        }
        foreach (Parameter parameter in _parameters.AsSpan(0, count)) parameter.ForgetGradient();
    }

    private void UpdateEach(int count)
    {
        using (Tensor.NoGrad())
        {
            for (int i = 0; i < count; i++)
            {
                TensorView gradient = _targets[i].Gradient;
                Update(_parameters[i], new Tensor(gradient.Storage, gradient.Offset, gradient.Shape, null), StateOf(_parameters[i]));
            }
        }
    }

    private IReadOnlyList<Parameter> StateOf(Parameter parameter)
    {
        if (StateCount == 0) return [];
        if (!_slots.TryGetValue(parameter, out Slots? slots))
        {
            slots = new Slots(parameter, StateCount);
            _slots.Add(parameter, slots);
        }
        return slots.On(parameter.Device);
    }

    /// <summary>What is remembered of one parameter.</summary>
    private sealed class Slots
    {
        private readonly Parameter[] _state;

        public Slots(Parameter owner, int count)
        {
            _state = new Parameter[count];
            using (Tensor.NoGrad())
            {
                for (int i = 0; i < count; i++)
                    _state[i] = new Parameter($"state_{i}", Tensor.Zeros(owner.Shape, owner.DType, owner.Device), trainable: false);
            }
        }

        /// <summary>The state, moved after its parameter if need be.</summary>
        public Parameter[] On(Device device)
        {
            foreach (Parameter state in _state) state.MoveTo(device);
            return _state;
        }
    }
}
