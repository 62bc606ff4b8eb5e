// Kernels write every stack buffer before they read it; zeroing it first costs more than some of them take.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
