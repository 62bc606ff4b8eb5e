using System.Reflection;
using System.Runtime.CompilerServices;

namespace MiniDeep.PublicApi.Tests;

/// <summary>This project stands where a user stands, so it must not see more than a user sees.</summary>
public class NoInternalsTests
{
    [Fact]
    public void The_core_shows_this_project_no_internals()
    {
        string[] friends = [.. Assembly.Load("MiniDeep").GetCustomAttributes<InternalsVisibleToAttribute>().Select(friend => friend.AssemblyName)];

        Assert.Contains("MiniDeep.Tests", friends);
        Assert.DoesNotContain(Assembly.GetExecutingAssembly().GetName().Name, friends);
    }
}
