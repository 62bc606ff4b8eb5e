namespace MiniDeep.Tests;

/// <summary>One C# file; its path is relative to the folder that was read, with slashes.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public int LineCount => Text.AsSpan().Count('\n') + (Text.Length == 0 || Text[^1] == '\n' ? 0 : 1);

    /// <summary>The C# files below a folder, build outputs left out.</summary>
    public static IReadOnlyList<SourceFile> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Relative: System.IO.Path.GetRelativePath(folder, file).Replace('\\', '/')))
            .Where(file => !file.Relative.Split('/').Any(part => part is "bin" or "obj" or "artifacts"))
            .OrderBy(file => file.Relative, StringComparer.Ordinal)
            .Select(file => new SourceFile(file.Relative, File.ReadAllText(file.File)))];
}
