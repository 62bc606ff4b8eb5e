namespace MiniDeep.Tests;

/// <summary>Where the repository that these tests were built from lies.</summary>
internal static class Repository
{
    /// <summary>The folder that holds MiniDeep.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release, as this test assembly was built: bin/CONFIGURATION/net10.0.</summary>
    public static string Configuration { get; } =
        new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Parent!.Name;

    /// <summary>An absolute path from one that is relative to the root and written with slashes.</summary>
    public static string PathTo(string relative) => Path.GetFullPath(Path.Combine(Root, relative));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MiniDeep.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds MiniDeep.sln: run the tests where they were built.");
    }
}
