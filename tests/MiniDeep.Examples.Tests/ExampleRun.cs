using System.CommandLine;
using MiniDeep.Examples;

namespace MiniDeep.Tests;

/// <summary>An example run inside the test process: what it printed and its exit code.</summary>
internal sealed record ExampleRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs exercise 1.</summary>
    public static ExampleRun Exercise1(params string[] arguments) => Of(DeepNetworkFromScratch.Program.Command, arguments);

    /// <summary>Runs exercise 2.</summary>
    public static ExampleRun Exercise2(params string[] arguments) => Of(MomentumExercise.Program.Command, arguments);

    /// <summary>Runs exercise 3.</summary>
    public static ExampleRun Exercise3(params string[] arguments) => Of(ActivationCnn.StudyCommand.Build, arguments);

    private static ExampleRun Of(Func<Surroundings, RootCommand> command, string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = ExampleHost.Run(arguments, command, output, error);
        return new ExampleRun(code, output.ToString(), error.ToString());
    }
}
