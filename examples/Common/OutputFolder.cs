namespace MiniDeep.Examples;

/// <summary>Where an example puts its pictures.</summary>
public static class OutputFolder
{
    /// <summary>The folder that was asked for, otherwise the default; made at once, so that a place where nothing can be written is known before the work.</summary>
    /// <param name="asked">The value of <c>--output</c>.</param>
    /// <param name="project">The project's name without ".csproj".</param>
    /// <exception cref="IOException">The folder can't be made.</exception>
    public static string Prepare(DirectoryInfo? asked, string project) => Directory.CreateDirectory(asked?.FullName ?? Beside(project)).FullName;

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
