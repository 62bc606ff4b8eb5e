using System.Diagnostics.CodeAnalysis;

namespace MiniDeep;

/// <summary>
/// Every size of a 2-D convolution. Images are [batch, height, width, channels], kernels [kernelHeight, kernelWidth, inChannels / groups, outChannels].
/// Padding below and to the right follows from the output's size.
/// </summary>
[Experimental(Experiments.Backends)]
public readonly record struct ConvGeometry
{
    /// <summary>Images in the batch.</summary>
    public required int Batch { get; init; }

    /// <summary>Rows of an input image.</summary>
    public required int InHeight { get; init; }

    /// <summary>Columns of an input image.</summary>
    public required int InWidth { get; init; }

    /// <summary>Channels of an input image.</summary>
    public required int InChannels { get; init; }

    /// <summary>Rows of an output image.</summary>
    public required int OutHeight { get; init; }

    /// <summary>Columns of an output image.</summary>
    public required int OutWidth { get; init; }

    /// <summary>Channels of an output image.</summary>
    public required int OutChannels { get; init; }

    /// <summary>Rows of the kernel.</summary>
    public required int KernelHeight { get; init; }

    /// <summary>Columns of the kernel.</summary>
    public required int KernelWidth { get; init; }

    /// <summary>Rows between two outputs.</summary>
    public int StrideHeight { get; init; } = 1;

    /// <summary>Columns between two outputs.</summary>
    public int StrideWidth { get; init; } = 1;

    /// <summary>Rows of zeros above the image.</summary>
    public int PadTop { get; init; }

    /// <summary>Columns of zeros left of the image.</summary>
    public int PadLeft { get; init; }

    /// <summary>Rows between two taps of the kernel.</summary>
    public int DilationHeight { get; init; } = 1;

    /// <summary>Columns between two taps of the kernel.</summary>
    public int DilationWidth { get; init; } = 1;

    /// <summary>Groups of channels that don't see each other.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Strides and dilations of 1, one group.</summary>
    public ConvGeometry()
    {
    }
}

/// <summary>Every size of a 2-D pooling over [batch, height, width, channels]. Windows may reach over the border: what lies outside doesn't count.</summary>
[Experimental(Experiments.Backends)]
public readonly record struct PoolGeometry
{
    /// <summary>Images in the batch.</summary>
    public required int Batch { get; init; }

    /// <summary>Rows of an input image.</summary>
    public required int InHeight { get; init; }

    /// <summary>Columns of an input image.</summary>
    public required int InWidth { get; init; }

    /// <summary>Channels.</summary>
    public required int Channels { get; init; }

    /// <summary>Rows of an output image.</summary>
    public required int OutHeight { get; init; }

    /// <summary>Columns of an output image.</summary>
    public required int OutWidth { get; init; }

    /// <summary>Rows of a window.</summary>
    public required int WindowHeight { get; init; }

    /// <summary>Columns of a window.</summary>
    public required int WindowWidth { get; init; }

    /// <summary>Rows between two windows.</summary>
    public required int StrideHeight { get; init; }

    /// <summary>Columns between two windows.</summary>
    public required int StrideWidth { get; init; }

    /// <summary>Rows above the image that the first window covers.</summary>
    public int PadTop { get; init; }

    /// <summary>Columns left of the image that the first window covers.</summary>
    public int PadLeft { get; init; }
}
