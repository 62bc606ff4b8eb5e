// prints: ^\.NET 10.* native: True$
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

Console.WriteLine($"{RuntimeInformation.FrameworkDescription} native: {!RuntimeFeature.IsDynamicCodeSupported}");
