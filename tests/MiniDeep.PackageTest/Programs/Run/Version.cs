// prints: ^MiniDeep 0\.1\.0$
using System.Reflection;

AssemblyName core = Assembly.Load("MiniDeep").GetName();
Console.WriteLine($"{core.Name} {core.Version!.ToString(3)}");
