using System.Globalization;
using Scenarios.Harness;

namespace Scenarios.Recovery;

/// <summary>Real damage to the state of a real station: found, named, repaired by one command, and the service works again. <c>APPLIANCE_DAMAGES</c> sets how many random ones.</summary>
public sealed class DamageTests(TrainedState trained, ITestOutputHelper output) : IClassFixture<TrainedState>
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Repair_RandomFilesFlippedCutOrDeleted_FindsEachAndTheServiceWorksAgain()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("APPLIANCE_DAMAGES") ?? "12", CultureInfo.InvariantCulture);
        var random = new Random(15);
        for (var round = 0; round < rounds; round++)
        {
            await using var station = await trained.CopyAsync();
            var (path, what) = Damage(station.State, round, random);
            var found = await VerifyAsync(station.State);
            Assert.True(found.Code == 1 && found.Output.Contains(path, StringComparison.Ordinal), $"{what} of {path} was not found:\n{found.Output}");

            var repaired = await RunningProgram.RunAsync(Repository.Appliance, "repair", "--state", station.State);
            output.WriteLine($"{what} of {Path.GetRelativePath(station.State, path)}:\n{repaired.Output}");
            Assert.Equal(0, repaired.Code);
            var after = await VerifyAsync(station.State);
            Assert.True(after.Code == 0, after.Output);
            await JournalFiles.AssertIntactAsync(station.State);
            await Oracles.AssertSoundAsync(station.State);

            if (round % 4 != 0) continue;
            await station.StartAsync();
            await station.InspectAsync(5);
            Assert.Equal(0, await station.Program.TerminateAsync());
            Assert.Equal(0, (await VerifyAsync(station.State)).Code);
        }
    }

    [Fact]
    public async Task Repair_LiveModelDamaged_SetsItAsideAndTheLineGoesOnWithout()
    {
        await using var station = await trained.CopyAsync();
        var model = Directory.GetDirectories(Path.Combine(station.State, "models")).Single();
        Flip(Path.Combine(model, "head.onnx"), 0.5);
        Assert.Contains("cannot go live", (await VerifyAsync(station.State)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunningProgram.RunAsync(Repository.Appliance, "repair", "--state", station.State)).Code);
        await station.StartAsync();
        await station.InspectAsync(5);
        Assert.Null((string?)(await station.GetAsync("/api/v1/status"))["model"]);
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    [Fact]
    public async Task Run_BackboneAlteredAtTheSameLength_IsPutThereAnew()
    {
        await using var station = await trained.CopyAsync();
        Flip(Directory.GetFiles(Path.Combine(station.State, "backbones")).Single(), 0.5);
        await station.StartAsync();
        await station.InspectAsync(5);
        Assert.NotNull((string?)(await station.GetAsync("/api/v1/status"))["model"]);
        Assert.Equal(0, await station.Program.TerminateAsync());
        Assert.Equal(0, (await VerifyAsync(station.State)).Code);
    }

    [Fact]
    public async Task Run_EmbeddingFileDamaged_IsRefusedInASentenceThatNamesTheRepair()
    {
        await using var station = await trained.CopyAsync();
        Flip(Directory.GetFiles(Path.Combine(station.State, "embeddings")).Single(), 0);
        var (code, said) = await station.RefuseAsync();
        Assert.Equal(1, code);
        Assert.Contains("appliance repair", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        var (repair, repaired) = await RunningProgram.RunAsync(Repository.Appliance, "repair", "--state", station.State);
        Assert.Equal(0, repair);
        Assert.Contains("no row is lost", repaired, StringComparison.Ordinal);
        Assert.DoesNotContain("does not train", repaired, StringComparison.Ordinal);
        Assert.Equal("sound", (await VerifyAsync(station.State)).Output.TrimEnd().Split('\n')[^1]);
        await station.StartAsync();
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    [Fact]
    public async Task Repair_EmbeddingRowFlipped_ComputesTheSameValuesFromThePicture()
    {
        await using var station = await trained.CopyAsync();
        var path = Directory.GetFiles(Path.Combine(station.State, "embeddings")).Single();
        var right = await File.ReadAllBytesAsync(path, Cancellation);
        var stride = 16 + 2 * BitConverter.ToInt32(right, 12);
        var damaged = right.ToArray();
        damaged[64 + 3 * stride + 100] ^= 0x40;
        await File.WriteAllBytesAsync(path, damaged, Cancellation);

        Assert.Equal(0, (await RunningProgram.RunAsync(Repository.Appliance, "repair", "--state", station.State)).Code);

        var mended = await File.ReadAllBytesAsync(path, Cancellation);
        Assert.Equal(right.Length + stride, mended.Length);
        Assert.Equal(right.AsSpan(64 + 3 * stride, stride), mended.AsSpan(right.Length, stride));
    }

    [Fact]
    public async Task Verify_WhileTheServiceRuns_IsSoundAndRepairIsRefused()
    {
        await using var station = await trained.CopyAsync();
        await station.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var (code, said) = await VerifyAsync(station.State);
            Assert.True(code == 0, said);
            Assert.Contains("was not checked", said, StringComparison.Ordinal);
        }
        var refused = await RunningProgram.RunAsync(Repository.Appliance, "repair", "--state", station.State);
        Assert.Equal(1, refused.Code);
        Assert.Contains(station.Program.Id.ToString(CultureInfo.InvariantCulture), refused.Output, StringComparison.Ordinal);
        Assert.Equal(0, await station.Program.TerminateAsync());
    }

    private static Task<(int Code, string Output)> VerifyAsync(string state) => RunningProgram.RunAsync(Repository.Appliance, "verify", "--state", state);

    /// <summary>Every kind of file in turn; flipped, cut, overwritten or deleted.</summary>
    private static (string Path, string What) Damage(string state, int round, Random random)
    {
        string[] kinds = ["journal/facts", "journal/verdicts", "pictures", "embeddings", "evidence", "models", "backbones", "index"];
        var kind = kinds[round % kinds.Length];
        var files = Directory.GetFiles(Path.Combine(state, kind), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("-log.db", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var path = files[random.Next(files.Count)];
        // A bit of the index may mean nothing, and a journal that is cut or gone at its end looks like one that was never longer.
        var how = kind == "index" ? 1 + random.Next(2) : kind.StartsWith("journal", StringComparison.Ordinal) ? 3 * random.Next(2) : random.Next(kind == "backbones" ? 2 : 3);
        if (how == 0) Flip(path, random.NextDouble());
        else if (how == 3) Overwrite(path, random);
        else if (how == 1) Cut(path, random.NextDouble() * 0.9);
        else File.Delete(path);
        // A package is named as a whole.
        return (kind == "models" ? Path.GetDirectoryName(path)! : path, how switch { 0 => "a bit", 1 => "the end", 2 => "all", _ => "forty bytes" });
    }

    private static void Flip(string path, double place)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[(int)(place * bytes.Length)] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    private static void Overwrite(string path, Random random)
    {
        var bytes = File.ReadAllBytes(path);
        var place = random.Next(Math.Max(1, bytes.Length - 40));
        for (var i = place; i < Math.Min(bytes.Length, place + 40); i++) bytes[i] ^= (byte)(1 + random.Next(255));
        File.WriteAllBytes(path, bytes);
    }

    private static void Cut(string path, double share)
    {
        using var file = File.OpenWrite(path);
        file.SetLength((long)(file.Length * share));
    }
}
