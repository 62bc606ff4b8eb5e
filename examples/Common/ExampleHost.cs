using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Text;

namespace MiniDeep.Examples;

/// <summary>What an example's command runs with: its language and where it prints.</summary>
/// <param name="Language">The language of every text.</param>
/// <param name="Output">Standard output.</param>
/// <param name="IsTerminal">Whether somebody watches it, so that a progress bar makes sense.</param>
public sealed record Surroundings(Language Language, TextWriter Output, bool IsTerminal);

/// <summary>Runs an example: language, command line, console, and what goes wrong.</summary>
public static class ExampleHost
{
    // what shells and the GNU tools say
    private const int WrongOptions = 2;

    /// <summary>Runs on the console, in UTF-8 without a byte order mark and with "\n" on every system.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="build">Makes the command.</param>
    /// <returns>The exit code: 0, 1 after an error, 2 for options that it doesn't take, 130 where it was stopped.</returns>
    public static int Run(string[] arguments, Func<Surroundings, RootCommand> build)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected) Console.OutputEncoding = utf8;
        using var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { NewLine = "\n", AutoFlush = true };
        using var error = new StreamWriter(Console.OpenStandardError(), utf8) { NewLine = "\n", AutoFlush = true };
        // the library's progress bar prints to the console itself
        Console.SetOut(output);
        return Run(arguments, build, Console.Out, error, !Console.IsOutputRedirected);
    }

    /// <summary>Runs with other places to print to.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="build">Makes the command.</param>
    /// <param name="output">Takes what the example prints.</param>
    /// <param name="error">Takes what went wrong.</param>
    /// <param name="isTerminal">Whether the output is a terminal.</param>
    /// <returns>The exit code: 0, 1 after an error, 2 for options that it doesn't take, 130 where it was stopped.</returns>
    public static int Run(string[] arguments, Func<Surroundings, RootCommand> build, TextWriter output, TextWriter error, bool isTerminal = false)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(build);
        (CultureInfo culture, CultureInfo uiCulture) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        Language language = Language.Of(arguments, uiCulture);
        // options take 0.01 whatever the system's decimal sign is; the parser's own messages follow the language
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentUICulture = ParserCulture(language);
        try
        {
            RootCommand command = build(new Surroundings(language, output, isTerminal));
            ParseResult parsed = command.Parse(arguments);
            if (parsed.Action is ParseErrorAction complaint) (complaint.ShowHelp, complaint.ShowTypoCorrections) = (false, false);
            int code = parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
            if (parsed.Errors.Count == 0) return code;
            error.WriteLine(language.Choose("--help lists the options.", "--help donne les options."));
            return WrongOptions;
        }
        catch (Exception wrong) when (
            wrong is IOException or UnauthorizedAccessException or OutOfMemoryException or MiniDeepException or ArgumentException { ParamName: "resumeFrom" })
        {
            error.WriteLine(language.Choose("Error: ", "Erreur : ") + wrong.Message);
            return 1;
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, uiCulture);
        }
    }

    private static CultureInfo ParserCulture(Language language)
    {
        try
        {
            return CultureInfo.GetCultureInfo(language.Code);
        }
        catch (CultureNotFoundException)
        {
            return CultureInfo.InvariantCulture;
        }
    }
}
