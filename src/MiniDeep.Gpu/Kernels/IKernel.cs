namespace MiniDeep;

/// <summary>
/// A kernel: what one thread of the device does. All arguments are in one struct, of views and numbers. A kernel that maps elements walks them by
/// <see cref="Work.First"/> and <see cref="Work.Step"/>, so that it is right at any size of the grid.
/// </summary>
internal interface IKernel<TArgs>
    where TArgs : struct
{
    static abstract void Run(TArgs args);
}
