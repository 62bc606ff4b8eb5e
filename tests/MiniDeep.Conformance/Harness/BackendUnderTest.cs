namespace MiniDeep.Conformance;

/// <summary>What the suites need to know about a backend.</summary>
public abstract class BackendUnderTest
{
    /// <summary>The device whose backend is tested.</summary>
    public abstract Device Device { get; }

    /// <summary>Why the suites can't run on this machine; null where they can.</summary>
    public virtual string? Missing => null;

    /// <summary>The numbers of threads that must give the same bits; empty where the backend has no threads of its own.</summary>
    public virtual IReadOnlyList<int> ThreadCounts => [];

    /// <summary>Whether the fused members must do the work for the shapes that models are made of. A backend may always decline the others.</summary>
    public virtual bool MustFuse => false;

    /// <summary>One in so many cases of a test is run: more than 1 where a kernel takes thousands of times as long as on a device.</summary>
    public virtual int Thinning => 1;

    /// <summary>Uses so many threads until the result is disposed.</summary>
    public virtual IDisposable WithThreads(int count) => throw new NotSupportedException("This backend names no thread counts.");
}
