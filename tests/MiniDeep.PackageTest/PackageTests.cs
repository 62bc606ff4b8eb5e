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
    public void The_gpu_package_depends_on_the_core_and_on_ilgpu()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(package.Feed, $"MiniDeep.Gpu.{package.Version}.nupkg"));
        using Stream stream = archive.GetEntry("MiniDeep.Gpu.nuspec")!.Open();
        XElement[] dependencies = [.. XDocument.Load(stream).Root!.Descendants().Where(element => element.Name.LocalName == "dependency")];

        Assert.Equal(["ILGPU", "ILGPU.Algorithms", "MiniDeep", "System.Numerics.Tensors"], dependencies.Select(element => (string)element.Attribute("id")!).Order(StringComparer.Ordinal));
        Assert.Equal(package.Version, (string)dependencies.Single(element => (string)element.Attribute("id")! == "MiniDeep").Attribute("version")!);
        Assert.All(dependencies.Where(element => ((string)element.Attribute("id")!).StartsWith("ILGPU", StringComparison.Ordinal)), element => Assert.Equal("[1.5.3]", (string)element.Attribute("version")!));
    }

    [Fact]
    public void The_symbols_are_packed_beside_it()
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(package.Feed, $"MiniDeep.{package.Version}.snupkg"));
        Assert.Contains("lib/net10.0/MiniDeep.pdb", archive.Entries.Select(entry => entry.FullName));
    }
}
