using System.Diagnostics;
using System.Globalization;
using MiniDeep;
using MiniDeep.Fuzz;

// dotnet run -c Release --project tests/programs/Fuzz -- READER|all [inputs [seed]]; for AFL++: afl.sh
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["afl", var reader]) return ForAfl(reader);
if (args is ["seeds", var seeded, var folder]) return WriteSeeds(seeded, folder);
Target[] targets = [.. Target.All.Where(target => args.FirstOrDefault() is "all" || target.Name == args.FirstOrDefault())];
if (targets.Length == 0)
{
    Console.Error.WriteLine($"{string.Join("|", Target.All.Select(static target => target.Name))}|all [inputs [seed]]: mutated files for a reader; by default a million, seed 1.");
    return 1;
}
foreach (Target target in targets)
{
    long start = Stopwatch.GetTimestamp();
    Findings found = Fuzzer.Run(target, long.Parse(args.ElementAtOrDefault(1) ?? "1000000"), int.Parse(args.ElementAtOrDefault(2) ?? "1"));
    Console.WriteLine(
        $"{target.Name}: {found.Read} read, {found.Refused} refused, nothing else; slowest {found.Slowest.TotalMilliseconds:F1} ms, "
        + $"at most {Math.Max(found.Fattest, 0) / 1024} KB beyond twice the file; {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
}
return 0;

static Target Find(string name) => Target.All.Single(target => target.Name == name);

// what AFL++ starts again and again; every exception but the documented one is a crash
static int ForAfl(string name)
{
    Target target = Find(name);
    SharpFuzz.Fuzzer.OutOfProcess.Run(stream =>
    {
        var file = new MemoryStream();
        stream.CopyTo(file);
        file.Position = 0;
        try
        {
            target.Read(file);
        }
        catch (InvalidDataFileException)
        {
        }
    });
    return 0;
}

static int WriteSeeds(string name, string folder)
{
    Directory.CreateDirectory(folder);
    foreach ((int number, byte[] file) in Find(name).Seeds.Value.Index()) File.WriteAllBytes(Path.Combine(folder, $"seed-{number}"), file);
    return 0;
}
