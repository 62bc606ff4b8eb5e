namespace MiniDeep.Tests.Serialization;

/// <summary>The short form of tests/programs/Kills.</summary>
public class KillTests
{
    [Fact]
    public void A_training_killed_at_any_moment_ends_as_one_that_was_not()
    {
        string program = Repository.PathTo($"tests/programs/Kills/bin/{Repository.Configuration}/net10.0/Kills.dll");
        Assert.True(File.Exists(program), $"{program} is missing: build MiniDeep.sln first.");
        ChildProcess.Result run = ChildProcess.RunDotnet(Path.GetDirectoryName(program)!, TimeSpan.FromMinutes(3), environment: null, program, "random", "5", $"{Environment.ProcessId}");
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.StartsWith("5 kills in ", run.Output);
        Assert.EndsWith("0 ended otherwise than the unbroken run", run.Output.Trim());
    }
}
