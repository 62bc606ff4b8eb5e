namespace MiniDeep.Tests;

/// <summary>The packages as a user gets them: packed once for all tests, into a folder that is a source of packages.</summary>
[CollectionDefinition(nameof(PackedPackage))]
public sealed class PackedPackage : IDisposable, ICollectionFixture<PackedPackage>
{
    private readonly string _root = Directory.CreateTempSubdirectory("minideep-package-").FullName;
    private int _consumers;

    public PackedPackage()
    {
        // A version of its own: a package of the same version in the user's cache would be taken instead of this one.
        Version = $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}";
        Feed = Directory.CreateDirectory(Path.Combine(_root, "feed")).FullName;
        foreach (string name in (string[])["MiniDeep", "MiniDeep.Gpu"])
        {
            ChildProcess.Result pack = ChildProcess.RunDotnet(
                Repository.Root, TimeSpan.FromMinutes(3), environment: null,
                "pack", $"src/{name}/{name}.csproj", "--no-build", "-c", Repository.Configuration, "-o", Feed, $"-p:PackageVersion={Version}");
            Assert.True(pack.ExitCode == 0, $"dotnet pack ended with {pack.ExitCode}:\n{pack.Output}");
        }
    }

    public string Version { get; }

    /// <summary>The folder with the packages and their symbols.</summary>
    public string Feed { get; }

    /// <summary>An empty console project outside the repository, to which a package has been added.</summary>
    /// <returns>The project's folder.</returns>
    internal string NewConsumer(string program, string properties = "", string name = "MiniDeep")
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, $"consumer{Interlocked.Increment(ref _consumers)}")).FullName;
        File.WriteAllText(Path.Combine(folder, "consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                {properties}
              </PropertyGroup>
            </Project>
            """);

        // Without <clear/> the user's own sources stay. Packages that the user has already are read from where they are;
        // what is new, the package under test first of all, goes into the temporary folder.
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{Feed}" />
              </packageSources>
              <config>
                <add key="globalPackagesFolder" value="{Path.Combine(_root, "packages")}" />
              </config>
              <fallbackPackageFolders>
                {(Directory.Exists(UserPackages) ? $"<add key=\"user\" value=\"{UserPackages}\" />" : "")}
              </fallbackPackageFolders>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), program);

        ChildProcess.Result add = ChildProcess.RunDotnet(
            folder, TimeSpan.FromMinutes(3), environment: null, "add", "package", name, "--version", Version);
        Assert.True(add.ExitCode == 0, $"dotnet add package ended with {add.ExitCode}:\n{add.Output}");
        return folder;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string UserPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
