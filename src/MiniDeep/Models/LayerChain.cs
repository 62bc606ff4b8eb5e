namespace MiniDeep;

/// <summary>Something that layers can be added to.</summary>
/// <typeparam name="TSelf">What the fluent words give back: the chain itself.</typeparam>
public interface IChain<TSelf>
    where TSelf : IChain<TSelf>
{
    /// <summary>Puts a layer at the end.</summary>
    TSelf Add(Layer layer);
}

/// <summary>The fluent words: one for each layer, for everything that is a chain.</summary>
public static class LayerChain
{
    extension<T>(T chain)
        where T : IChain<T>
    {
        /// <inheritdoc cref="MiniDeep.Dense"/>
        public T Dense(
            int units, Activation? activation = null, bool useBias = true, Initializer? kernelInitializer = null, Initializer? biasInitializer = null, string? name = null) =>
            chain.Add(Named(new Dense(units, activation, useBias, kernelInitializer, biasInitializer), name));

        /// <inheritdoc cref="MiniDeep.Conv2D(int, Size2D, Padding, Activation?, Size2D?, bool, Initializer?, Initializer?)"/>
        public T Conv2D(
            int filters, Size2D kernelSize, Padding padding = Padding.Valid, Activation? activation = null, Size2D? strides = null, bool useBias = true,
            Initializer? kernelInitializer = null, Initializer? biasInitializer = null, string? name = null) =>
            chain.Add(Named(new Conv2D(filters, kernelSize, padding, activation, strides, useBias, kernelInitializer, biasInitializer), name));

        /// <inheritdoc cref="MiniDeep.MaxPool2D"/>
        public T MaxPool2D(Size2D poolSize, Size2D? strides = null, Padding padding = Padding.Valid, string? name = null) =>
            chain.Add(Named(new MaxPool2D(poolSize, strides, padding), name));

        /// <inheritdoc cref="MiniDeep.Flatten"/>
        public T Flatten(string? name = null) => chain.Add(Named(new Flatten(), name));

        /// <inheritdoc cref="MiniDeep.Dropout"/>
        public T Dropout(double rate, string? name = null) => chain.Add(Named(new Dropout(rate), name));

        /// <inheritdoc cref="ActivationLayer"/>
        public T Activation(Activation activation, string? name = null)
        {
            ArgumentNullException.ThrowIfNull(activation);
            return chain.Add(Named(new ActivationLayer(activation), name));
        }

        /// <summary>max(0, x) as a layer.</summary>
        public T ReLU(string? name = null) => chain.Activation(MiniDeep.Activation.ReLU, name);

        /// <summary>x where it is positive, otherwise alpha x, as a layer.</summary>
        public T LeakyReLU(double alpha = 0.3, string? name = null) => chain.Activation(MiniDeep.Activation.LeakyReLU(alpha), name);

        /// <summary>x sigmoid(x) as a layer.</summary>
        public T Swish(string? name = null) => chain.Activation(MiniDeep.Activation.Swish, name);

        /// <summary>1 / (1 + e^-x) as a layer.</summary>
        public T Sigmoid(string? name = null) => chain.Activation(MiniDeep.Activation.Sigmoid, name);

        /// <summary>tanh(x) as a layer.</summary>
        public T Tanh(string? name = null) => chain.Activation(MiniDeep.Activation.Tanh, name);

        /// <summary>Softmax over the last axis as a layer.</summary>
        public T Softmax(string? name = null) => chain.Activation(MiniDeep.Activation.Softmax, name);
    }

    private static Layer Named(Layer layer, string? name)
    {
        if (name is not null) layer.Name = name;
        return layer;
    }
}
