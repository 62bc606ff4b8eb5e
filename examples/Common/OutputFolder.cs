namespace MiniDeep.Examples;

/// <summary>Where an example puts its pictures.</summary>
public static class OutputFolder
{
    /// <summary>The folder that was asked for, otherwise the default; it need not exist.</summary>
    /// <param name="asked">The value of <c>--output</c>.</param>
    /// <param name="project">The project's name without ".csproj".</param>
    public static string Of(DirectoryInfo? asked, string project) => asked?.FullName ?? Beside(project);

    /// <summary>output/ beside the project file, wherever the example is started from; for a program that was copied away from its project, in the current folder.</summary>
    /// <param name="project">The project's name without ".csproj".</param>
    private static string Beside(string project)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, project + ".csproj"))) return Path.Combine(folder.FullName, "output");
        }
        return Path.GetFullPath("output");
    }
}
