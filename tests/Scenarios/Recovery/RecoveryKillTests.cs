using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Scenarios.Harness;

namespace Scenarios.Recovery;

/// <summary>The real repair and restore, killed at random moments of their run and run again: sound, with all that the damage had left.</summary>
public sealed class RecoveryKillTests(TrainedState trained, ITestOutputHelper output) : IClassFixture<TrainedState>
{
    private const int Kills = 6;
    private const int HitBytes = 60;
    private TimeSpan whole = TimeSpan.FromMilliseconds(600);

    [Fact]
    public async Task Repair_KilledAtRandomMoments_LosesNothingThatTheDamageLeft()
    {
        var random = new Random(41);
        await using var station = await trained.CopyAsync();
        var left = Damage(station.State, random);
        for (var kill = 0; kill < Kills; kill++)
        {
            var state = Path.Combine(station.Directory, $"damaged{kill}");
            await TrainedState.CopyAsync(station.State, state);
            await KillAsync(random, "repair", "--state", state);

            var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "repair", "--state", state);

            Assert.True(code == 0, said);
            await AssertSoundAsync(state);
            Assert.Equal(left.Verdicts, Payloads(state, "verdicts"));
            Assert.Equal(left.Facts, Payloads(state, "facts").Take(left.Facts.Count));
            Assert.Equal(left.Pictures, Pictures(state));
            Assert.Equal(left.Embeddings, (await File.ReadAllBytesAsync(Directory.GetFiles(Path.Combine(state, "embeddings")).Single(), TestContext.Current.CancellationToken))[..left.Embeddings.Length]);
            Assert.Contains(Directory.GetFiles(Path.Combine(state, "quarantine"), "samples.db*", SearchOption.AllDirectories), f => new FileInfo(f).Length > 0);
            await Oracles.AssertSoundAsync(state);
        }
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

        for (var kill = 0; kill < Kills; kill++) await KillAsync(random, command);
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

    // How long a run takes here is learned on the way, so that kills come at its end too.
    private async Task KillAsync(Random random, params string[] command)
    {
        var began = Stopwatch.GetTimestamp();
        await using var running = RunningProgram.Start(Repository.Appliance, command);
        // The moment itself, not a wait for something.
        await Task.Delay(whole * (0.2 + (0.8 * random.NextDouble())), TestContext.Current.CancellationToken);
        var inTime = !running.HasExited;
        if (inTime) running.Kill();
        whole *= inTime ? 1.2 : 0.8;
        await running.ExitAsync(TimeSpan.FromSeconds(30));
        output.WriteLine($"after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms: {(inTime ? "cut off" : "too late")}");
    }

    private static (List<string> Facts, List<string> Verdicts, List<(string Name, string Sha)> Pictures, byte[] Embeddings) Damage(string state, Random random)
    {
        var (facts, verdicts, pictures) = (Overwrite(state, "facts", random), Overwrite(state, "verdicts", random), Pictures(state));
        File.WriteAllText(Path.Combine(state, "pictures", pictures[0].Name), "other");
        var path = Directory.GetFiles(Path.Combine(state, "embeddings")).Single();
        var right = File.ReadAllBytes(path);
        var damaged = right.ToArray();
        damaged[14] ^= 1;
        File.WriteAllBytes(path, damaged);
        return (facts, verdicts, pictures[1..], right);
    }

    private static async Task AssertSoundAsync(string state)
    {
        var (code, said) = await RunningProgram.RunAsync(Repository.Appliance, "verify", "--state", state);
        Assert.True(code == 0, said);
    }

    private static List<(string Name, string Sha)> Pictures(string state)
    {
        var root = Path.Combine(state, "pictures");
        return [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(p => (Path.GetRelativePath(root, p), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(p)))))];
    }

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
