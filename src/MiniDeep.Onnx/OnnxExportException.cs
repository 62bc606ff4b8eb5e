namespace MiniDeep;

/// <summary>A model that can't be written as an ONNX file: the message says which layer can't, and why.</summary>
public sealed class OnnxExportException : MiniDeepException
{
    /// <summary>An error with a message and perhaps what caused it.</summary>
    public OnnxExportException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    internal static OnnxExportException In(Layer layer, string why, Exception? inner = null) => new($"{LayerError.Name(layer)} can't be exported to ONNX: {why}", inner);
}
