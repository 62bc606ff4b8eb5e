namespace MiniDeep.Conformance;

/// <summary>The backend of the host.</summary>
public sealed class CpuUnderTest : BackendUnderTest
{
    public override Device Device => Device.Cpu;

    public override IReadOnlyList<int> ThreadCounts { get; } = [1, 2, 3, 4, 8];

    public override bool MustFuse => true;

    public override IDisposable WithThreads(int count) => new ThreadSetting(count);

    private sealed class ThreadSetting : IDisposable
    {
        private readonly int _before = ThreadTeam.Count;

        public ThreadSetting(int count) => ThreadTeam.Count = count;

        public void Dispose() => ThreadTeam.Count = _before;
    }
}
