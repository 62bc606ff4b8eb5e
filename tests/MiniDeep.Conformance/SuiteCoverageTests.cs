using System.Reflection;

namespace MiniDeep.Conformance;

/// <summary>A suite is an abstract class with tests; a backend runs it through a subclass. One that is forgotten runs nowhere.</summary>
public class SuiteCoverageTests
{
    [Fact]
    public void Every_suite_has_a_subclass_for_the_cpu()
    {
        // The made-up suites below are nested types.
        Type[] types = [.. typeof(SuiteCoverageTests).Assembly.GetTypes().Where(type => !type.IsNested)];
        Assert.Empty(WithoutSubclass(types));
    }

    [Fact]
    public void A_suite_without_a_subclass_is_found()
    {
        Assert.Equal([typeof(Orphan)], WithoutSubclass([typeof(Orphan), typeof(Covered), typeof(CoveredCpu)]));
    }

    [Fact]
    public void An_abstract_class_without_tests_is_no_suite()
    {
        Assert.Empty(WithoutSubclass([typeof(Plain)]));
    }

    private static IEnumerable<Type> WithoutSubclass(IReadOnlyCollection<Type> types) =>
        types.Where(type => type.IsAbstract && HasTests(type))
            .Where(suite => !types.Any(type => !type.IsAbstract && Derives(type, suite)));

    // xunit's [Theory] derives from [Fact].
    private static bool HasTests(Type type) => type.GetMethods().Any(method => method.GetCustomAttribute<FactAttribute>() is not null);

    private static bool Derives(Type type, Type suite)
    {
        for (Type? parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (parent == suite || (parent.IsGenericType && parent.GetGenericTypeDefinition() == suite))
            {
                return true;
            }
        }

        return false;
    }

    public abstract class Plain;

    public abstract class Orphan
    {
        [Fact]
        public void Runs_in_no_process() => Assert.Fail("An abstract class ran.");
    }

    public abstract class Covered
    {
        [Fact]
        public void Runs_through_the_subclass() => Assert.IsType<CoveredCpu>(this);
    }

    public sealed class CoveredCpu : Covered;
}
