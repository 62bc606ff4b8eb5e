using System.Diagnostics;
using System.Globalization;

namespace MiniDeep.Benchmarks;

/// <summary>A peer that doesn't run, or doesn't answer as it should.</summary>
internal sealed class PeerException(string message) : Exception(message);

/// <summary>Another library in a process of its own, which is blocked on its input whenever it isn't asked (peers/PeerLoop.cs has the protocol).</summary>
internal sealed class Peer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly List<string> _errors = [];
    private int _threads;

    private Peer(string name, ProcessStartInfo start)
    {
        Name = name;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new PeerException($"{name} does not run: {e.Message}");
        }
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) lock (_errors) _errors.Add(line.Data);
        };
        _process.BeginErrorReadLine();
        Answer("start");
    }

    public string Name { get; }

    /// <summary>Processor time that the process has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static Peer TorchSharp(string folder)
    {
        Programs.Run("TorchSharp", new("bash", [Programs.TorchSharp, "--build"]), s_patience * 5);
        return new("TorchSharp", new("bash", [Programs.TorchSharp, folder]));
    }

    public static Peer OnnxRuntime(string folder)
    {
        string project = Programs.InRepository("benchmarks/peers/OnnxPeer");
        Programs.Run("ONNX Runtime", new("dotnet", ["build", project, "-c", "Release", "-v", "q", "--nologo"]), s_patience * 5);
        return new("ONNX Runtime", new("dotnet", [Path.Combine(project, "bin/Release/net10.0/OnnxPeer.dll"), folder]));
    }

    public static Peer NumPy() => new("NumPy", new(Programs.Python, [Programs.NumPy, Programs.Exercises]) { Environment = { ["OPENBLAS_NUM_THREADS"] = "1" } });

    public void Threads(int count)
    {
        if (_threads != count) Ask($"threads {count}");
        _threads = count;
    }

    /// <summary>Has the peer take its weights from a file.</summary>
    public void Load(string file)
    {
        Ask($"load {file}");
        _threads = 0;
    }

    /// <summary>Microseconds of one run of a case.</summary>
    public double Time(string name, int count) => Ask($"time {name} {count}")[0];

    public double[] Value(string name) => Ask($"value {name}");

    public void Dispose()
    {
        if (!_process.HasExited) _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5))) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private double[] Ask(string request)
    {
        try
        {
            _process.StandardInput.WriteLine(request);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // it has ended; its answer says why
        }
        return Answer(request);
    }

    private double[] Answer(string request)
    {
        Task<string?> read = _process.StandardOutput.ReadLineAsync();
        if (!read.Wait(s_patience)) throw new PeerException($"{Name} did not answer '{request}' within {s_patience.TotalMinutes} minutes.");
        if (read.Result is not { } line)
        {
            _process.WaitForExit(TimeSpan.FromSeconds(2));
            lock (_errors) throw new PeerException($"{Name} does not run: {Programs.Reason(_errors)}");
        }
        string[] words = line.Split(' ');
        if (words[0] != "ok") throw new PeerException($"{Name}: {line}");
        return [.. words.Skip(1).Select(static word => double.Parse(word, CultureInfo.InvariantCulture))];
    }
}
