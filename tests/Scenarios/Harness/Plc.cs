using System.Globalization;

namespace Scenarios.Harness;

/// <summary>
/// A subscriber whose session outlives its broker. What it gets goes to a file, a message a line, topic and payload, as the oracle reads it;
/// so that hours of messages cost no memory here.
/// </summary>
internal sealed class Plc : IAsyncDisposable
{
    private readonly RunningProgram program;

    private Plc(RunningProgram program, string file) => (this.program, File) = (program, file);

    public string File { get; }

    /// <summary>Every message so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            using var reader = Open();
            return reader.ReadToEnd().Split('\n');
        }
    }

    public static Plc Start(int port, string topic, string client, string file)
    {
        System.IO.File.WriteAllText(file, "");
        var arguments = string.Create(CultureInfo.InvariantCulture, $"-h 127.0.0.1 -p {port} -V 5 -q 1 -i {client} -c -x 3600 -v -t '{topic}'");
        return new(RunningProgram.Start("sh", ["-c", $"exec {Repository.Tool("/usr/bin/mosquitto_sub")} {arguments} >> '{file}'"]), file);
    }

    /// <summary>Waits until so many messages, from the first on, say so.</summary>
    public async Task UntilAsync(string text, TimeSpan limit, int times = 1)
    {
        using var stop = new CancellationTokenSource(limit);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var reader = Open();
        var (seen, rest) = (0, "");
        var buffer = new char[1 << 16];
        try
        {
            while (true)
            {
                // In pieces: after hours of kills the file is longer than a string may be.
                var read = await reader.ReadAsync(buffer, stop.Token);
                var lines = (rest + new string(buffer, 0, read)).Split('\n');
                rest = lines[^1];
                seen += lines[..^1].Count(l => l.Contains(text, StringComparison.Ordinal));
                if (seen >= times) return;
                if (read > 0) continue;
                if (program.HasExited) Assert.Fail("The subscriber ended:\n" + program.Output);
                await beat.WaitForNextTickAsync(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Not heard {times} times within {limit}: {text}. Last: {string.Join('\n', Lines.TakeLast(5))}");
        }
    }

    public Task UntilHeardAsync((uint Epoch, ulong Sequence) id, TimeSpan limit) =>
        UntilAsync(string.Create(CultureInfo.InvariantCulture, $"\"epoch\":{id.Epoch},\"sequence\":{id.Sequence},"), limit);

    public ValueTask DisposeAsync() => program.DisposeAsync();

    private StreamReader Open() => new(new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
}
