namespace MiniDeep;

/// <summary>A Forward read a value while only shapes were known.</summary>
internal sealed class ShapeInferenceException()
    : MiniDeepException("The values of a tensor were read while only its shape is known: the output shape of a layer is being found by running its Forward without data.");
