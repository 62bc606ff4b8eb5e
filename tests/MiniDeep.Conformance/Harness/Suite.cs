using MiniDeep.Reference;

namespace MiniDeep.Conformance;

/// <summary>A call of the seam, with its operands where they were put. A fused member's answer is passed on; all others did their work.</summary>
public delegate bool SeamCall(IBackend backend, TensorView[] operands);

/// <summary>
/// The base of the suites: runs a call on the backend under test and on the reference, each on its own copies of the same operands, and compares.
/// </summary>
public abstract class Suite
{
    private static readonly Device s_reference = new("reference", new ReferenceBackend());

    /// <summary>Both float types; every float operation has both.</summary>
    public static IReadOnlyList<DType> FloatTypes { get; } = [DType.Float32, DType.Float64];

    /// <summary>The integer types that computations are done in.</summary>
    public static IReadOnlyList<DType> IntegerTypes { get; } = [DType.Int32, DType.Int64, DType.UInt8];

    /// <summary>Float types as rows of a theory.</summary>
    public static TheoryData<DType> Floats { get; } = new(FloatTypes);

    protected Suite(BackendUnderTest under)
    {
        Skip.If(under.Missing is not null, under.Missing);
        Under = under;
    }

    public BackendUnderTest Under { get; }

    /// <summary>Pairs as rows of a theory.</summary>
    protected static TheoryData<T1, T2> Rows<T1, T2>(IEnumerable<(T1, T2)> pairs)
    {
        TheoryData<T1, T2> rows = [];
        foreach ((T1 first, T2 second) in pairs) rows.Add(first, second);
        return rows;
    }

    /// <summary>Runs the check for every case, or those that the backend has time for, and reports the first failures of all.</summary>
    protected void Each<T>(IEnumerable<T> cases, Action<T> check)
    {
        const int Shown = 6;
        List<string> failures = [];
        int count = 0;
        foreach (T item in cases)
        {
            if (count++ % Under.Thinning != 0) continue;
            try
            {
                check(item);
            }
            catch (Exception failure)
            {
                // A kernel may fail with any exception; each belongs to its case.
                string message = failure is Xunit.Sdk.XunitException ? failure.Message : failure.ToString();
                failures.Add($"[{item}]\n    {message}");
            }
        }
        Assert.True(count > 0, "There are no cases.");
        if (failures.Count > 0) Assert.Fail($"{failures.Count} of {count} cases fail:\n{string.Join('\n', failures.Take(Shown))}");
    }

    /// <summary>
    /// Runs a call on both backends: results within the tolerance, nothing else changed. Two entries of the operands may be the same object: in place.
    /// Null is an operand left out.
    /// </summary>
    protected void Check(Tolerance tolerance, Operand?[] operands, Action<IBackend, TensorView[]> call) =>
        CheckFused(tolerance, operands, (backend, views) =>
        {
            call(backend, views);
            return true;
        });

    /// <summary>The same for a fused member, which may decline; then it must have left everything alone. Returns whether it did the work.</summary>
    protected bool CheckFused(Tolerance tolerance, Operand?[] operands, SeamCall call)
    {
        (bool done, byte[][] actual) = Run(Under.Device, operands, call);
        if (!done)
        {
            for (int i = 0; i < operands.Length; i++)
            {
                if (operands[i] is { } operand && Operand.FirstDifference(operand.Image, actual[i]) >= 0)
                    Assert.Fail($"The call was declined, but operand {i} ({operand.Description}) was changed.");
            }
            return false;
        }

        (_, byte[][] expected) = Run(s_reference, operands, call);
        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i] is { } operand && Difference(operand, actual[i], expected[i], tolerance) is { } difference)
                Assert.Fail($"Operand {i} of ({string.Join("; ", operands.Select(o => o?.Description ?? "none"))}): {difference}");
        }
        return true;
    }

    /// <summary>Runs a call at every number of threads: all bits of all buffers must be the same.</summary>
    protected void CheckThreads(Operand?[] operands, SeamCall call)
    {
        byte[][]? first = null;
        foreach (int threads in Under.ThreadCounts)
        {
            using IDisposable setting = Under.WithThreads(threads);
            (_, byte[][] images) = Run(Under.Device, operands, call);
            first ??= images;
            for (int i = 0; i < images.Length; i++)
            {
                int difference = Operand.FirstDifference(first[i], images[i]);
                Assert.True(difference < 0, $"Operand {i} ({operands[i]?.Description}) has another byte {difference} with {threads} threads than with {Under.ThreadCounts[0]}.");
            }
        }
    }

    /// <summary>Runs a call on the backend under test and gives each operand's bytes back.</summary>
    protected byte[][] RunAlone(Operand?[] operands, SeamCall call) => Run(Under.Device, operands, call).Images;

    /// <summary>Runs a call on the reference and gives each operand's bytes back.</summary>
    protected static byte[][] RunReference(Operand?[] operands, SeamCall call) => Run(s_reference, operands, call).Images;

    private static (bool Done, byte[][] Images) Run(Device device, Operand?[] operands, SeamCall call)
    {
        IBackend backend = device.Backend;
        var views = new TensorView[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            int twin = Array.IndexOf(operands, operands[i], 0, i);
            views[i] = operands[i] is not { } operand ? default : twin >= 0 ? views[twin] : operand.Upload(device);
        }
        bool done = call(backend, views);
        backend.Synchronize();
        byte[][] images = [.. views.Select((view, i) => operands[i]?.Download(backend, view) ?? [])];
        foreach (TensorView view in views) view.Storage?.Block.Free();
        return (done, images);
    }

    private static string? Difference(Operand operand, byte[] actual, byte[] expected, Tolerance tolerance)
    {
        int intrusion = operand.FirstIntrusion(actual);
        if (intrusion >= 0)
        {
            int element = intrusion / operand.DType.Size();
            return operand.Role == Role.Input ? $"an input was changed, at element {element - operand.Offset} of its view"
                : $"written outside the view, at element {element - operand.Offset} counted from its start (the view has {operand.Positions.Length})";
        }
        if (operand.Role != Role.Result) return null;
        if (operand.DType.IsFloat()) return tolerance.FirstDifference(operand.DType, operand.Floats(actual), operand.Floats(expected));

        long[] got = operand.Integers(actual), wanted = operand.Integers(expected);
        int at = got.AsSpan().CommonPrefixLength(wanted);
        return at == got.Length ? null : $"element {at} of {got.Length} is {got[at]}, expected {wanted[at]}";
    }
}
