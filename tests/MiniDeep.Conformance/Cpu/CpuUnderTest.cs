namespace MiniDeep.Conformance;

/// <summary>The backend of the host.</summary>
public sealed class CpuUnderTest : BackendUnderTest
{
    public override IBackend Backend => new Reference.ReferenceBackend();
}
