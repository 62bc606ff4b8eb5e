namespace MiniDeep;

/// <summary>Whether this thread's operations remember how they were made.</summary>
internal static class GradMode
{
    [ThreadStatic] private static int t_disabled;

    public static bool IsEnabled => t_disabled == 0;

    /// <summary>Whether the result of an operation on these needs a node.</summary>
    public static bool Records(Tensor a) => a.Node is not null && t_disabled == 0;

    public static bool Records(Tensor a, Tensor b) => (a.Node is not null || b.Node is not null) && t_disabled == 0;

    public static bool Records(Tensor a, Tensor b, Tensor? c) => (a.Node is not null || b.Node is not null || c?.Node is not null) && t_disabled == 0;

    /// <summary>Stops remembering until the result is disposed of.</summary>
    public static NoGradScope Disable()
    {
        t_disabled++;
        return new NoGradScope(true);
    }

    internal static void Enable() => t_disabled--;
}

/// <summary>A stretch of code on one thread in which operations don't remember how they were made; ends with <c>Dispose</c> (a <c>using</c>).</summary>
public ref struct NoGradScope
{
    private bool _active;

    internal NoGradScope(bool active) => _active = active;

    /// <summary>Ends the stretch.</summary>
    public void Dispose()
    {
        if (!_active) return;
        _active = false;
        GradMode.Enable();
    }
}
