using System.Reflection;

namespace MiniDeep.Conformance;

/// <summary>No member of the seam, and no kind, goes untested: read from the suites' code, so that a list can't say otherwise.</summary>
public class SeamCoverageTests
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] s_suites =
        [.. typeof(Suite).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(Suite)))];

    [Fact]
    public void Every_member_of_the_seam_is_called_by_a_suite()
    {
        HashSet<string> called = [.. s_suites.SelectMany(Called)];
        Assert.NotEmpty(called);
        Assert.Empty(Members().Except(called));
    }

    /// <summary>The memory has no threads; all that computes may have.</summary>
    [Fact]
    public void Every_member_that_computes_is_run_at_several_thread_counts()
    {
        string[] memory = [nameof(IBackend.Allocate), nameof(IBackend.Upload), nameof(IBackend.Download), nameof(IBackend.Synchronize), nameof(IBackend.Prepare), "get_PoolThreshold"];
        Assert.Empty(Members().Except(memory).Except(Called(typeof(ThreadsSuite))));
    }

    [Fact]
    public void What_code_calls_is_found_and_no_more()
    {
        Assert.Equal([nameof(IBackend.Synchronize)], Called(typeof(CallsOneMember)));
    }

    private static IEnumerable<string> Members() => typeof(IBackend).GetMethods().Select(method => method.Name);

    /// <summary>The seam's members in the code of a type and of the closures that the compiler nested in it.</summary>
    private static HashSet<string> Called(Type type)
    {
        HashSet<string> names = [];
        foreach (MethodBase method in type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All)))
        {
            byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
            for (int i = 0; i + 5 <= code.Length; i++)
            {
                const byte CallVirtual = 0x6F, MemberReference = 0x0A;
                if (code[i] != CallVirtual) continue;
                int token = BitConverter.ToInt32(code, i + 1);
                // Another instruction's operand may look like a call; its token resolves to no member of the seam.
                if (token >> 24 != MemberReference) continue;
                if (Resolve(type.Module, token) is { } target && target.DeclaringType == typeof(IBackend)) names.Add(target.Name);
            }
        }
        foreach (Type nested in type.GetNestedTypes(All)) names.UnionWith(Called(nested));
        return names;
    }

    private static MethodBase? Resolve(Module module, int token)
    {
        try
        {
            return module.ResolveMethod(token);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static class CallsOneMember
    {
        public static Action<IBackend> Call { get; } = backend => backend.Synchronize();
    }
}
