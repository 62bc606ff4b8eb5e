using System.Diagnostics;

namespace MiniDeep.Fuzz;

/// <summary>What a reader did with mutated files.</summary>
/// <param name="Read">Files that were read.</param>
/// <param name="Refused">Files that were refused with the documented exception.</param>
/// <param name="Slowest">The longest time for one.</param>
/// <param name="Fattest">The most memory beyond twice the file.</param>
internal sealed record Findings(long Read, long Refused, TimeSpan Slowest, long Fattest);

/// <summary>Gives mutated files to a reader and looks at what it does.</summary>
internal static class Fuzzer
{
    private const long Allowed = 16 << 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Runs a target.</summary>
    /// <exception cref="InvalidOperationException">An undocumented exception, too much memory or too long a time; the file is in the message's folder.</exception>
    public static Findings Run(Target target, long count, int seed)
    {
        var random = new Random(seed);
        var mutator = new Mutator(random, target.Seeds.Value, target.Words);
        foreach (byte[] sound in target.Seeds.Value) Warm(target, sound);
        long read = 0, refused = 0, fattest = long.MinValue;
        TimeSpan slowest = TimeSpan.Zero;
        for (long i = 0; i < count; i++)
        {
            byte[] file = mutator.Next();
            if (target.Repair is not null && random.Next(4) > 0) file = target.Repair([.. file]);
            long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
            try
            {
                target.Read(new MemoryStream(file));
                read++;
            }
            catch (InvalidDataFileException)
            {
                refused++;
            }
            catch (Exception error)
            {
                throw Found(target, i, file, $"{error.GetType().Name}: {error.Message}", error);
            }
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            long extra = GC.GetAllocatedBytesForCurrentThread() - before - (2L * file.Length);
            (slowest, fattest) = (time > slowest ? time : slowest, Math.Max(extra, fattest));
            if (extra > Allowed) throw Found(target, i, file, $"{extra} bytes beyond twice the file", null);
            if (time > s_limit) throw Found(target, i, file, $"{time.TotalSeconds} s", null);
        }
        return new Findings(read, refused, slowest, fattest);
    }

    /// <summary>Makes what is made once, so that no input pays for it.</summary>
    private static void Warm(Target target, byte[] file)
    {
        try
        {
            target.Read(new MemoryStream(file));
        }
        catch (InvalidDataFileException)
        {
            // a table that isn't sound under the settings that its length chooses
        }
    }

    private static InvalidOperationException Found(Target target, long number, byte[] file, string what, Exception? error)
    {
        string path = Path.Combine(Path.GetTempPath(), $"minideep-{target.Name}-{number}.bin");
        File.WriteAllBytes(path, file);
        return new InvalidOperationException($"{target.Name}, input {number} ({path}): {what}", error);
    }
}
