using System.Globalization;
using MiniDeep;
using MiniDeep.GpuSmoke;
using MiniDeep.GpuTests;

// gpu-smoke [conformance] [exercise3] [benchmark]: what is named, by default all, on the device of MINIDEEP_TEST_DEVICE or the best one.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] parts = ["conformance", "exercise3", "benchmark"];
if (args.Except(parts).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"There is no part '{unknown}'. gpu-smoke runs {string.Join(", ", parts)}; without a name all of them.");
    return 2;
}
foreach (GpuDevice found in Gpu.Devices) Console.WriteLine(found);
var under = new DeviceUnderTest();
if (under.Missing is { } missing)
{
    Console.WriteLine(missing);
    Console.WriteLine("conformance: not run; exercise 3: not run; benchmark: not run");
    return 1;
}
Console.WriteLine($"Runs on {under.Device}.");
bool good = true;
if (Wanted("conformance"))
{
    (int passed, int failed) = SuiteRunner.Run(Console.Out);
    Console.WriteLine($"conformance: {passed} passed, {failed} failed");
    good &= failed == 0 && passed > 500;
}
if (Wanted("exercise3")) good &= Exercise3.Run(under.Device, Console.Out);
if (Wanted("benchmark")) Benchmark.Run(under.Device, Gpu.Devices.Any(found => found.IsProcessor && Gpu.Open(found) == under.Device), Console.Out);
return good ? 0 : 1;

bool Wanted(string part) => args.Length == 0 || args.Contains(part);
