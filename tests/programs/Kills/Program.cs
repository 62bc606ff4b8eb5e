using System.Globalization;
using MiniDeep;
using MiniDeep.Kills;

// dotnet run -c Release --project tests/programs/Kills -- random [kills [seed]] | each
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
switch (args.FirstOrDefault())
{
    case "random":
        return Drive(driver => driver.KillAtRandom(int.Parse(args.ElementAtOrDefault(1) ?? "200"), int.Parse(args.ElementAtOrDefault(2) ?? "1")));
    case "each":
        return Drive(static driver => driver.KillAtEach());
    case "run":
        Console.WriteLine(Training.Run(args[1], args.Contains("--go-on") ? static error => Console.Error.WriteLine(error.Message) : null));
        return 0;
    case "list":
        var listing = new KillingDisk(-1, Moment.Before);
        using (FileSystem.Use(listing)) Training.Run(args[1], null);
        Console.WriteLine(string.Join('\n', listing.Operations));
        return 0;
    case "kill":
        using (FileSystem.Use(new KillingDisk(int.Parse(args[2]), Enum.Parse<Moment>(args[3])))) Training.Run(args[1], null);
        return 0;
    default:
        Console.Error.WriteLine(
            "random [kills [seed]]: SIGKILL at random moments of a training, resumed and compared with an unbroken one. each: a kill before and after each operation of the disk and in the middle of each write. "
            + "run FOLDER [--go-on]: the training itself; with --go-on a checkpoint that can't be written doesn't end it.");
        return 1;
}

static int Drive(Func<Driver, bool> test)
{
    var driver = new Driver();
    bool isRight = test(driver);
    if (isRight) driver.Clear();
    return isRight ? 0 : 1;
}
