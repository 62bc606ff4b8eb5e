using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace MiniDeep;

/// <summary>What a driver's errors mean.</summary>
internal static class DriverErrors
{
    /// <summary>Whether the device had no memory left.</summary>
    public static bool IsOutOfMemory(Exception failure) => failure switch
    {
        CudaException cuda => cuda.Error == nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY),
        CLException cl => cl.Error is CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY or CLError.CL_INVALID_BUFFER_SIZE,
        OutOfMemoryException => true,
        _ => false,
    };

    /// <summary>Whether the exception is a driver's.</summary>
    public static bool IsDriver(Exception failure) => failure is CudaException or CLException;

    /// <summary>The driver's own name for the error.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        CudaException cuda => $"{cuda.Error}, {cuda.Message}",
        CLException cl => cl.Error.ToString(),
        _ => failure.Message,
    };
}
