using System.Globalization;
using MiniDeep.LongRuns;

// dotnet run -c Release --project tests/programs/LongRuns -- memory [steps [which]] | bits [threads]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int? number = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : null;
switch (args.FirstOrDefault())
{
    case "memory":
        Memory.Run(number ?? 100_000, args.ElementAtOrDefault(2) ?? "");
        return 0;
    case "bits":
        Console.WriteLine(Bits.Train(number));
        return 0;
    default:
        Console.Error.WriteLine("memory [steps [which]]: resident memory of long runs, of those whose names begin so. bits [threads]: SHA-256 of the weights after a short training.");
        return 1;
}
