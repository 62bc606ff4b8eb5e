using System.IO.Compression;
using System.Xml.Linq;

namespace MiniDeep.Tests;

/// <summary>What lies in the package.</summary>
[Collection(nameof(PackedPackage))]
[Trait("Speed", "Slow")]
public class PackageTests(PackedPackage package)
{
    private const int MaxBytes = 1_000_000;

    [Fact]
    public void The_package_is_small() =>
        Assert.InRange(new FileInfo(Path.Combine(package.Feed, $"MiniDeep.{package.Version}.nupkg")).Length, 1, MaxBytes);

    [Fact]
    public void The_package_holds_library_documentation_readme_and_licence()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(package.Feed, $"MiniDeep.{package.Version}.nupkg"));
        string[] files = [.. archive.Entries.Select(entry => entry.FullName)];

        foreach (string file in new[] { "lib/net10.0/MiniDeep.dll", "lib/net10.0/MiniDeep.xml", "README.md", "LICENSE" })
        {
            Assert.Contains(file, files);
        }

        Assert.Equal(["lib/net10.0/MiniDeep.dll"], files.Where(file => file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(files, file => file.StartsWith("runtimes/", StringComparison.Ordinal));
    }

    [Fact]
    public void The_package_depends_on_one_other()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(package.Feed, $"MiniDeep.{package.Version}.nupkg"));
        using Stream stream = archive.GetEntry("MiniDeep.nuspec")!.Open();
        XElement metadata = XDocument.Load(stream).Root!.Elements().Single();

        Assert.Equal(["System.Numerics.Tensors"], metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!));
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Equal("https://github.com/minideep/minideep", Value("projectUrl"));

        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
    }

    [Fact]
    public void The_symbols_are_packed_beside_it()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(package.Feed, $"MiniDeep.{package.Version}.snupkg"));
        Assert.Contains("lib/net10.0/MiniDeep.pdb", archive.Entries.Select(entry => entry.FullName));
    }
}
