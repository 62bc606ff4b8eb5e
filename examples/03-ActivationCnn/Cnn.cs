using MiniDeep;

namespace ActivationCnn;

/// <summary>The exercise's network.</summary>
internal static class Cnn
{
    /// <summary>The name of the layer before the last.</summary>
    public const string HiddenLayer = "hidden";

    /// <summary>Two blocks of convolution and pooling, then two dense layers; the activation follows every layer but the last.</summary>
    /// <param name="imageShape">[height, width, channels], 4 x 4 pixels at least.</param>
    /// <param name="classes">The kinds of images.</param>
    /// <param name="activation">What the study compares.</param>
    /// <param name="learningRate">Adam's.</param>
    /// <param name="seed">Decides on the initial weights and on the order of the images: the same for every activation.</param>
    public static Sequential Create(Shape imageShape, int classes, Activation activation, double learningRate, long seed)
    {
        Sequential model = new Sequential(imageShape, seed: seed, name: "cnn")
            .Conv2D(16, kernelSize: 3, padding: Padding.Same, activation: activation)
            .MaxPool2D(2)
            .Conv2D(32, kernelSize: 3, padding: Padding.Same, activation: activation)
            .MaxPool2D(2)
            .Flatten()
            .Dense(128, activation, name: HiddenLayer)
            .Dense(classes, Activation.Softmax);
        model.Compile(new Adam(learningRate), Loss.SparseCategoricalCrossentropy, Metric.Accuracy);
        return model;
    }
}
