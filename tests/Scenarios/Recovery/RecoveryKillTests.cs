using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Scenarios.Harness;

namespace Scenarios.Recovery;

/// <summary>The real repair and restore, killed at random moments of their run and run again: sound, with all that the damage had left.</summary>
public sealed class RecoveryKillTests(TrainedState trained, ITestOutputHelper output) : IClassFixture<TrainedState>
{
    private const int Kills = 8;
    private const int HitBytes = 60;

    [Fact]
    public async Task Repair_KilledAtRandomMoments_LosesNothingThatTheDamageLeft()
    {
        var random = new Random(41);
        await using var station = await trained.CopyAsync();
        var left = (Facts: Overwrite(station.State, "facts", random), Verdicts: Overwrite(station.State, "verdicts", random));
        var picture = Pictures(station.State).First();
        await File.WriteAllTextAsync(picture.Path, "other", TestContext.Current.CancellationToken);
        var embeddings = Directory.GetFiles(Path.Combine(station.State, "embeddings")).Single();
        var rows = await File.ReadAllBytesAsync(embeddings, TestContext.Current.CancellationToken);
        rows[14] ^= 1;
        await File.WriteAllBytesAsync(embeddings, rows, TestContext.Current.CancellationToken);
        rows[14] ^= 1;
        var kept = Pictures(station.State).Where(p => p.Path != picture.Path).ToList();

        await KillAsync(random, "repair", "--state", station.State);
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "repair", "--state", station.State);

        Assert.True(code == 0, said);
        await AssertSoundAsync(station.State);
        Assert.Equal(left.Verdicts, Payloads(station.State, "verdicts"));
        Assert.Equal(left.Facts, Payloads(station.State, "facts").Take(left.Facts.Count));
        Assert.Equal(kept, Pictures(station.State));
        Assert.Equal(rows, (await File.ReadAllBytesAsync(embeddings, TestContext.Current.CancellationToken))[..rows.Length]);
        Assert.Contains(Directory.GetFiles(Path.Combine(station.State, "quarantine"), "samples.db*", SearchOption.AllDirectories), f => new FileInfo(f).Length > 0);
        await Oracles.AssertSoundAsync(station.State);
    }

    [Fact]
    public async Task Restore_KilledAtRandomMoments_EndsInTheBackupWithTheOldStateAside()
    {
        var random = new Random(43);
        await using var station = await trained.CopyAsync();
        var tar = Path.Combine(station.Directory, "b.tar");
        Assert.Equal(0, (await RunningProgram.RunAsync(Repository.Appliance, "backup", "--state", station.State, "--to", tar)).Code);
        var backedUp = Payloads(station.State, "verdicts");
        await station.StartAsync();
        await station.InspectAsync(5);
        Assert.Equal(0, await station.Program.TerminateAsync());
        var old = Payloads(station.State, "verdicts");
        string[] command = ["restore", "--from", tar, "--state", station.State, "--replace"];

        await KillAsync(random, command);
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, command);

        Assert.True(code == 0, said);
        await AssertSoundAsync(station.State);
        Assert.Equal(backedUp, Payloads(station.State, "verdicts"));
        Assert.Contains(Directory.GetDirectories(Path.Combine(station.State, "replaced")), d => Payloads(d, "verdicts").SequenceEqual(old));
        await station.StartAsync();
        await station.InspectAsync(2);
        Assert.Equal(0, await station.Program.TerminateAsync());
        await Oracles.AssertSoundAsync(station.State);
    }

    private async Task KillAsync(Random random, params string[] command)
    {
        // How long a run takes here is learned on the way, so that kills come at its end too.
        var whole = TimeSpan.FromMilliseconds(800);
        for (var kill = 0; kill < Kills; kill++)
        {
            var began = Stopwatch.GetTimestamp();
            await using var running = RunningProgram.Start(Repository.Appliance, command);
            // The moment itself, not a wait for something.
            await Task.Delay(whole * (0.1 + (0.9 * random.NextDouble())), TestContext.Current.CancellationToken);
            var inTime = !running.HasExited;
            if (inTime) running.Kill();
            whole *= inTime ? 1.2 : 0.8;
            await running.ExitAsync(TimeSpan.FromSeconds(30));
            output.WriteLine($"kill {kill} after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms: {(inTime ? "cut off" : "too late")}");
        }
    }

    private static async Task AssertSoundAsync(string state)
    {
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "verify", "--state", state);
        Assert.True(code == 0, said);
    }

    private static List<(string Path, string Sha)> Pictures(string state) =>
        [.. Directory.GetFiles(Path.Combine(state, "pictures"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(p => (p, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(p)))))];

    private static List<string> Payloads(string state, string stream) => [.. Records(state, stream).Where(r => !r.IsLoss).Select(r => r.Payload)];

    /// <summary>Records of a healthy stream, by docs/formats.md alone.</summary>
    private static IEnumerable<(string Path, int Offset, bool IsLoss, string Payload)> Records(string state, string stream)
    {
        foreach (var path in Directory.GetFiles(Path.Combine(state, "journal", stream), "*.seg").Order(StringComparer.Ordinal))
        {
            var bytes = File.ReadAllBytes(path);
            for (var at = 128; at + 88 <= bytes.Length;)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
                yield return (path, at, bytes[at + 40] == 4, Encoding.UTF8.GetString(bytes, at + 88, length));
                at += 88 + length;
            }
        }
    }

    /// <summary>Makes one record in the middle unreadable. What the others say.</summary>
    private static List<string> Overwrite(string state, string stream, Random random)
    {
        var records = Records(state, stream).ToList();
        // Not a sample's: its picture would have nobody to ask for it.
        var hit = records.Skip(records.Count / 2).First(r => !r.Payload.Contains("\"sample\"", StringComparison.Ordinal) || stream == "verdicts" || r.Payload.Contains("\"fact\":\"label\"", StringComparison.Ordinal));
        var bytes = File.ReadAllBytes(hit.Path);
        random.NextBytes(bytes.AsSpan(hit.Offset, HitBytes));
        File.WriteAllBytes(hit.Path, bytes);
        return [.. records.Where(r => r != hit).Select(r => r.Payload)];
    }
}
